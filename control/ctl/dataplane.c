/* SPDX-License-Identifier: BSD-3-Clause */
/* rojactl dataplane: a command a question to the daemon. */
#include <errno.h>
#include <string.h>

#include "control/ctl/dataplane.h"

struct options {
	struct ask ask;
	bool all;
};

static const struct opt plain_rows[] = {
    ASK_JSON(struct options, ask),
    ASK_WHOM(struct options, ask),
};
static const struct opt table_rows[] = {
    {.name = "all",
     .letter = 'a',
     .type = OPT_FLAG,
     .off = offsetof(struct options, all),
     .help = "Print also the figures that are 0."},
    ASK_JSON(struct options, ask),
    ASK_WHOM(struct options, ask),
};

#define ROWS(array) .opts = array, .n_opts = sizeof(array) / sizeof(*array)

struct question {
	const char *method; /* the command's name, too */
	void (*print)(const json_t *result, bool all, FILE *out);
	struct opt_program program;
};

static const struct question questions[] = {
    {"status",
     dataplane_print_status,
     {.name = "rojactl dataplane status",
      .synopsis = "[OPTION]...",
      .about = "Says what runs, since when, and by which ruleset. Also how long ports went unwatched, and "
	       "whether packet buffers and event rings are in order.",
      ROWS(plain_rows),
      .more = ASK_EXIT_CODES}},
    {"workers",
     dataplane_print_workers,
     {.name = "rojactl dataplane workers",
      .synopsis = "[OPTION]...",
      .about = "Says what each worker has done since the start. A row a figure, a column a worker; "
	       "docs/control-socket.md says what the figures mean.",
      ROWS(table_rows),
      .more = ASK_EXIT_CODES}},
    {"ports",
     dataplane_print_ports,
     {.name = "rojactl dataplane ports",
      .synopsis = "[OPTION]...",
      .about =
	  "Says what each port has carried, and what the kernel beneath it did. A row a figure, a column a "
	  "port; docs/control-socket.md says what the figures mean.",
      ROWS(table_rows),
      .more = ASK_EXIT_CODES}},
    {"counters",
     dataplane_print_counters,
     {.name = "rojactl dataplane counters",
      .synopsis = "[OPTION]...",
      .about =
	  "Says what the pipelines have counted since the start. In all, and by worker; docs/counters.md says "
	  "what the counters mean.",
      ROWS(table_rows),
      .more = ASK_EXIT_CODES}},
};
#define QUESTIONS_N (sizeof(questions) / sizeof(*questions))

static int run_question(int argc, char **argv)
{
	const struct question *q = questions;
	while (strcmp(q->method, argv[0]))
		q++; /* it is a row: the commands below name no other */
	struct options o = {.ask = {.socket = ASK_SOCKET, .timeout_ms = ASK_TIMEOUT_MS}};
	struct err e = {""};
	json_t *result = NULL;
	int n = 0, rc = opt_parse(&q->program, argc, argv, &o, argv, &n, &e);
	if (rc == OPT_DONE)
		return CTL_OK;
	if (!rc && n)
		rc = err_set(&e, -EINVAL, "\"%s\": takes no argument; see %s --help", argv[0],
			     q->program.name);
	if (!rc)
		rc = ask(&o.ask, q->method, NULL, &result, &e);
	if (rc)
		return ask_failed(q->program.name + strlen("rojactl "), rc, &e);
	if (o.ask.json)
		dataplane_print_json(result, stdout);
	else
		q->print(result, o.all, stdout);
	json_decref(result);
	return CTL_OK;
}

static const struct ctl_command commands[] = {
    {"status", run_question, "Say what runs, since when, and by which ruleset."},
    {"workers", run_question, "Say what each worker has done."},
    {"ports", run_question, "Say what each port has carried."},
    {"counters", run_question, "Say what the pipelines have counted."},
    {"load", dataplane_load, "Give the daemon a ruleset."},
    {"events", dataplane_events, "Print the events that wait in its rings."},
};
static const struct ctl_group group = {
    .name = "rojactl dataplane",
    .about = "Asks the daemon roja-dataplane on its control socket.",
    .commands = commands,
    .n = sizeof(commands) / sizeof(*commands),
};

int ctl_dataplane(int argc, char **argv)
{
	return ctl_run(&group, argc, argv);
}
