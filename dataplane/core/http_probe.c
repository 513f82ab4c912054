/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/http.h"
#include "dataplane/core/http_lex.h"

#define METHOD_MAX 32

/* IANA HTTP Method Registry; PRI is the HTTP/2 preface. */
/* clang-format off */
static const char *const methods[] = {
	"ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET",
	"HEAD", "LABEL", "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF",
	"MKWORKSPACE", "MOVE", "OPTIONS", "ORDERPATCH", "PATCH", "POST", "PRI", "PROPFIND", "PROPPATCH",
	"PUT", "QUERY", "REBIND", "REPORT", "SEARCH", "TRACE", "UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK",
	"UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL",
};
/* clang-format on */

/* Whether n bytes are a registered method, or the beginning of one. */
static bool registered(const uint8_t *p, size_t n, bool whole)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		const char *m = methods[i];
		if (m[0] == (char)p[0] && strlen(m) >= n && !memcmp(m, p, n) && (!whole || m[n] == 0))
			return true;
	}
	return false;
}

static bool begins_target(uint8_t c, bool strict)
{
	if (strict)
		return c == '/' || c == '*' || c == '[' || lex_alpha(c) || lex_digit(c);
	return c > ' ' && c != 0x7f;
}

size_t http_leading(const uint8_t *p, size_t len)
{
	size_t n = 0;
	while (n < len && n <= HTTP_LEADING_MAX && (lex_blank(p[n]) || p[n] == '\r' || p[n] == '\n'))
		n++;
	return n;
}

enum parse http_probe(const uint8_t *p, size_t len, bool strict)
{
	size_t at = 0, method;
	if (len == 0)
		return PARSE_MORE;
	if (strict) {
		while (at < len && at < 4 && (p[at] == '\r' || p[at] == '\n'))
			at++;
		if (at < len && (uint8_t)(p[at] - 'A') > 'Z' - 'A')
			return PARSE_NOT_MINE;
	} else {
		at = http_leading(p, len);
		if (at > HTTP_LEADING_MAX)
			return PARSE_NOT_MINE;
	}
	for (method = at; at < len && lex_token(p[at]); at++)
		if (at - method == METHOD_MAX)
			return PARSE_NOT_MINE;
	if (at == method && at < len)
		return PARSE_NOT_MINE;
	if (at == len)
		return at == method || !strict || registered(p + method, at - method, false) ? PARSE_MORE
											     : PARSE_NOT_MINE;
	if (!lex_blank(p[at]) || (strict && !registered(p + method, at - method, true)))
		return PARSE_NOT_MINE;
	while (at < len && lex_blank(p[at]))
		at++;
	if (at == len)
		return PARSE_MORE;
	return begins_target(p[at], strict) ? PARSE_OK : PARSE_NOT_MINE;
}
