/* SPDX-License-Identifier: BSD-3-Clause */
/* hit_proto: where a listed name or address was seen; in hits, events and the metadata fields action_<word>. */
#ifndef COMMON_HIT_PROTO_H
#define COMMON_HIT_PROTO_H

/* X(NAME, word) */
#define HIT_PROTOS(X) \
	X(TLS, tls)   \
	X(QUIC, quic) \
	X(HTTP, http) \
	X(DNS, dns)   \
	X(IP, ip)

enum hit_proto {
#define X(proto, word) HIT_##proto,
	HIT_PROTOS(X)
#undef X
	    HIT_PROTOS_N
};
extern const char *const hit_proto_names[HIT_PROTOS_N];

#endif
