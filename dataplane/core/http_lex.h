/* SPDX-License-Identifier: BSD-3-Clause */
/* http_lex: what the files of http share: character classes as servers read them, and the fields that matter.
 */
#ifndef DATAPLANE_CORE_HTTP_LEX_H
#define DATAPLANE_CORE_HTTP_LEX_H

#include "dataplane/core/http.h"

#define HTTP_LEADING_MAX 1024 /* bytes of empty lines and blanks before a request */

static inline bool lex_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

static inline bool lex_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool lex_alpha(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26;
}

static inline bool lex_digit(uint8_t c)
{
	return (uint8_t)(c - '0') < 10;
}

/* tchar of RFC 9110 5.6.2, one bit a character. */
static inline bool lex_token(uint8_t c)
{
	static const uint64_t set[4] = {0x03ff6cfa00000000, 0x57ffffffc7fffffe, 0, 0};
	return set[c >> 6] >> (c & 63) & 1;
}

/* Whether p begins with the lower-case word of n bytes, in any case. */
static inline bool lex_word(const uint8_t *p, const uint8_t *end, const char *word, size_t n)
{
	if ((size_t)(end - p) < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint8_t c = p[i];
		if (c != (uint8_t)word[i] && !(lex_alpha(c) && (c | 0x20) == (uint8_t)word[i]))
			return false;
	}
	return true;
}

static inline struct span lex_trim(const uint8_t *p, const uint8_t *end)
{
	while (p < end && lex_space(*p))
		p++;
	while (p < end && lex_space(end[-1]))
		end--;
	return (struct span){p, (size_t)(end - p)};
}

/* How many leading bytes of a stream are blanks and empty lines; more than HTTP_LEADING_MAX where there are
 * too many. */
size_t http_leading(const uint8_t *p, size_t len);

enum http_field {
	HTTP_FIELD_OTHER,
	HTTP_FIELD_HOST,
	HTTP_FIELD_ACCEPT_LANGUAGE,
	HTTP_FIELD_CONTENT_LENGTH,
	HTTP_FIELD_TRANSFER_ENCODING,
	HTTP_FIELD_CONNECTION,
	HTTP_FIELD_UPGRADE,
};

/* What the fields say of the body (RFC 9112 6), gathered field by field. */
struct http_framing {
	uint64_t length;
	bool has_length, has_coding, chunked, upgrade, connection_upgrade, doubtful;
};

void http_framing_field(struct http_framing *f, enum http_field field, struct span value);
/* Sets body, body_bytes and ambiguous. */
void http_framing_result(const struct http_framing *f, struct http_request *r);

#endif
