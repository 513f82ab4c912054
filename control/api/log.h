/* SPDX-License-Identifier: BSD-3-Clause */
/* log: the handlers of audit.* and hold.*; the rows are in methods_audit.c. */
#ifndef CONTROL_API_LOG_H
#define CONTROL_API_LOG_H

#include "control/api/acts.h"

typedef int log_handler(void *ctx, const json_t *params, json_t **ret, struct err *e);
/* log_look.c */
log_handler log_status_show, log_checkpoint_show;
/* log_act.c */
log_handler log_rotate_key, log_prune, log_reindex, log_cosign;
/* holds.c */
log_handler holds_list, holds_add, holds_release;

#endif
