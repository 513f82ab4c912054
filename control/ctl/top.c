/* SPDX-License-Identifier: BSD-3-Clause */
/* rojactl top: the data plane at work. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/quote.h"
#include "control/ctl/tools.h"
#include "control/ctl/top.h"

#define INTERVAL_MS 1000

struct options {
	struct ask ask;
	bool once;
	uint64_t interval_ms;
};

static const struct opt rows[] = {
    {.name = "once",
     .letter = '1',
     .type = OPT_FLAG,
     .off = offsetof(struct options, once),
     .help = "Print one frame, of one interval, and end: the default where the output is no terminal."},
    {.name = "interval",
     .letter = 'i',
     .type = OPT_U64,
     .arg = "MS",
     .off = offsetof(struct options, interval_ms),
     .min = 10,
     .max = 3600000,
     .help = "How long a frame looks back, and stands, in milliseconds; 1000 by default."},
    ASK_WHOM(struct options, ask),
};

const struct opt_program ctl_top_program = {
    .name = "rojactl top",
    .synopsis = "[OPTION]...",
    .about =
	"Shows what each worker and port of the data plane does now. A frame a second, until q or Ctrl-C; "
	"through restarts of the daemon, too.",
    .opts = rows,
    .n_opts = sizeof(rows) / sizeof(*rows),
    .more = "Of a worker: MPPS and GBIT/S judged, in millions and 10^9 bits a second; FLOWS under\n"
	    "inspection; HITS/S; DROPS/S, frames not forwarded because a rule says so; LOST/S,\n"
	    "frames lost to full queues; CYC/PKT, cycles a frame; BUSY%, cycles that moved frames.\n"
	    "An exclamation mark behind it: the worker has not shown a sign of life for a second.\n"
	    "Of a port: LOST/S, frames missed, damaged or not transmitted; DEAD/S, frames that the\n"
	    "kernel passed on or dropped because no worker was alive.\n"
	    "\n" ASK_EXIT_CODES,
};

struct top {
	const struct options *o;
	bool colours;
	struct top_sample before, now, grown;
};

static void swap(struct top *t)
{
	struct top_sample s = t->before;
	t->before = t->now;
	t->now = s;
}

static void wait_ms(uint64_t ms)
{
	struct timespec t = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000 * 1000000)};
	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

static void print_frame(struct top *t, FILE *out)
{
	top_difference(&t->before, &t->now, &t->grown);
	top_frame(&t->now, &t->grown, (double)(t->now.time_ns - t->before.time_ns) / 1e9, t->colours, out);
}

static int once(struct top *t, struct err *e)
{
	int err = top_sample(&t->o->ask, &t->before, e);
	if (!err) {
		wait_ms(t->o->interval_ms);
		err = top_sample(&t->o->ask, &t->now, e);
	}
	if (!err)
		print_frame(t, stdout);
	return err;
}

/* A frame, or why there is none: a daemon that restarts is what one watches for. */
static void show(struct top *t)
{
	char *text = NULL;
	size_t len = 0;
	struct err e = {""};
	FILE *out = open_memstream(&text, &len);
	if (!out)
		return;
	int err = top_sample(&t->o->ask, &t->now, &e);
	if (err)
		quote_plain(out, e.text);
	else if (t->before.pid == t->now.pid)
		print_frame(t, out);
	else
		fputs("the daemon has started anew; its first figures come in a moment", out);
	fclose(out);
	top_terminal_show(text);
	free(text);
	if (!err)
		swap(t);
}

static int live(struct top *t, struct err *e)
{
	int err = top_sample(&t->o->ask, &t->before, e);
	if (!err)
		err = top_terminal_begin(e);
	if (err)
		return err;
	top_terminal_show("the first figures come in a moment");
	while (!top_terminal_wait(t->o->interval_ms))
		show(t);
	top_terminal_end();
	return 0;
}

int ctl_top(int argc, char **argv)
{
	static struct top t;
	struct options o = {.ask = {.socket = ASK_SOCKET, .timeout_ms = ASK_TIMEOUT_MS},
			    .interval_ms = INTERVAL_MS};
	struct err e = {""};
	int n = 0, rc = opt_parse(&ctl_top_program, argc, argv, &o, argv, &n, &e);
	if (rc == OPT_DONE)
		return CTL_OK;
	if (!rc && n)
		rc = err_set(&e, -EINVAL, "\"%s\": takes no argument; see %s --help", argv[0],
			     ctl_top_program.name);
	t.o = &o;
	t.colours = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	if (!rc)
		rc = o.once || !isatty(STDOUT_FILENO) ? once(&t, &e) : live(&t, &e);
	top_sample_free(&t.before);
	top_sample_free(&t.now);
	return rc ? ask_failed("top", rc, &e) : CTL_OK;
}
