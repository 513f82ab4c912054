/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/url.h"

#include <stdio.h>
#include <string.h>

#include "rules/idn.h"
#include "rules/url_path.h"

/* A host of IDN_INPUT_MAX bytes, every one percent-encoded, and its port. */
#define AUTHORITY_MAX (3 * IDN_INPUT_MAX + 8)

static void set_host(struct url *u, uint16_t port)
{
	u->port = port == 80 || port == 443 ? 0 : port;
	memcpy(u->text, u->host.text, u->host.len);
	u->host_len = u->host.len;
	if (u->port)
		u->host_len = (uint16_t)(u->host_len + sprintf(u->text + u->host_len, ":%u", u->port));
}

static bool is_slash(int c)
{
	return c == '/' || c == '\\';
}

static void skip_slashes(struct url_input *in)
{
	while (is_slash(url_peek(*in)))
		url_next(in);
}

static bool is_scheme_byte(int c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' || c == '-' ||
	       c == '.';
}

/* The scheme's first bytes in lower case, and its length; 0 where no ':' and '/' follow. Leaves the input at
 * the '/'. */
static size_t read_scheme(struct url_input *in, char ret[8])
{
	struct url_input ahead = *in;
	size_t n = 0;
	int c;
	for (; is_scheme_byte(c = url_next(&ahead)); n++)
		if (n < 8)
			ret[n] = (char)(c | 0x20);
	if (c != ':' || !is_slash(url_peek(ahead)))
		return 0;
	*in = ahead;
	return n;
}

static bool has_two_slashes(struct url_input in)
{
	return is_slash(url_next(&in)) && is_slash(url_next(&in));
}

/* Leaves the input at the authority; false where the scheme is not ours. "host:/path" has no scheme but an
 * empty port. */
static bool skip_scheme(struct url_input *in)
{
	struct url_input behind = *in;
	char word[8];
	size_t n = read_scheme(&behind, word);
	if ((n == 4 || n == 5) && !memcmp(word, "https", n)) {
		skip_slashes(&behind);
		*in = behind;
		return true;
	}
	if (n && has_two_slashes(behind))
		return false;
	if (has_two_slashes(*in))
		skip_slashes(in);
	return true;
}

static size_t percent_decode(uint8_t *p, size_t len)
{
	struct url_input in = {p, p + len};
	size_t n = 0;
	for (int c; (c = url_next(&in)) >= 0;) {
		int decoded = c == '%' ? url_next_escape(&in) : -1;
		p[n++] = (uint8_t)(decoded >= 0 ? decoded : c);
	}
	return n;
}

static enum name_error read_authority(struct url_input *in, struct name *ret_host, uint16_t *ret_port)
{
	uint8_t text[AUTHORITY_MAX];
	size_t n = 0;
	struct span host;
	uint16_t port;
	for (int c; (c = url_peek(*in)) >= 0 && !is_slash(c) && c != '?' && c != '#';) {
		url_next(in);
		if (n < sizeof(text))
			text[n] = (uint8_t)c;
		n = c == '@' ? 0 : n + 1;
	}
	if (n > sizeof(text))
		return NAME_TOO_LONG;
	enum name_error e = name_split_authority(text, n, &host, &port);
	if (!e)
		e = name_canonical(host.p, percent_decode(text + (host.p - text), host.len), ret_host);
	if (!e)
		*ret_port = port;
	return e;
}

enum name_error url_from_text(const uint8_t *p, size_t len, struct url *ret)
{
	struct url_input in = {p, p + len};
	uint16_t port;
	while (in.p < in.end && *in.p <= ' ')
		in.p++;
	while (in.p < in.end && in.end[-1] <= ' ')
		in.end--;
	if (!skip_scheme(&in))
		return NAME_BAD_BYTE;
	enum name_error e = read_authority(&in, &ret->host, &port);
	if (e)
		return e;
	set_host(ret, port);
	url_set_target(ret, &in);
	return NAME_OK;
}

void url_from_request(const struct name *host, uint16_t port, const uint8_t *target, size_t len,
		      struct url *ret)
{
	struct url_input in = {target, target + len};
	if (host != &ret->host)
		ret->host = *host;
	set_host(ret, port);
	url_set_target(ret, &in);
}

void url_set_port(struct url *u, uint16_t port)
{
	char path[URL_MAX_BYTES];
	size_t len = (size_t)(u->len - u->host_len);
	memcpy(path, u->text + u->host_len, len);
	set_host(u, port);
	size_t room = (size_t)(URL_MAX_BYTES - u->host_len);
	u->cut |= len > room;
	len = len > room ? room : len;
	memcpy(u->text + u->host_len, path, len);
	u->len = (uint16_t)(u->host_len + len);
	u->text[u->len] = 0;
}
