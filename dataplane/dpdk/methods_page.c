/* SPDX-License-Identifier: BSD-3-Clause */
/* methods_page: docs/control-socket.md from the tables of methods, parameters, results and errors; for scripts/man. */
#include <stdio.h>
#include <string.h>

#include "common/rpc_page.h"
#include "dataplane/dpdk/control_socket.h"

static void print_intro(void)
{
	printf(
	    "# The control socket\n\n"
	    "`roja-dataplane` answers on a UNIX stream socket, the key `socket` of its configuration. `rojactl "
	    "dataplane` and\n`rojactl top` are clients of it. This page is written by scripts/man from the "
	    "tables that the daemon serves\n(dataplane/dpdk/methods.c, common/rpc.h, "
	    "common/dataplane_fields.h).\n\n"
	    "## Messages\n\n"
	    "A request is one line of JSON (JSON-RPC 2.0), and so is its answer; a connection carries any "
	    "number, answered in order:\n\n"
	    "    {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ruleset.load\",\"params\":{\"path\":\"/var/lib/roja/"
	    "active.roja\"}}\n\n"
	    "Parameters are named. A request without `id` is carried out and not answered. Batches are "
	    "refused. To try it by hand:\n\n"
	    "    echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}' | socat - "
	    "UNIX-CONNECT:/run/roja/dataplane.sock\n\n"
	    "## Who may ask, and how much\n\n"
	    "The socket file has mode 0660. Root, the daemon's user and members of its group are let in, by the "
	    "credentials that the\nkernel knows of the peer; others get an error and are disconnected. A socket "
	    "file that a dead daemon left is replaced; one\non which a daemon answers is not.\n\n");
	printf("| limit | | beyond it |\n| --- | --- | --- |\n"
	       "| bytes of a request | %zu KiB | an error; the line is skipped |\n"
	       "| bytes of an answer | %zu KiB | an error |\n"
	       "| bytes of answers that a client has not read | %zu KiB | nothing more is read from it |\n"
	       "| connections | %u | the one that was silent for the longest is closed |\n\n",
	       RPC_REQUEST_MAX >> 10, RPC_ANSWER_MAX >> 10, RPC_UNSENT_MAX >> 10, CONTROL_CONNECTIONS_MAX);
}

static void print_guard(void)
{
	printf("Its `guard` holds:\n\n| member | meaning |\n| --- | --- |\n");
	for (size_t i = 0; i < PORT_GUARD_FIELDS_N; i++)
		printf("| %s | %s |\n", port_guard_fields[i].name, port_guard_fields[i].help);
	printf("\n");
}

int main(void)
{
	print_intro();
	rpc_page_errors(stdout);
	printf(
	    "## Methods\n\nFigures are counted from the start of the daemon, but for those of `guard`, which "
	    "outlive it. Integers are from 0 to 2^63 - 1.\nA method `help` gives these tables as JSON.\n\n");
	for (unsigned i = 0; i < dataplane_methods_n; i++) {
		rpc_page_method(stdout, NULL, &dataplane_methods[i]);
		if (!strcmp(dataplane_methods[i].name, "ports"))
			print_guard();
	}
	return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
