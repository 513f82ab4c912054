/* SPDX-License-Identifier: BSD-3-Clause */
/* decide: the handlers of proposal.*, exception.*, override.*, stop.* and version.*; the rows are in methods_decide.c. */
#ifndef CONTROL_API_DECIDE_H
#define CONTROL_API_DECIDE_H

#include "control/api/acts.h"

typedef int decide_handler(void *ctx, const json_t *params, json_t **ret, struct err *e);
/* decide_look.c */
decide_handler proposals_list, proposals_show;
/* decide_proposals.c */
decide_handler proposals_approve, proposals_refuse, proposals_withdraw;
/* decide_exempt.c */
decide_handler exceptions_list, exceptions_add, exceptions_remove;
decide_handler overrides_list, overrides_add, overrides_remove;
/* decide_stops.c */
decide_handler stops_list, stops_add, stops_confirm, stops_end;
/* decide_versions.c */
decide_handler versions_list, versions_show, versions_rollback;

#endif
