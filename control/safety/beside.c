/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/safety/beside.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/name.h"
#include "rules/probe.h"
#include "rules/url.h"

#define NOBODY	   "zq7"
#define TEXT_BYTES (URL_MAX_BYTES + 64)

struct beside {
	struct probe *pattern;
	const struct list_entry *entry;
	struct asker asker;
	struct name name;
	struct url url;
	char found[TEXT_BYTES]; /* a canonical text that the pattern finds */
	size_t len;
	char draft[2 * TEXT_BYTES];
	struct ask *v;
	unsigned n;
	size_t used;
	char texts[BESIDE_MAX * TEXT_BYTES];
};

int beside_new(struct beside **ret, struct err *e)
{
	struct beside *b = calloc(1, sizeof(*b));
	if (!b || probe_new(&b->pattern, e)) {
		free(b);
		return err_set(e, -ENOMEM, "no memory for the neighbours of patterns");
	}
	*ret = b;
	return 0;
}

void beside_free(struct beside *b)
{
	if (!b)
		return;
	probe_free(b->pattern);
	explicit_bzero(b, sizeof(*b));
	free(b);
}

static void on_found(void *ctx, unsigned number)
{
	(void)number;
	*(bool *)ctx = true;
}

static bool finds(struct beside *b, const char *text, size_t len)
{
	bool found = false;
	if (b->entry->kind == RULE_NAME_GLOB)
		probe_name(b->pattern, text, len, on_found, &found);
	else
		probe_url(b->pattern, text, len, on_found, &found);
	return found;
}

/* The canonical form of what is drafted, which is what workers will see; 0: it has none. */
static size_t canonical(struct beside *b, enum ask_what what, size_t len, const char **ret)
{
	const uint8_t *p = (const uint8_t *)b->draft;
	if (what == ASK_NAME) {
		*ret = b->name.text;
		return name_canonical(p, len, &b->name) == NAME_OK && b->name.kind == NAME_DNS ? b->name.len
											       : 0;
	}
	*ret = b->url.text;
	return url_from_text(p, len, &b->url) == NAME_OK && !b->url.cut ? b->url.len : 0;
}

static bool is_new(const struct beside *b, enum ask_what what, const char *text, size_t len)
{
	for (unsigned i = 0; i < b->n; i++)
		if (b->v[i].what == what && b->v[i].text.len == len && !memcmp(b->v[i].text.p, text, len))
			return false;
	return true;
}

/* A name is asked in HTTP as its front page, which a URL's pattern must not find either. */
static bool touches(struct beside *b, enum ask_what what, const char *text, size_t len)
{
	char page[NAME_MAX_BYTES + 4];
	if (what == ASK_URL || b->entry->kind == RULE_NAME_GLOB)
		return finds(b, text, len);
	int n = snprintf(page, sizeof(page), "%.*s/", (int)len, text);
	bool found = finds(b, page, (size_t)n);
	explicit_bzero(page, sizeof(page));
	return found;
}

/* Takes the len drafted bytes as a neighbour, if they are one. */
static bool take(struct beside *b, enum ask_what what, size_t len)
{
	const char *text;
	size_t n = canonical(b, what, len, &text);
	if (!n || n > TEXT_BYTES || b->n == BESIDE_MAX || !is_new(b, what, text, n) ||
	    touches(b, what, text, n))
		return false;
	memcpy(b->texts + b->used, text, n);
	b->v[b->n++] = (struct ask){.what = what, .text = {(const uint8_t *)b->texts + b->used, (uint32_t)n}};
	b->used += n;
	return true;
}

static enum ask_what own_kind(const struct beside *b)
{
	return b->entry->kind == RULE_NAME_GLOB ? ASK_NAME : ASK_URL;
}

/* before + the bytes [from, to) of what is found + after */
static void around(struct beside *b, enum ask_what what, const char *before, size_t from, size_t to,
		   const char *after)
{
	int n = snprintf(b->draft, sizeof(b->draft), "%s%.*s%s", before, (int)(to - from), b->found + from,
			 after);
	take(b, what, (size_t)n);
}

