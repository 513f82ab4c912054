/* SPDX-License-Identifier: BSD-3-Clause */
/* output: where a sink's records go: a file, or a syslog server.
 *
 * Model:    open, then write batches in order, each with the place in the log behind it. `settled` says up to which place the other side surely has
 *           them: a file, what write(2) took; a connection, see output_net.c. After an error it is closed, and what is not settled must be written again.
 * Owner:    new allocates, free frees and closes. config and stop outlive it.
 * Threads:  one: the sink's own; every function may block there until the descriptor `stop` is readable: then -ECANCELED.
 * Errors:   -errno with a sentence that names the sink's file or server.
 */
#ifndef CONTROL_SINK_OUTPUT_H
#define CONTROL_SINK_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "control/config.h"

#define OUTPUT_RECORDS_MAX 4096 /* of a batch */

struct output_batch {
	const char *p;
	size_t len;
	const size_t *ends; /* of each record in p */
	unsigned n;
	uint64_t place; /* in the log, behind it */
};

struct output;

struct output_ops {
	int (*open)(struct output *o, struct err *e);
	int (*write)(struct output *o, const struct output_batch *b, struct err *e);
	/* Waits for `wake` to be readable, for at most ms; an error where the other side goes meanwhile. */
	int (*wait)(struct output *o, int wake, int ms, struct err *e);
	uint64_t (*settled)(struct output *o); /* 0: nothing since open */
	/* The process ends: a last chance to settle what was written, `stop` or not; NULL: there is none. */
	void (*end)(struct output *o);
	void (*close)(struct output *o);
	void (*free)(struct output *o);
};

struct output {
	const struct output_ops *ops;
	const struct config_sink *config;
	int stop;
	/* what open could not read again, where it goes on with what it read before; "": nothing */
	char stale[ERR_BYTES];
};

/* JSON lines; where somebody moved the file away, it is opened anew before the next batch. */
int output_file_new(const struct config_sink *config, int stop, struct output **ret, struct err *e);
/* Checks certificates and keys: -EINVAL. */
int output_net_new(const struct config_sink *config, int stop, struct output **ret, struct err *e);

/* Waits for events of fd (-1: none), of `wake` (-1: none) and of `stop`. 1: fd; 0: wake, or the time is over; -ECANCELED; -errno. */
int output_poll(const struct output *o, int fd, short events, int wake, int ms);
uint64_t output_now_ms(void);

#endif
