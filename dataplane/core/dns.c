/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/dns.h"

enum {
	HEADER_BYTES = 12,
	QUERY_MIN = HEADER_BYTES + 1 + 4,
	LABEL_MAX = 63,
	WIRE_NAME_MAX = 255,
	POINTER = 0xc0,
	TYPE_OPT = 41,
	FLAGS_NOT_A_STANDARD_QUERY = 0xf800, /* QR, opcode */
	OPT_DNSSEC_OK = 0x8000,
	ADDITIONAL_MAX = 16,
};

/* Whether the first n bytes of the header can be those of a query with one question. */
static bool header_plausible(const uint8_t *p, size_t n)
{
	static const uint8_t counts[6] = {0, 1, 0, 0, 0, 0}; /* questions, answers, authority */
	if (n > 2 && p[2] & FLAGS_NOT_A_STANDARD_QUERY >> 8)
		return false;
	for (size_t i = 4; i < n && i < 10; i++)
		if (p[i] != counts[i - 4])
			return false;
	return true;
}

/* RFC 1035 3.1, without compression. */
static bool read_name(struct cursor *c, struct dns_query *q)
{
	const uint8_t *first = c->p;
	uint8_t label, n = 0;
	struct span s;
	while (cursor_u8(c, &label) && label) {
		if (label > LABEL_MAX || !cursor_span(c, label, &s) || c->p - first >= WIRE_NAME_MAX)
			return false;
		if (n)
			q->name[n++] = '.';
		for (size_t i = 0; i < s.len; i++) {
			if (s.p[i] == '.' || s.p[i] == 0)
				return false;
			q->name[n++] = s.p[i];
		}
	}
	q->name_len = n;
	return c->p > first && c->p[-1] == 0;
}

static bool skip_name(struct cursor *c)
{
	uint8_t label;
	while (cursor_u8(c, &label)) {
		if (label == 0)
			return true;
		if (label >= POINTER)
			return cursor_skip(c, 1);
		if (label > LABEL_MAX || !cursor_skip(c, label))
			return false;
	}
	return false;
}

static bool read_additional(struct cursor *c, struct dns_query *q)
{
	uint16_t type, class, data;
	uint32_t ttl;
	bool root = cursor_left(c) && c->p[0] == 0;
	if (!skip_name(c) || !cursor_be16(c, &type) || !cursor_be16(c, &class) || !cursor_be32(c, &ttl) ||
	    !cursor_be16(c, &data) || !cursor_skip(c, data))
		return false;
	if (type == TYPE_OPT) {
		q->edns = true;
		q->udp_size = class;
		q->dnssec_ok = ttl & OPT_DNSSEC_OK;
		return root;
	}
	return true;
}

enum parse dns_query_parse(const uint8_t *p, size_t len, struct dns_query *ret)
{
	struct cursor c = cursor_over(p, len);
	uint16_t additional;
	if (len < QUERY_MIN || !header_plausible(p, len))
		return PARSE_NOT_MINE;
	ret->id = be16(p);
	ret->flags = be16(p + 2);
	additional = be16(p + 10);
	ret->edns = false;
	ret->dnssec_ok = false;
	ret->udp_size = 0;
	if (additional > ADDITIONAL_MAX || !cursor_skip(&c, HEADER_BYTES) || !read_name(&c, ret) ||
	    !cursor_be16(&c, &ret->qtype) || !cursor_be16(&c, &ret->qclass))
		return PARSE_NOT_MINE;
	ret->question = (struct span){p + HEADER_BYTES, (size_t)(c.p - p) - HEADER_BYTES};
	for (unsigned i = 0; i < additional; i++)
		if (!read_additional(&c, ret))
			return PARSE_NOT_MINE;
	return cursor_left(&c) ? PARSE_NOT_MINE : PARSE_OK;
}

enum parse dns_query_parse_tcp(const uint8_t *p, size_t len, struct dns_query *ret, size_t *ret_used)
{
	*ret_used = 2 + QUERY_MIN;
	if (len < 2)
		return PARSE_MORE;
	size_t message = be16(p);
	if (message < QUERY_MIN || !header_plausible(p + 2, len - 2))
		return PARSE_NOT_MINE;
	*ret_used = 2 + message;
	if (len < *ret_used)
		return PARSE_MORE;
	return dns_query_parse(p + 2, message, ret);
}
