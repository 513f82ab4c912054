/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/url_path.h"

#include <string.h>

enum { UNRESERVED = 1, RAW = 2, HEX = 4 };

/* RAW bytes stand as they are: what RFC 3986 allows in a path or query. Only ' is escaped all the same:
 * browsers escape it in queries and not in paths. A bare '%' is handled apart. */
static const uint8_t byte_props[256] = {
    ['0' ... '9'] = UNRESERVED | RAW | HEX,
    ['A' ... 'F'] = UNRESERVED | RAW | HEX,
    ['G' ... 'Z'] = UNRESERVED | RAW,
    ['a' ... 'f'] = UNRESERVED | RAW | HEX,
    ['g' ... 'z'] = UNRESERVED | RAW,
    ['-'] = UNRESERVED | RAW,
    ['.'] = UNRESERVED | RAW,
    ['_'] = UNRESERVED | RAW,
    ['~'] = UNRESERVED | RAW,
    ['!'] = RAW,
    ['$'] = RAW,
    ['&'] = RAW,
    ['('] = RAW,
    [')'] = RAW,
    ['*'] = RAW,
    ['+'] = RAW,
    [','] = RAW,
    [';'] = RAW,
    ['='] = RAW,
    [':'] = RAW,
    ['@'] = RAW,
    ['/'] = RAW,
    ['?'] = RAW,
};

static int hex_value(int c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

static bool is_hex(int c)
{
	return c >= 0 && byte_props[c] & HEX;
}

int url_next_escape(struct url_input *in)
{
	struct url_input ahead = *in;
	int hi = url_next(&ahead), lo = is_hex(hi) ? url_next(&ahead) : -1;
	if (!is_hex(lo))
		return -1;
	*in = ahead;
	return hex_value(hi) << 4 | hex_value(lo);
}

/* The path as a stack of segments in u->text. What does not fit is not stored but still counted, so that dot
 * segments behind the end of the buffer take back what they would have taken back in an endless one. */
struct path {
	struct url *u;
	size_t beyond; /* open segments that begin past the buffer's end */
	bool torn;     /* the last segment in the buffer lacks its end */
	bool dots;     /* the open segment holds nothing but dots ... */
	size_t bytes;  /* ... and so many bytes */
	int bare;      /* bytes since a '%' that is no escape: 1 "%", 2 "%4"; else 0 */
};

static void put(struct path *w, const char *bytes, unsigned n)
{
	w->dots &= *bytes == '.';
	w->bytes++;
	if (w->beyond || w->torn)
		return;
	if (w->u->len + n > URL_MAX_BYTES) {
		w->torn = true;
		return;
	}
	memcpy(w->u->text + w->u->len, bytes, n);
	w->u->len = (uint16_t)(w->u->len + n);
}

static void put_escaped(struct path *w, int c)
{
	static const char digits[] = "0123456789ABCDEF";
	char text[3] = {'%', digits[c >> 4], digits[c & 15]};
	put(w, text, 3);
	w->bare = 0;
}

/* One byte of the input, c, that is neither a '/' between segments nor an end. */
static void put_byte(struct path *w, struct url_input *in, int c)
{
	int decoded = c == '%' ? url_next_escape(in) : -1;
	if (decoded >= 0) {
		/* Decoding must not complete an escape that was not there: "%%34%31" is no "%41". */
		if (!(byte_props[decoded] & UNRESERVED) || (w->bare && is_hex(decoded))) {
			put_escaped(w, decoded);
			return;
		}
		c = decoded;
		w->bare = 0;
	} else if (c == '%') {
		w->bare = 1;
	} else if (!(byte_props[c] & RAW)) {
		put_escaped(w, c);
		return;
	} else {
		w->bare = w->bare == 1 && is_hex(c) ? 2 : 0;
	}
	put(w, &(char){(char)c}, 1);
}

static void empty_segment(struct path *w)
{
	struct url *u = w->u;
	w->dots = true;
	w->bytes = 0;
	w->bare = 0;
	if (w->beyond)
		return;
	while (u->text[u->len - 1] != '/')
		u->len--;
	w->torn = false;
}

static void apply_dots(struct path *w)
{
	size_t dots = w->dots ? w->bytes : 0;
	if (dots != 1 && dots != 2)
		return;
	empty_segment(w);
	if (dots == 1)
		return;
	if (w->beyond)
		w->beyond--;
	else if (w->u->len > w->u->host_len + 1)
		w->u->len--;
	else
		return;
	empty_segment(w);
}

static void next_segment(struct path *w)
{
	apply_dots(w);
	w->bare = 0;
	if (!w->bytes) /* the '/' that opened it serves */
		return;
	if (w->beyond || w->torn || w->u->len == URL_MAX_BYTES)
		w->beyond++;
	else
		w->u->text[w->u->len++] = '/';
	w->dots = true;
	w->bytes = 0;
}

static void put_query(struct path *w, struct url_input *in)
{
	int c = url_next(in);
	if (c < 0 || c == '#')
		return;
	put(w, "?", 1);
	for (w->bare = 0; c >= 0 && c != '#'; c = url_next(in))
		put_byte(w, in, c);
}

void url_set_target(struct url *u, struct url_input *in)
{
	struct path w = {.u = u, .dots = true};
	u->len = u->host_len;
	u->text[u->len++] = '/';
	int c;
	while ((c = url_next(in)) >= 0 && c != '?' && c != '#') {
		if (c == '/' || c == '\\')
			next_segment(&w);
		else
			put_byte(&w, in, c);
	}
	apply_dots(&w);
	if (c == '?')
		put_query(&w, in);
	u->text[u->len] = 0;
	u->cut = w.torn || w.beyond;
}
