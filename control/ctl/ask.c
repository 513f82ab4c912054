/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/ask.h"

#include <errno.h>
#include <stdlib.h>

#include "common/quote.h"

struct ask ask_default(bool control)
{
	const char *named = getenv(ASK_SOCKET_ENVIRONMENT);
	if (!control)
		return (struct ask){.socket = ASK_SOCKET, .timeout_ms = ASK_TIMEOUT_MS};
	return (struct ask){.socket = named && *named ? named : ASK_SOCKET_CONTROL,
			    .timeout_ms = ASK_TIMEOUT_CONTROL_MS};
}

int ask(const struct ask *a, const char *method, json_t *params, json_t **ret, struct err *e)
{
	return rpc_call(a->socket, method, params, (unsigned)a->timeout_ms, ret, e);
}

int ctl_fail(const char *command, const struct err *e)
{
	fprintf(stderr, "rojactl %s: ", command);
	quote_plain(stderr, e->text);
	fputc('\n', stderr);
	return CTL_FAILED;
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
