/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_frame: Ethernet frames with right checksums into a classic capture file.
 *
 * Model:    the payload is written where it will lie: gen_out_payload says where, gen_out_tcp or gen_out_udp put the
 *           record and the headers before it. Time advances with the bytes, as on a full link.
 * Owner:    gen_out_open/close; `path` "-" is standard output.
 * Errors:   0 or -errno with a sentence; a failed write is remembered and reported by close.
 */
#ifndef PERF_GEN_FRAME_H
#define PERF_GEN_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_PSH 0x08
#define TCP_ACK 0x10

struct gen_ends { /* [0] the client, [1] the server */
	uint8_t addr[2][16];
	uint16_t port[2];
	bool v6;
};

struct gen_out {
	int fd, failed;
	bool nanoseconds;
	uint8_t *buf;
	size_t n;
	uint64_t now_ns, ns_per_kilobyte;
	uint64_t bytes, frames, frame_bytes;
};

struct gen_tcp_header {
	uint8_t flags;
	uint32_t seq, ack;
};

int gen_out_open(struct gen_out *o, const char *path, bool nanoseconds, uint64_t gigabits, struct err *e);
int gen_out_close(struct gen_out *o, struct err *e);

/* Room for GEN_PAYLOAD_MAX bytes of the next frame's payload. */
uint8_t *gen_out_payload(struct gen_out *o, const struct gen_ends *e, bool tcp, uint8_t tcp_flags);
/* The frame around `len` bytes there; `to` 1: from client to server. */
void gen_out_tcp(struct gen_out *o, const struct gen_ends *e, bool to_client, const struct gen_tcp_header *h,
		 size_t len);
void gen_out_udp(struct gen_out *o, const struct gen_ends *e, bool to_client, size_t len);

/* Payload bytes of a full segment. */
static inline uint32_t gen_mss(const struct gen_ends *e)
{
	return e->v6 ? 1428 : 1448;
}

#endif
