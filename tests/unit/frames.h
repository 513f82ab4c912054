/* SPDX-License-Identifier: BSD-3-Clause */
/* frames: frames for pipeline tests: Ethernet, IPv4, TCP or UDP, with right checksums. */
#ifndef TESTS_UNIT_FRAMES_H
#define TESTS_UNIT_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };

struct frame {
	uint8_t bytes[2048];
	uint32_t len;
};

/* The client is 192.0.2.1, the server 198.51.100.1:443; `from_server` turns the direction. */
struct frame frame_tcp(uint16_t client_port, bool from_server, uint8_t flags, uint32_t seq, uint32_t ack,
		       const void *data, size_t len);
struct frame frame_udp(uint16_t client_port, uint16_t server_port, bool from_server, const void *data,
		       size_t len);

/* A ClientHello for `name` in out: with the record header, or bare for QUIC. `pad` bytes of a padding extension. */
size_t hello_build(const char *name, size_t pad, bool bare, uint8_t *out);

#endif
