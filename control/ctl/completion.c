/* SPDX-License-Identifier: BSD-3-Clause */
/* rojactl completion: what makes a shell ask rojactl for the words. */
#include "common/opt_complete.h"
#include "control/ctl/tools.h"

int completion_run(struct request *q)
{
	opt_shell_script((enum opt_shell)request_value(q, "shell")->choice, "rojactl", stdout);
	return CTL_OK;
}
