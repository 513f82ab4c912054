/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <strings.h>

#include "rules/list_entry.h"

static bool starts_with(struct span s, const char *word)
{
	size_t n = strlen(word);
	return s.len >= n && !strncasecmp((const char *)s.p, word, n);
}

static bool contains(struct span s, const char *word)
{
	return memmem(s.p, s.len, word, strlen(word));
}

static bool has_scheme(struct span s)
{
	return starts_with(s, "http:") || starts_with(s, "https:") || starts_with(s, "//");
}

static bool has_foreign_scheme(struct span s)
{
	const uint8_t *colon = memchr(s.p, ':', s.len);
	const uint8_t *slash = memchr(s.p, '/', s.len);
	return colon && slash == colon + 1 && s.p + s.len > slash + 1 && slash[1] == '/' &&
	       !starts_with(s, "http:") && !starts_with(s, "https:");
}

/* Copied out of HTML, a URL has "&amp;" where the browser sends "&". No other entity has only one reading. */
static const char *decode_entities(struct span *s, uint8_t *copy)
{
	if (contains(*s, "&amp;")) {
		size_t n = 0;
		for (size_t i = 0; i < s->len; i++) {
			copy[n++] = s->p[i];
			if (starts_with((struct span){s->p + i, s->len - i}, "&amp;"))
				i += strlen("amp;");
		}
		*s = (struct span){copy, n};
	}
	if (contains(*s, "&amp;") || contains(*s, "&lt;") || contains(*s, "&gt;") || contains(*s, "&quot;") ||
	    contains(*s, "&#"))
		return "an HTML entity: write the character itself ('&' for &amp;), or its %XX escape";
	return NULL;
}

static const char *check_fragment(struct span s, bool star)
{
	const uint8_t *hash = memchr(s.p, '#', s.len);
	if (!hash)
		return NULL;
	const uint8_t *rest = hash + 1, *end = s.p + s.len;
	if (!memchr(s.p, '/', (size_t)(hash - s.p)) && !memchr(s.p, '?', (size_t)(hash - s.p)))
		return "a '#' right behind a name: put white space in front of a comment, or write the URL without the "
		       "fragment";
	if (star)
		return "a '*' beside a fragment: browsers do not send what follows '#', write the URL without it";
	if (rest < end && (*rest == '!' || *rest == '/'))
		return "the content is chosen behind '#', which browsers do not send: write the URL without '#...' only if "
		       "all of that page is ordered";
	return NULL;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

static bool has_star_in_escape(const struct url *u)
{
	for (const char *star = strchr(u->text, '*'); star; star = strchr(star + 1, '*')) {
		const char *path = u->text + u->host_len;
		if (star - path >= 1 && star[-1] == '%')
			return true;
		if (star - path >= 2 && star[-2] == '%' && is_hex(star[-1]))
			return true;
	}
	return false;
}

/* Sorts an entry with '*' into prefix and glob. */
static const char *set_pattern(struct url *u, struct list_entry *e, size_t stars)
{
	const char *path = u->text + u->host_len;
	bool host_star = memchr(u->text, '*', u->host_len);
	size_t len = u->len;

	if (strstr(u->text, "**"))
		return "'**' has no meaning: write one '*'";
	if (list_count_stars((const uint8_t *)u->text, len) != stars)
		return "a '*' in a part of the URL that is dropped (user name, dot segment): write the URL as "
		       "browsers send it";
	if (has_star_in_escape(u))
		return "a '*' inside a percent escape: put it before the '%' or after both digits";
	if (host_star && !strcmp(path, "/"))
		return "a '*' in the host and no path: write *.name.test for the names, *.name.test/* for their URLs";
	e->kind = RULE_URL_GLOB;
	if (stars == 1 && u->text[len - 1] == '*') {
		e->kind = RULE_URL_PREFIX;
		len--;
		if (!memchr(path, '?', (size_t)(u->text + len - path)) && len >= 3 &&
		    !memcmp(u->text + len - 3, "/..", 3))
			return "a prefix that ends in '/..' can be read in two ways: write the folder that is meant";
	}
	e->text = (struct span){(const uint8_t *)u->text, len};
	return NULL;
}

const char *list_parse_url(struct span s, unsigned has, struct url *u, struct list_entry *e)
{
	uint8_t copy[LIST_LINE_MAX];
	bool star = has & HAS_STAR;
	const char *why = decode_entities(&s, copy);
	if (!why)
		why = check_fragment(s, star);
	if (why)
		return why;
	if (has_foreign_scheme(s))
		return "only http and https URLs can be judged: write name.test to block the host for every protocol";
	enum name_error err = url_from_text(s.p, s.len, u);
	if (err)
		return list_name_error(err);
	if (u->host.kind == NAME_IPV6 && !memchr(s.p, '[', s.len))
		return "an IPv6 address in a URL needs brackets: write http://[2001:db8::1]/path, or 2001:db8::/32 for a "
		       "network";
	/* "12/05/2026" is a date before it is a path on 0.0.0.12. */
	if (u->host.kind == NAME_IPV4 && !has_scheme(s) && !starts_with(s, u->host.text))
		return "an address that can be read in two ways: write http:// in front of it, or four decimal numbers";
	if (u->host.kind == NAME_DNS && !list_is_plain(u->host.text, u->host.len))
		return list_name_error(NAME_BAD_BYTE);
	if (u->cut)
		return "the URL is longer than 8192 bytes: write a prefix of it, ending in '*'";
	e->https = starts_with(s, "https:");
	e->host_len = u->host_len;
	if (star || memchr(u->host.text, '*', u->host.len))
		return set_pattern(u, e, list_count_stars(s.p, s.len));
	e->kind = RULE_URL;
	e->text = (struct span){(const uint8_t *)u->text, u->len};
	return NULL;
}
