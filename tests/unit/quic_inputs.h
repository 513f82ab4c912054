/* SPDX-License-Identifier: BSD-3-Clause */
/* quic_inputs: what the suites over quic_crypto share; `qc` is the suite's. */
#ifndef TESTS_UNIT_QUIC_INPUTS_H
#define TESTS_UNIT_QUIC_INPUTS_H

#include "dataplane/core/quic.h"
#include "tests/unit/harness.h"

#define V1 0x00000001u
#define V2 0x6b3343cfu

static struct quic_crypto *qc;

static inline struct span span_of(const void *p, size_t len)
{
	return (struct span){p, len};
}

static inline bool same(struct span s, const void *p, size_t len)
{
	return s.len == len && (len == 0 || !memcmp(s.p, p, len));
}

static const uint8_t cid[8] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};

static inline struct quic_keys keys(uint32_t version, bool server)
{
	struct quic_keys k;
	quic_keys_derive(qc, version, cid, sizeof(cid), server, &k);
	return k;
}

/* A client Initial of `frames` in 1,200 bytes. */
static inline size_t initial(uint32_t version, uint64_t pn, const void *frames, size_t len, uint8_t out[1500])
{
	struct quic_keys k = keys(version, false);
	return quic_initial_build(qc, version, span_of(cid, sizeof(cid)), span_of(NULL, 0), span_of(NULL, 0),
				  &k, pn, span_of(frames, len), 1200, out, 1500);
}

#endif
