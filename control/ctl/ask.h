/* SPDX-License-Identifier: BSD-3-Clause */
/* ask: a question to a daemon, for the commands that have one.
 *
 * Model:    the options that all of them share, and one call.
 * Errors:   ask_failed says the sentence and answers with the exit code.
 */
#ifndef CONTROL_CTL_ASK_H
#define CONTROL_CTL_ASK_H

#include "common/rpc.h"
#include "control/ctl/ctl.h"

#define ASK_SOCKET	       "/run/roja/dataplane.sock"
#define ASK_SOCKET_CONTROL     "/run/roja/control.sock"
#define ASK_SOCKET_ENVIRONMENT "ROJA_SOCKET" /* of the control process */
#define ASK_TIMEOUT_MS	       5000
#define ASK_TIMEOUT_CONTROL_MS 20000

struct ask {
	bool json;
	const char *socket;
	uint64_t timeout_ms;
};

/* Rows of common/opt.h for the struct ask that is member `m` of options struct `s`. */
#define ASK_JSON(s, m)                                                                       \
	{                                                                                    \
		.name = "json", .letter = 'j', .type = OPT_FLAG, .off = offsetof(s, m.json), \
		.help = "Print what the daemon answered, as a line of JSON."                 \
	}
#define ASK_SOCKET_ROW(s, m, said)                                                                \
	{                                                                                         \
		.name = "socket", .letter = 's', .type = OPT_STRING, .arg = "PATH",               \
		.off = offsetof(s, m.socket), .help = "The daemon's socket; " said " by default." \
	}
#define ASK_TIMEOUT_ROW(s, m)                                                   \
	{                                                                       \
		.name = "timeout", .letter = 't', .type = OPT_U64, .arg = "MS", \
		.off = offsetof(s, m.timeout_ms), .min = 1, .max = 86400000,    \
		.help = "How long to wait for an answer, in milliseconds."      \
	}
#define ASK_WHOM(s, m) ASK_SOCKET_ROW(s, m, ASK_SOCKET), ASK_TIMEOUT_ROW(s, m)
#define ASK_WHOM_CONTROL(s, m) \
	ASK_SOCKET_ROW(s, m, "$" ASK_SOCKET_ENVIRONMENT " or " ASK_SOCKET_CONTROL), ASK_TIMEOUT_ROW(s, m)
#define ASK_EXIT_CODES                                                                         \
	"Exit codes: 0 done; 1 the daemon refused, and says why; 2 wrong usage; 3 no daemon\n" \
	"answers on the socket, or not in time.\n"

/* The socket and patience where no option says. */
struct ask ask_default(bool control);
int ask(const struct ask *a, const char *method, json_t *params, json_t **ret, struct err *e);
/* Prints "rojactl COMMAND: sentence"; the exit code that the error of ask() or of opt_parse() stands for. */
int ask_failed(const char *command, int err, const struct err *e);

#endif
