/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/quote.h"
#include "common/utf8.h"

#define WIDTH_LEAST 40 /* a narrower window wraps by itself */

static const char *const escapes[COLOUR_N] = {[COLOUR_GOOD] = "\033[32m",
					      [COLOUR_WAIT] = "\033[33m",
					      [COLOUR_BAD] = "\033[31m",
					      [COLOUR_STRONG] = "\033[1m"};

/* clang-format off */
static const struct {
	const char *word;
	enum colour colour;
} states[] = {
	{"active", COLOUR_GOOD}, {"approved", COLOUR_GOOD}, {"enforced", COLOUR_GOOD}, {"done", COLOUR_GOOD},
	{"ok", COLOUR_GOOD}, {"yes", COLOUR_GOOD}, {"enforce", COLOUR_GOOD}, {"passes", COLOUR_GOOD},
	{"excepted", COLOUR_GOOD}, {"upheld", COLOUR_GOOD}, {"connected", COLOUR_GOOD},
	{"open", COLOUR_WAIT}, {"pending", COLOUR_WAIT}, {"proposed", COLOUR_WAIT}, {"waiting", COLOUR_WAIT},
	{"running", COLOUR_WAIT}, {"shadow", COLOUR_WAIT}, {"note", COLOUR_WAIT}, {"override", COLOUR_WAIT},
	{"warning", COLOUR_WAIT}, {"received", COLOUR_WAIT}, {"unauthenticated", COLOUR_WAIT},
	{"refused", COLOUR_BAD}, {"refuse", COLOUR_BAD}, {"failed", COLOUR_BAD}, {"blocked", COLOUR_BAD},
	{"revoked", COLOUR_BAD}, {"expired", COLOUR_BAD}, {"stopped", COLOUR_BAD}, {"critical", COLOUR_BAD},
	{"bad", COLOUR_BAD}, {"no", COLOUR_BAD}, {"missed", COLOUR_BAD},
};
/* clang-format on */

struct style style_of(FILE *out)
{
	struct style s = {.out = out};
	struct winsize w;
	int fd = fileno(out);
	if (fd < 0 || !isatty(fd))
		return s;
	s.width = ioctl(fd, TIOCGWINSZ, &w) || !w.ws_col ? TEXT_WIDTH : w.ws_col;
	if (s.width < WIDTH_LEAST)
		s.width = WIDTH_LEAST;
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	s.colours = !(no && *no) && term && strcmp(term, "dumb");
	return s;
}

void style_begin(const struct style *s, enum colour c)
{
	if (s->colours && c)
		fputs(escapes[c], s->out);
}

void style_end(const struct style *s, enum colour c)
{
	if (s->colours && c)
		fputs("\033[0m", s->out);
}

enum colour colour_of_state(const char *word)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (!strcmp(states[i].word, word))
			return states[i].colour;
	return COLOUR_NONE;
}

char *text_clean(const char *text)
{
	size_t cap = 4 * strlen(text) + 1;
	char *clean = malloc(cap);
	if (clean)
		quote_into(clean, cap, text);
	return clean;
}

static void write_json(const json_t *v, FILE *out)
{
	size_t i;
	json_t *one;
	const char *key;
	if (json_is_string(v)) {
		quote_plain(out, json_string_value(v));
	} else if (json_is_integer(v)) {
		fprintf(out, "%" PRId64, (int64_t)json_integer_value(v));
	} else if (json_is_real(v)) {
		fprintf(out, "%.10g", json_real_value(v));
	} else if (json_is_boolean(v)) {
		fputs(json_is_true(v) ? "yes" : "no", out);
	} else if (json_array_size(v)) {
		json_array_foreach(v, i, one)
		{
			fputs(i ? ", " : "", out);
			write_json(one, out);
		}
	} else if (json_object_size(v)) {
		const char *comma = "";
		json_object_foreach((json_t *)v, key, one)
		{
			fputs(comma, out);
			quote_plain(out, key);
			fputc(' ', out);
			write_json(one, out);
			comma = ", ";
		}
	} else {
		fputc('-', out);
	}
}

char *text_of_json(const json_t *v)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	if (!out)
		return NULL;
	write_json(v, out);
	fclose(out);
	return text;
}

static uint32_t code_point(const uint8_t *p, size_t n)
{
	static const uint8_t lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t v = p[0] & lead[n];
	for (size_t i = 1; i < n; i++)
		v = v << 6 | (p[i] & 0x3f);
	return v;
}

/* As terminals show it: what combines takes no column, East Asian characters and pictures two (UAX 11). */
static size_t columns_of(uint32_t c)
{
	static const struct {
		uint32_t first, last;
		size_t columns;
	} rows[] = {{0x300, 0x36f, 0},	   {0x200b, 0x200f, 0},	 {0x20d0, 0x20ff, 0}, {0xfe00, 0xfe0f, 0},
		    {0x1100, 0x115f, 2},   {0x2e80, 0xa4cf, 2},	 {0xac00, 0xd7a3, 2}, {0xf900, 0xfaff, 2},
		    {0xfe30, 0xfe6f, 2},   {0xff00, 0xff60, 2},	 {0xffe0, 0xffe6, 2}, {0x1f300, 0x1faff, 2},
		    {0x20000, 0x3fffd, 2}, {0xe0100, 0xe01ef, 0}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (c >= rows[i].first && c <= rows[i].last)
			return rows[i].columns;
	return 1;
}

/* The next character: its bytes, and columns in *ret. */
static size_t step(const char *clean, size_t *ret)
{
	const uint8_t *p = (const uint8_t *)clean;
	size_t n = utf8_sequence(p, strnlen(clean, 4));
	*ret = n ? columns_of(code_point(p, n)) : 1;
	return n ? n : 1;
}

size_t text_columns(const char *clean)
{
	size_t sum = 0, columns;
	for (; *clean; sum += columns)
		clean += step(clean, &columns);
	return sum;
}

size_t text_line(const char *clean, size_t width, const char **ret_next)
{
	size_t used = 0, columns, space = 0;
	const char *p = clean;
	while (*p) {
		size_t n = step(p, &columns);
		if (*p == ' ')
			space = (size_t)(p - clean);
		if (used + columns > width && p > clean)
			break;
		used += columns;
		p += n;
	}
	size_t len = (size_t)(p - clean);
	if (*p && space)
		len = space; /* behind a word rather than within one */
	const char *next = clean + len;
	next += strspn(next, " ");
	*ret_next = *next ? next : NULL;
	return len;
}

void text_wrapped(const struct style *s, const char *clean, size_t at)
{
	size_t width = s->width > at + 20 ? s->width - at : 20;
	const char *next = clean;
	if (!s->width) {
		fprintf(s->out, "%s\n", clean);
		return;
	}
	while (next) {
		const char *line = next;
		size_t len = text_line(line, width, &next);
		fprintf(s->out, "%.*s\n", (int)len, line);
		if (next)
			fprintf(s->out, "%*s", (int)at, "");
	}
}
