/* SPDX-License-Identifier: BSD-3-Clause */
/* probe: rojactl probe: begins a self-test, says how far it is, and shows its results. */
#ifndef CONTROL_CTL_PROBE_H
#define CONTROL_CTL_PROBE_H

#include "control/ctl/request.h"

/* The exit code: CTL_OTHERWISE where something passes, is harmed, or a data plane did not answer. */
int probe_run(struct request *q);

#endif
