/* SPDX-License-Identifier: BSD-3-Clause */
/* The input is frames: two bytes of length, the frame. What is put together decodes, inside its bounds. */
#include <stdlib.h>

#include "common/bytes.h"
#include "dataplane/core/defrag.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct defrag *df = defrag_new(8, 3);
	uint64_t now_ns = 1;
	while (df && len > 2) {
		uint32_t n = be16(p) % 2048;
		enum link link = p[0] & 0x80 ? LINK_RAW : LINK_ETHERNET;
		struct decoded d;
		const uint8_t *frame;
		uint32_t whole;
		p += 2;
		len -= 2;
		n = n > len ? (uint32_t)len : n;
		decode(p, n, link, &d);
		for (unsigned depth = 0; depth < 2 && d.kind == DECODE_FRAGMENT; depth++) {
			const uint8_t *from = depth ? frame : p;
			if (defrag_put(df, from, depth ? whole : n, link, &d, now_ns += 1000, &frame,
				       &whole) != DEFRAG_COMPLETE)
				break;
			decode(frame, whole, link, &d);
			if (d.kind <= DECODE_UDP && d.payload + d.payload_len > whole)
				abort();
			if (whole & 1)
				defrag_refuse(df);
		}
		p += n;
		len -= n;
	}
	defrag_free(df);
	return 0;
}
