/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/http_lex.h"

/* The next element of a comma-separated list, trimmed; false at its end. Empty elements are passed over. */
static bool next_element(struct span *list, struct span *ret)
{
	const uint8_t *end = list->p + list->len;
	while (list->p < end) {
		const uint8_t *comma = memchr(list->p, ',', (size_t)(end - list->p));
		const uint8_t *stop = comma ? comma : end;
		*ret = lex_trim(list->p, stop);
		list->p = comma ? comma + 1 : end;
		list->len = (size_t)(end - list->p);
		if (ret->len)
			return true;
	}
	return false;
}

static bool parse_length(struct span s, uint64_t *ret)
{
	uint64_t v = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (!lex_digit(s.p[i]) || __builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	*ret = v;
	return s.len > 0;
}

static void content_length(struct http_framing *f, struct span value)
{
	struct span one;
	bool any = false;
	while (next_element(&value, &one)) {
		uint64_t v;
		any = true;
		if (!parse_length(one, &v)) {
			f->doubtful = true;
			continue;
		}
		if (f->has_length && v != f->length)
			f->doubtful = true;
		else
			f->length = v;
		f->has_length = true;
	}
	f->doubtful |= !any;
}

/* Only "chunked" as the last coding is legal; elsewhere some servers read it and others refuse. */
static void transfer_encoding(struct http_framing *f, struct span value)
{
	struct span one;
	bool last = f->has_coding && f->chunked;
	if (last)
		f->doubtful = true;
	while (next_element(&value, &one)) {
		last = one.len == 7 && lex_word(one.p, one.p + one.len, "chunked", 7);
		f->chunked |= last;
	}
	f->doubtful |= !last;
	f->has_coding = true;
}

static void connection(struct http_framing *f, struct span value)
{
	struct span one;
	while (next_element(&value, &one))
		f->connection_upgrade |= one.len == 7 && lex_word(one.p, one.p + one.len, "upgrade", 7);
}

void http_framing_field(struct http_framing *f, enum http_field field, struct span value)
{
	switch (field) {
	case HTTP_FIELD_CONTENT_LENGTH:
		content_length(f, value);
		break;
	case HTTP_FIELD_TRANSFER_ENCODING:
		transfer_encoding(f, value);
		break;
	case HTTP_FIELD_CONNECTION:
		connection(f, value);
		break;
	case HTTP_FIELD_UPGRADE:
		f->upgrade |= value.len > 0;
		break;
	default:
		break;
	}
}

void http_framing_result(const struct http_framing *f, struct http_request *r)
{
	r->ambiguous |= f->doubtful || (f->has_length && f->has_coding);
	r->body_bytes = 0;
	if (r->method.len == 7 && !memcmp(r->method.p, "CONNECT", 7)) {
		r->body = HTTP_BODY_TUNNEL;
	} else if (f->chunked) {
		r->body = HTTP_BODY_CHUNKED;
	} else if (f->has_length && f->length) {
		r->body = HTTP_BODY_LENGTH;
		r->body_bytes = f->length;
	} else {
		r->body = f->upgrade && f->connection_upgrade ? HTTP_BODY_TUNNEL : HTTP_BODY_NONE;
	}
}
