/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/http.h"

enum {
	SIZE_DIGITS_MAX = 16,
	SIZE_LINE_MAX = 4096,
	TRAILER_MAX = 64 * 1024,
};

enum state {
	SIZE_FIRST, /* of the first chunk, or of the next one */
	SIZE,
	EXTENSION,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER_FIRST, /* at the beginning of a trailer line */
	TRAILER,
	TRAILER_LF,
};

static int hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static uint8_t after_size(struct http_chunks *c)
{
	c->line_bytes = 0;
	c->digits = 0;
	return c->skip ? DATA : TRAILER_FIRST;
}

/* The state after byte b of a chunk-size line; false where no server reads it. */
static bool size_byte(struct http_chunks *c, uint8_t b)
{
	int v = c->state == EXTENSION ? -1 : hex(b);
	if (++c->line_bytes > SIZE_LINE_MAX)
		return false;
	if (v >= 0) {
		if (c->skip || v)
			c->digits++;
		c->skip = c->skip << 4 | (uint64_t)v;
		c->state = SIZE;
		return c->digits <= SIZE_DIGITS_MAX;
	}
	if (c->state == SIZE_FIRST)
		return false;
	if (b == '\n')
		c->state = after_size(c);
	else if (c->state == SIZE && b != ';' && b != ' ' && b != '\t' && b != '\r')
		return false;
	else
		c->state = EXTENSION;
	return true;
}

/* The state after byte b of the trailer; *ret_end where it is the last. */
static bool trailer_byte(struct http_chunks *c, uint8_t b, bool *ret_end)
{
	*ret_end = b == '\n' && c->state != TRAILER;
	if (b == '\n')
		c->state = TRAILER_FIRST;
	else
		c->state = c->state == TRAILER_FIRST && b == '\r' ? TRAILER_LF : TRAILER;
	return ++c->line_bytes <= TRAILER_MAX;
}

enum parse http_chunks_feed(struct http_chunks *c, const uint8_t *p, size_t len, size_t *ret_used)
{
	bool end = false, valid = true;
	size_t at = 0;
	while (at < len && valid && !end) {
		switch ((enum state)c->state) {
		case SIZE_FIRST:
		case SIZE:
		case EXTENSION:
			valid = size_byte(c, p[at++]);
			break;
		case DATA: {
			size_t now = c->skip < len - at ? (size_t)c->skip : len - at;
			at += now;
			c->skip -= now;
			if (c->skip == 0)
				c->state = DATA_CR;
			break;
		}
		case DATA_CR:
		case DATA_LF:
			valid = p[at] == '\n' || (p[at] == '\r' && c->state == DATA_CR);
			c->state = p[at++] == '\n' ? SIZE_FIRST : DATA_LF;
			break;
		case TRAILER_FIRST:
		case TRAILER:
		case TRAILER_LF:
			valid = trailer_byte(c, p[at++], &end);
			break;
		}
	}
	*ret_used = at;
	if (!valid)
		return PARSE_BAD;
	if (end)
		*c = (struct http_chunks){0};
	return end ? PARSE_OK : PARSE_MORE;
}

uint64_t http_chunks_pass(struct http_chunks *c, uint64_t most)
{
	uint64_t now = c->state != DATA ? 0 : c->skip < most ? c->skip : most;
	c->skip -= now;
	return now;
}
