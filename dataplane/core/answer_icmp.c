/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "dataplane/core/answer_build.h"

#define ICMP_BYTES    8
#define QUOTE4_BYTES  548  /* RFC 1812 4.3.2.3: the whole error within 576 */
#define QUOTE6_BYTES  1232 /* RFC 4443 2.4: within 1,280 */
#define ICMP4_UNREACH 3
#define ICMP4_ADMIN   13
#define ICMP6_UNREACH 1
#define ICMP6_ADMIN   1

/* An error must never answer an error. */
static bool is_icmp_error(const struct answer_cause *c)
{
	static const uint8_t errors4[] = {3, 4, 5, 11, 12};
	bool icmp4 = c->d.version == 4 && c->d.proto == 1, icmp6 = c->d.version == 6 && c->d.proto == 58;
	if (!icmp4 && !icmp6)
		return false;
	if (c->d.l4 >= c->len)
		return true;
	uint8_t type = c->frame[c->d.l4];
	return icmp6 ? type < 128 : memchr(errors4, type, sizeof(errors4)) != NULL;
}

size_t answer_icmp(const struct answer_cause *c, uint8_t *out, size_t cap)
{
	struct answer_frame f = {.cause = c, .way = ANSWER_BACK, .out = out, .cap = cap};
	bool v6 = c->d.version == 6;
	if (c->d.kind > DECODE_FRAGMENT || (c->d.kind == DECODE_FRAGMENT && c->d.frag_off) ||
	    is_icmp_error(c) || !answer_headers(&f, v6 ? 58 : 1))
		return 0;
	size_t quote = c->len - c->d.l3, most = v6 ? QUOTE6_BYTES : QUOTE4_BYTES;
	if (c->d.payload + c->d.payload_len - c->d.l3 < quote && c->d.kind != DECODE_OTHER)
		quote = c->d.payload + c->d.payload_len - c->d.l3; /* without padding */
	if (quote > most)
		quote = most;
	uint8_t *icmp = answer_room(&f, ICMP_BYTES), *data = icmp ? answer_room(&f, quote) : NULL;
	if (!data)
		return 0;
	icmp[0] = v6 ? ICMP6_UNREACH : ICMP4_UNREACH;
	icmp[1] = v6 ? ICMP6_ADMIN : ICMP4_ADMIN;
	memcpy(data, c->frame + c->d.l3, quote);
	return answer_finish(&f, icmp + 2);
}
