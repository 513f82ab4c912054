/* SPDX-License-Identifier: BSD-3-Clause */
/* capture_window: the bytes of a capture from a position on, mapped or read.
 *
 * Model:    a regular file is mapped whole, faulted in ahead and given back behind; a pipe is read into a buffer that
 *           slides. Bytes before `pos` are gone once the window moves.
 * Limits:   a pipe's buffer is CAPTURE_PIPE_BYTES.
 * Errors:   a file that shrinks while it is mapped ends the program (SIGBUS), as with every mapped file.
 */
#ifndef DATAPLANE_REPLAY_CAPTURE_WINDOW_H
#define DATAPLANE_REPLAY_CAPTURE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define CAPTURE_PIPE_BYTES (8u << 20)

struct capture_window {
	const uint8_t *at;  /* the byte at `pos` */
	const uint8_t *end; /* of what is there without asking for more */
	uint64_t pos;
	uint64_t file_bytes; /* 0 for a pipe */
	uint8_t *map;
	int fd;
	uint8_t *buffer; /* a pipe's */
	bool ended;
	int error;		  /* errno of a failed read */
	uint64_t ready, released; /* mapped: faulted in up to, given back up to */
};

int capture_window_open(const char *path, struct capture_window *w, struct err *e);
void capture_window_close(struct capture_window *w);

/* Whether n bytes are there at `at`; reads on behind what is there where they are not, without moving it. */
bool capture_window_need(struct capture_window *w, size_t n);

static inline void capture_window_skip(struct capture_window *w, size_t n)
{
	w->at += n;
	w->pos += n;
}

/* Called once a burst: nothing before `at` is in use any more. */
void capture_window_settle(struct capture_window *w);

#endif
