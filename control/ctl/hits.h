/* SPDX-License-Identifier: BSD-3-Clause */
/* hits: the list of hits, once or as they come. */
#ifndef CONTROL_CTL_HITS_H
#define CONTROL_CTL_HITS_H

#include "control/ctl/request.h"

int hits_run(struct request *q);

#endif
