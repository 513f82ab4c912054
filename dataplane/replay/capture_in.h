/* SPDX-License-Identifier: BSD-3-Clause */
/* capture_in: frames of a pcap or pcapng file, a burst at a time, without copying.
 *
 * Model:    files and pipes are read through one buffer. Both formats, both byte orders, microseconds and
 *           nanoseconds, several interfaces and sections (pcapng). Link types: Ethernet, raw IP, Linux cooked v1/v2,
 *           null/loopback; frames of other interfaces are skipped and counted.
 * Owner:    capture_in_open/close; frames live until the next capture_in_burst.
 * Threads:  one reader per object.
 * Limits:   CAPTURE_FRAME_MAX bytes a frame; a larger one means a damaged file.
 * Errors:   0 or -errno with a sentence naming file and byte offset. A file that ends inside a record, or is damaged
 *           there, is read as far as it goes: then burst returns 0 and `truncated` holds the sentence.
 * Cost:     a frame is copied once, from the page cache into a buffer that stays in the processor's.
 */
#ifndef DATAPLANE_REPLAY_CAPTURE_IN_H
#define DATAPLANE_REPLAY_CAPTURE_IN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "dataplane/core/packet.h"

#define CAPTURE_FRAME_MAX (256 * 1024)

struct capture_in;

/* path "-" is standard input. */
int capture_in_open(const char *path, struct capture_in **ret, struct err *e);
void capture_in_close(struct capture_in *c);

/* Up to n frames and their times (ns since the epoch). Returns how many; 0 at the end. */
unsigned capture_in_burst(struct capture_in *c, struct packet *pkts, uint64_t *times_ns, unsigned n);

struct capture_in_stats {
	uint64_t frames, bytes; /* bytes: of frames as captured */
	uint64_t skipped_link;	/* frames of an unsupported link type */
	uint64_t file_bytes, file_pos;
	const char *truncated; /* NULL, or where and how the file ended early */
};
void capture_in_stats(const struct capture_in *c, struct capture_in_stats *ret);

#endif
