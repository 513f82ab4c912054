/* SPDX-License-Identifier: BSD-3-Clause */
/* input: an original as its readers see it, in lines or pieces, while it is measured, digested and copied.
 *
 * Model:    one pass over a descriptor; every byte that comes goes to the digest and to the copy before a reader sees it. What is
 *           no text in UTF-8 at all (compressed, UTF-16, a NUL byte anywhere) ends it at once.
 * Owner:    the descriptor, the copy and the name are the caller's; what is handed out lives until the next call.
 * Threads:  one.
 * Limits:   max_bytes; INPUT_LINE_MAX bytes a line, of a longer one the beginning is handed out and the rest skipped;
 *           UINT32_MAX lines.
 * Errors:   0 or -errno with a sentence: -EFBIG, -EILSEQ, -ECANCELED, of read. What failed once fails from then on.
 * Cost:     INPUT_BYTES of memory, wiped by input_close.
 */
#ifndef CONTROL_FEED_INPUT_H
#define CONTROL_FEED_INPUT_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/err.h"
#include "common/span.h"
#include "rules/seal.h"

#define INPUT_BYTES    (256 * 1024)
#define INPUT_LINE_MAX (64 * 1024)
#define INPUT_DIGEST   32

struct input;

struct input_options {
	int fd;
	const char *name; /* for messages */
	uint64_t max_bytes;
	const atomic_bool *cancel; /* or NULL */
	struct seal_writer *copy;  /* or NULL */
};

struct input_line {
	uint32_t number; /* from 1 */
	bool cut;	 /* longer than INPUT_LINE_MAX */
	struct span text;
};

int input_open(const struct input_options *o, struct input **ret, struct err *e);
/* The next line without its LF or CRLF. 1: *ret set; 0: the end; -errno. */
int input_line(struct input *in, struct input_line *ret, struct err *e);
/* The next bytes, at most `most`: how many, 0: the end, -errno. */
ssize_t input_piece(struct input *in, size_t most, const uint8_t **ret, struct err *e);
uint64_t input_bytes(const struct input *in);
/* Line breaks seen, and a last line without one. */
uint64_t input_lines(const struct input *in);
/* SHA-256 of what was read. */
int input_digest(struct input *in, uint8_t ret[INPUT_DIGEST], struct err *e);
void input_close(struct input *in);

#endif
