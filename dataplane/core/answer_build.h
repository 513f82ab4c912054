/* SPDX-License-Identifier: BSD-3-Clause */
/* answer_build: the encapsulation of an answer, shared by answer.c and answer_icmp.c. Not for others. */
#ifndef DATAPLANE_CORE_ANSWER_BUILD_H
#define DATAPLANE_CORE_ANSWER_BUILD_H

#include "dataplane/core/answer.h"

/* A frame under construction: headers first, then what they carry, then lengths and checksums from the inside out. */
struct answer_frame {
	const struct answer_cause *cause;
	enum answer_way way;
	uint8_t *out;
	size_t cap, len;
	unsigned n; /* layers written */
	struct {
		uint8_t kind;
		size_t off;
	} at[DECODE_MAX_LAYERS];
};

/* Writes the headers down to the innermost IP header, whose protocol is `proto`. */
bool answer_headers(struct answer_frame *f, uint8_t proto);
/* Room for n more bytes, zeroed; NULL where they do not fit. */
uint8_t *answer_room(struct answer_frame *f, size_t n);
/* Sets lengths and checksums of all layers and pads; the checksum of what the innermost IP packet carries goes to
 * `checksum`, which must be zero. Returns the frame's length. */
size_t answer_finish(struct answer_frame *f, uint8_t *checksum);

#endif
