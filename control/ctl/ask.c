/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/ask.h"

#include <errno.h>

int ask(const struct ask *a, const char *method, json_t *params, json_t **ret, struct err *e)
{
	return rpc_call(a->socket, method, params, (unsigned)a->timeout_ms, ret, e);
}

int ask_failed(const char *command, int err, const struct err *e)
{
	ctl_fail(command, e);
	switch (-err) {
	case EREMOTEIO:
	case EACCES:
		return CTL_REFUSED;
	case EINVAL:
	case ENAMETOOLONG:
		return CTL_FAILED;
	default:
		return CTL_NO_DAEMON;
	}
}
