/* SPDX-License-Identifier: BSD-3-Clause */
/* capture_window: the bytes of a capture from a position on, through a buffer that stays in cache.
 *
 * Model:    read() into a buffer of CAPTURE_BUFFER_BYTES. A mapping would save the copy, but
 *           each record's header, which alone tells where the next one is, would then be a miss to main memory:
 *           measured, that is slower.
 * Limits:   what is asked for at once fits the buffer.
 * Errors:   a failed read ends the capture, with its errno in `error`.
 */
#ifndef DATAPLANE_REPLAY_CAPTURE_WINDOW_H
#define DATAPLANE_REPLAY_CAPTURE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define CAPTURE_BUFFER_BYTES (2u << 20)

struct capture_window {
	const uint8_t *at;  /* the byte at `pos` */
	const uint8_t *end; /* of what is there without asking for more */
	uint64_t pos;
	uint64_t file_bytes; /* 0 for a pipe */
	uint8_t *buffer;
	int fd;
	bool full; /* more was asked for than fits behind `end` */
	bool ended;
	int error; /* errno of a failed read */
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
