/* SPDX-License-Identifier: BSD-3-Clause */
/* tools: commands that need no daemon, or bring their own options. */
#ifndef CONTROL_CTL_TOOLS_H
#define CONTROL_CTL_TOOLS_H

#include "control/ctl/request.h"

extern const struct opt_program ctl_test_program, ctl_compile_program, ctl_top_program,
    dataplane_load_program, dataplane_events_program;

/* Runs the daemon's own check. */
int config_check_run(struct request *q);
int completion_run(struct request *q);
int shell_run(struct request *q);

#endif