static bool change_one(struct beside *b, size_t at)
{
	static const char digits[] = "71qz", letters[] = "qz71";
	unsigned char was = (unsigned char)b->found[at];
	if (!isalnum(was))
		return false;
	for (const char *p = isdigit(was) ? digits : letters; *p; p++) {
		memcpy(b->draft, b->found, b->len);
		b->draft[at] = *p;
		if (*p != (char)was && take(b, own_kind(b), b->len))
			return true;
	}
	return false;
}

static size_t host_bytes(const struct beside *b)
{
	const char *slash = memchr(b->found, '/', b->len);
	return slash ? (size_t)(slash - b->found) : b->len;
}

/* The first and the last byte, and the first of the path, whose change the pattern does not find any more. */
static void change(struct beside *b)
{
	size_t at = 0;
	while (at < b->len && !change_one(b, at))
		at++;
	for (at = b->len; at > 0 && !change_one(b, at - 1); at--)
		;
	for (at = host_bytes(b); at < b->len && !change_one(b, at); at++)
		;
}

/* A glob whose first '*' stands for more than one label or segment; a '*' that ends a URL stands for all. */
static void widen(struct beside *b)
{
	const struct list_entry *e = b->entry;
	size_t n = 0, filled = 0;
	bool in_path = false;
	for (size_t i = 0; i < e->text.len && n < sizeof(b->draft) - 4; i++) {
		char c = (char)e->text.p[i];
		in_path |= c == '/';
		if (c != '*' || (!i && e->text.len > 1 && e->text.p[1] == '.')) {
			b->draft[n++] = c == '*' ? 'w' : c;
			continue;
		}
		n += (size_t)sprintf(b->draft + n, "%s", filled++ ? "w" : in_path ? "w/w" : "w.w");
	}
	if (filled)
		take(b, own_kind(b), n);
}

static void beside_name(struct beside *b)
{
	const char *dot = memchr(b->found, '.', b->len);
	around(b, ASK_NAME, NOBODY ".", 0, b->len, "");
	around(b, ASK_NAME, NOBODY, 0, b->len, "");
	around(b, ASK_NAME, "", 0, b->len, NOBODY);
	if (dot)
		around(b, ASK_NAME, "", (size_t)(dot + 1 - b->found), b->len, "");
}

static void beside_url(struct beside *b)
{
	size_t host = host_bytes(b);
	if (!memchr(b->found, ':', host))
		around(b, ASK_NAME, "", 0, host, "");
	around(b, ASK_URL, "", 0, host, "/");
	around(b, ASK_URL, NOBODY ".", 0, b->len, "");
	around(b, ASK_URL, "", 0, b->len, NOBODY);
	around(b, ASK_URL, "", 0, b->len, memchr(b->found, '?', b->len) ? "&" NOBODY : "?" NOBODY);
}

/* A text that the pattern finds, by itself. */
static bool find_one(struct beside *b)
{
	struct ask v[ASKS_MAX];
	bool any;
	unsigned n = ask_entry(&b->asker, b->entry, v, &any);
	for (unsigned i = 0; i < n; i++) {
		const char *text;
		if (v[i].text.len > sizeof(b->draft))
			continue;
		memcpy(b->draft, v[i].text.p, v[i].text.len);
		b->len = canonical(b, v[i].what, v[i].text.len, &text);
		if (!b->len || b->len > sizeof(b->found) || !finds(b, text, b->len))
			continue;
		memcpy(b->found, text, b->len);
		return true;
	}
	return false;
}

int beside_pattern(struct beside *b, const struct list_entry *entry, struct ask ret[BESIDE_MAX],
		   unsigned *ret_n, struct err *e)
{
	probe_reset(b->pattern);
	b->entry = entry;
	b->v = ret;
	b->n = 0;
	b->used = 0;
	int err = probe_add(b->pattern, entry, e);
	err = err ? err : probe_compile(b->pattern, e);
	if (!err && find_one(b)) {
		change(b);
		if (entry->kind != RULE_REGEX)
			widen(b);
		if (entry->kind == RULE_NAME_GLOB)
			beside_name(b);
		else
			beside_url(b);
	}
	*ret_n = b->n;
	return err;
}
