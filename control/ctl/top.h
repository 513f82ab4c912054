/* SPDX-License-Identifier: BSD-3-Clause */
/* top: what the data plane does each second.
 *
 * Model:    a sample is what the daemon answered at one moment; a frame shows how one sample grew over the one before. Gauges
 *           are those of the later one.
 * Limits:   TOP_WORKERS_MAX, TOP_PORTS_MAX; more are not shown.
 */
#ifndef CONTROL_CTL_TOP_H
#define CONTROL_CTL_TOP_H

#include <stdbool.h>

#include "common/dataplane_fields.h"
#include "control/ctl/ask.h"

#define TOP_WORKERS_MAX 32
#define TOP_PORTS_MAX	32
#define TOP_NAME_BYTES	16

struct top_port {
	char name[TOP_NAME_BYTES];
	bool link, guarded;
	struct dataplane_port figures;
};

struct top_sample {
	uint64_t time_ns; /* CLOCK_MONOTONIC */
	int64_t pid;
	json_t *status; /* of the method; owned */
	unsigned n_workers, n_ports;
	struct dataplane_worker workers[TOP_WORKERS_MAX];
	struct top_port ports[TOP_PORTS_MAX];
};

/* Asks the daemon; what ret held is freed, or stays where it fails. */
int top_sample(const struct ask *a, struct top_sample *ret, struct err *e);
void top_sample_free(struct top_sample *s);
/* What `now` grew by since `before`. false: they are not of one run of the daemon. */
bool top_difference(const struct top_sample *before, const struct top_sample *now, struct top_sample *ret);

/* Prints a frame, in 80 columns. */
void top_frame(const struct top_sample *now, const struct top_sample *grown, double seconds, bool colours,
	       FILE *out);

/* The terminal without line editing, on its other screen, until top_terminal_end: also at a signal. */
int top_terminal_begin(struct err *e);
void top_terminal_end(void);
/* Shows a frame, cut to the terminal's height. */
void top_terminal_show(const char *frame);
/* Waits; true: q, Ctrl-C, SIGTERM or the end of the input. */
bool top_terminal_wait(uint64_t ms);

#endif
