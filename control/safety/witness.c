/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/safety/witness.h"

#include <string.h>

struct writer {
	const char *p, *end; /* the expression */
	struct witness *w;
	unsigned depth;
	bool failed;
};

static int fail(struct writer *r)
{
	r->failed = true;
	return -1;
}

static void put(struct writer *r, char c)
{
	if (r->w->len == WITNESS_MAX)
		r->failed = true;
	else
		r->w->text[r->w->len++] = c;
}

/* What a class escape or a dot may stand for: the byte that is likeliest to be canonical. */
static int of_class_escape(char c)
{
	switch (c) {
	case 'd':
		return '7';
	case 'w':
		return 'w';
	case 'D':
	case 'S':
		return 'x';
	case 'W':
		return '-';
	default:
		return -1;
	}
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* Behind a backslash: the byte, or -1 where there is none that could stand in a URL. */
static int read_escape(struct writer *r)
{
	if (r->p == r->end)
		return fail(r);
	char c = *r->p++;
	int byte = of_class_escape(c);
	if (byte >= 0)
		return byte;
	if (c == 'x' && r->end - r->p >= 2 && hex(r->p[0]) >= 0 && hex(r->p[1]) >= 0) {
		byte = hex(r->p[0]) << 4 | hex(r->p[1]);
		r->p += 2;
		return byte;
	}
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return fail(r); /* boundaries, properties, back references */
	return (unsigned char)c;
}

static void set_range(bool in[256], int from, int to)
{
	for (int i = from; i <= to; i++)
		in[i] = true;
}

static void set_escape(bool in[256], char c)
{
	if (c == 'd' || c == 'w')
		set_range(in, '0', '9');
	if (c == 'w') {
		set_range(in, 'a', 'z');
		set_range(in, 'A', 'Z');
		in['_'] = true;
	}
}

/* One element of a class: a byte, a range or a class escape. */
static void read_element(struct writer *r, bool in[256])
{
	bool escaped = *r->p == '\\';
	if (escaped && r->end - r->p >= 2 && (r->p[1] == 'd' || r->p[1] == 'w')) {
		set_escape(in, r->p[1]);
		r->p += 2;
		return;
	}
	if (*r->p == '[' && r->end - r->p >= 2 && r->p[1] == ':') {
		fail(r);
		return;
	}
	r->p += escaped;
	int from = escaped ? read_escape(r) : (unsigned char)*r->p++, to = from;
	if (!r->failed && r->end - r->p >= 2 && r->p[0] == '-' && r->p[1] != ']') {
		r->p++;
		escaped = *r->p == '\\';
		r->p += escaped;
		to = escaped ? read_escape(r) : (unsigned char)*r->p++;
	}
	if (!r->failed && from >= 0 && to <= 255)
		set_range(in, from, to);
}

/* The first of these that the class holds; they are canonical wherever they stand. */
static int choose(const bool in[256], bool inverted)
{
	for (const char *p = "xamwz0170-_.~/?=&%"; *p; p++)
		if (in[(unsigned char)*p] != inverted)
			return *p;
	for (int i = 'a'; i <= 'z'; i++)
		if (in[i] != inverted)
			return i;
	for (int i = 0x21; i < 0x7f; i++)
		if (in[i] != inverted)
			return i;
	return -1;
}

static int read_class(struct writer *r)
{
	bool in[256] = {false}, inverted = r->p < r->end && *r->p == '^';
	r->p += inverted;
	for (bool first = true; r->p < r->end && (first || *r->p != ']') && !r->failed; first = false)
		read_element(r, in);
	if (r->failed || r->p == r->end)
		return fail(r);
	r->p++;
	int c = choose(in, inverted);
	return c < 0 ? fail(r) : c;
}

static void read_alternatives(struct writer *r);

/* Behind the atom that was written from `at` on: its fewest repetitions. */
static void repeat(struct writer *r, size_t at)
{
	struct witness *w = r->w;
	size_t least = 1, one = w->len - at;
	if (r->p == r->end)
		return;
	const char *close = *r->p == '{' ? memchr(r->p, '}', (size_t)(r->end - r->p)) : NULL;
	if (*r->p == '*' || *r->p == '?') {
		least = 0;
		r->p++;
	} else if (*r->p == '+') {
		r->p++;
	} else if (close) {
		for (least = 0, r->p++; r->p < close && *r->p >= '0' && *r->p <= '9' && least < WITNESS_MAX;
		     r->p++)
			least = least * 10 + (size_t)(*r->p - '0');
		if (r->p < close && *r->p != ',')
			r->failed = true;
		r->p = close + 1;
	} else {
		return;
	}
	if (r->p < r->end && (*r->p == '?' || *r->p == '+')) /* lazy, possessive */
		r->p++;
	if (!least)
		w->len = at;
	for (size_t k = 1; k < least && !r->failed; k++)
		for (size_t i = 0; i < one && !r->failed; i++)
			put(r, w->text[at + i]);
}

static void read_group(struct writer *r)
{
	if (r->end - r->p >= 2 && r->p[0] == '?') {
		if (r->p[1] == ':') {
			r->p += 2;
		} else if (r->end - r->p >= 3 && r->p[1] == 'i' && r->p[2] == ')') {
			r->p += 3; /* (?i): the text as it stands matches */
			return;
		} else {
			fail(r);
			return;
		}
	}
	if (++r->depth > WITNESS_DEPTH) {
		fail(r);
		return;
	}
	read_alternatives(r);
	r->depth--;
	if (r->failed || r->p == r->end)
		fail(r);
	else
		r->p++;
}

static void read_atom(struct writer *r)
{
	int byte;
	switch (*r->p++) {
	case '^':
		r->w->from_start = true;
		return;
	case '$':
		return; /* what follows would show when the pattern is asked */
	case '(':
		read_group(r);
		return;
	case '[':
		byte = read_class(r);
		break;
	case '\\':
		byte = read_escape(r);
		break;
	case '.':
		byte = 'x';
		break;
	default:
		byte = (unsigned char)r->p[-1];
	}
	if (byte >= 0)
		put(r, (char)byte);
}

/* Writes the first alternative, reads over the others. */
static void read_alternatives(struct writer *r)
{
	size_t first_end = 0;
	bool first = true;
	while (r->p < r->end && *r->p != ')' && !r->failed) {
		if (*r->p == '|') {
			if (first)
				first_end = r->w->len;
			r->w->len = first_end;
			first = false;
			r->p++;
			continue;
		}
		size_t at = r->w->len;
		read_atom(r);
		if (!r->failed)
			repeat(r, at);
	}
	if (!first)
		r->w->len = first_end;
}

static bool of_expression(const struct list_entry *e, struct witness *w)
{
	struct writer r = {(const char *)e->text.p, (const char *)e->text.p + e->text.len, w, 0, false};
	read_alternatives(&r);
	return !r.failed && r.p == r.end && w->len;
}

static bool of_glob(const struct list_entry *e, struct witness *w)
{
	for (size_t i = 0; i < e->text.len; i++) {
		if (w->len == WITNESS_MAX)
			return false;
		w->text[w->len++] = e->text.p[i] == '*' ? 'w' : (char)e->text.p[i];
	}
	w->from_start = true;
	return true;
}

bool witness_of(const struct list_entry *e, struct witness *ret)
{
	ret->len = 0;
	ret->from_start = false;
	bool made = e->kind == RULE_REGEX ? of_expression(e, ret) : of_glob(e, ret);
	ret->text[ret->len] = 0;
	return made;
}
