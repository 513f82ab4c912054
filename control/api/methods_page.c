/* SPDX-License-Identifier: BSD-3-Clause */
/* methods_page: docs/control-api.md from the tables of roles, methods and errors; for scripts/man. */
#include <stdio.h>

#include "common/rpc_page.h"
#include "control/api/api.h"
#include "control/api/methods.h"
#include "control/api/roles.h"

static const char intro[] =
    "# The API of roja-control\n\n"
    "`roja-control` answers on a UNIX stream socket, the key `socket` of its configuration. `rojactl` is a client of it, and so\n"
    "is whatever program of yours: all that people can do, programs can. This page is written by scripts/man from the tables\n"
    "that the daemon serves (control/api/methods_*.c, common/rpc.h).\n\n"
    "## Messages\n\n"
    "A request is one line of JSON (JSON-RPC 2.0), and so is its answer; a connection carries any number, answered in order.\n"
    "Parameters are named. A request without `id` is carried out and not answered. Batches are refused. To try it by hand:\n\n"
    "    echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}' | socat - UNIX-CONNECT:/run/roja/control.sock\n\n"
    "A request may carry one file descriptor (SCM_RIGHTS), which `list.import` reads: a regular file, open for reading. What\n"
    "takes long answers `{\"job\": N}` at once; `job.show` says what became of it, to who began it. A list is given by its name or\n"
    "its number, as a string. Times are text, as in 2026-11-26T06:00:00Z. A method `help` gives these tables as JSON.\n\n"
    "## Who may do what\n\n"
    "Who asks is what the kernel says of the peer when it connects: its user and groups. The configuration's `roles` name users\n"
    "and groups; somebody without any role gets an error and is disconnected. Each role stands for itself - an approver is no\n"
    "operator - but for viewer, which each of the others holds; root is admin. Whoever has whichever roles, nobody decides what\n"
    "they proposed themselves: two people are two user numbers.\n\n"
    "| role | may |\n| --- | --- |\n";

static void print_limits(void)
{
	printf(
	    "\nWhat is refused is in the journal: of a caller and method at once, and then once a minute with its number.\n\n");
	printf(
	    "| limit | | beyond it |\n| --- | --- | --- |\n"
	    "| bytes of a request | %zu KiB | an error; the line is skipped |\n"
	    "| bytes of an answer | %zu KiB | an error |\n"
	    "| connections of a user | `limits.connections_per_user` | an error, and the connection is closed; one of theirs that was "
	    "silent for %d s gives way |\n"
	    "| connections | `limits.connections` | who was silent for %d s, else who has the most, loses one |\n"
	    "| answers that a client does not read | %d s | the connection is closed |\n"
	    "| jobs of a user that are not done | `limits.jobs_per_user` | an error |\n\n"
	    "Of each connection one request is carried out in turn, so that no client delays another by more.\n\n",
	    RPC_REQUEST_MAX >> 10, RPC_ANSWER_MAX >> 10, API_IDLE_S, API_IDLE_S, API_STUCK_S);
}

int main(void)
{
	fputs(intro, stdout);
#define ROW(id, word, help) printf("| %s | %s |\n", word, help);
	ROLES(ROW)
#undef ROW
	print_limits();
	rpc_page_errors(stdout);
	printf("## Methods\n\nIntegers are from 0 to 2^63 - 1.\n\n");
	for (unsigned i = 0; methods_areas[i]; i++) {
		printf("## %s\n\n", methods_areas[i]->title);
		for (unsigned k = 0; k < methods_areas[i]->n; k++)
			rpc_page_method(stdout, role_words, &methods_areas[i]->rows[k]);
	}
	return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
