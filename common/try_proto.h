/* SPDX-License-Identifier: BSD-3-Clause */
/* try_proto: in what a self-test's request is made; as the method `probe` takes its word. Each is seen as a hit in one of hit_proto.h. */
#ifndef COMMON_TRY_PROTO_H
#define COMMON_TRY_PROTO_H

#include "common/hit_proto.h"

/* X(NAME, word, HIT) */
#define TRY_PROTOS(X)              \
	X(TLS, "tls", TLS)         \
	X(QUIC, "quic", QUIC)      \
	X(HTTP, "http", HTTP)      \
	X(DNS, "dns", DNS)         \
	X(DNS_TCP, "dns-tcp", DNS) \
	X(IP, "ip", IP)

enum try_proto {
#define X(proto, word, hit) TRY_##proto,
	TRY_PROTOS(X)
#undef X
	    TRY_PROTOS_N
};

struct try_proto_row {
	const char *word;
	enum hit_proto hit;
};
extern const struct try_proto_row try_protos[TRY_PROTOS_N];

#endif
