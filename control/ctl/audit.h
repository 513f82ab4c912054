/* SPDX-License-Identifier: BSD-3-Clause */
/* audit: the commands audit checkpoint and audit cosign. */
#ifndef CONTROL_CTL_AUDIT_H
#define CONTROL_CTL_AUDIT_H

#include "control/ctl/request.h"

int audit_checkpoint_run(struct request *q);
int audit_cosign_run(struct request *q);

#endif
