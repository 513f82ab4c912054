/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/page_template.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char page_marker[] = "<!-- roja:page ";

struct reader {
	const char *file, *text, *end;
	struct err *e;
};

static unsigned line_of(const struct reader *r, const char *at)
{
	unsigned n = 1;
	for (const char *t = r->text; t < at; t++)
		n += *t == '\n';
	return n;
}

static struct page_part *add(struct page_language_template *t, enum page_part_kind kind, enum meta_field f,
			     const char *from, const char *to)
{
	if (t->n == PAGE_MAX_PARTS)
		return NULL;
	t->part[t->n] = (struct page_part){kind, f, {(const uint8_t *)from, (size_t)(to - from)}};
	return &t->part[t->n++];
}

/* Places that are no field. */
static const struct {
	const char *name;
	enum page_part_kind kind;
	enum meta_field field;
} others[] = {
    {"appeal_link", PART_LINK, META_appeal},
    {"category_name", PART_CATEGORY, META_category},
    {"helplines", PART_HELPLINES, 0},
    {"rule", PART_RULE, 0},
};

/* What stands between "{{" and "}}". */
static int add_place(const struct reader *r, struct page_language_template *t, const char *from,
		     const char *to, int *open)
{
	enum page_part_kind kind = PART_FIELD;
	size_t len = (size_t)(to - from);
	for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (len == strlen(others[i].name) && !memcmp(from, others[i].name, len)) {
			add(t, others[i].kind, others[i].field, from, from);
			return 0;
		}
	if (len && strchr("#^/", *from)) {
		kind = *from == '#' ? PART_IF : *from == '^' ? PART_IF_NOT : PART_END;
		from++;
		len--;
	}
	int f = meta_find(from, (unsigned)len);
	if (f < 0)
		return err_set(r->e, -EINVAL, "%s:%u: {{%.*s}}: no such field; docs/lists.md names them",
			       r->file, line_of(r, from), (int)len, from);
	bool begins = kind == PART_IF || kind == PART_IF_NOT;
	if ((begins && *open >= 0) || (kind == PART_END && *open != f))
		return err_set(r->e, -EINVAL,
			       "%s:%u: {{%.*s}}: conditions do not nest and end with their own field",
			       r->file, line_of(r, from), (int)len, from);
	if (kind != PART_FIELD)
		*open = begins ? f : -1;
	add(t, kind, (enum meta_field)f, from, from);
	return 0;
}

static int parse_page(const struct reader *r, const char *from, const char *to,
		      struct page_language_template *t)
{
	int open = -1;
	t->part = calloc(PAGE_MAX_PARTS, sizeof(*t->part));
	if (!t->part)
		return err_set(r->e, -ENOMEM, "%s: no memory", r->file);
	while (from < to) {
		const char *place = memmem(from, (size_t)(to - from), "{{", 2);
		add(t, PART_TEXT, 0, from, place ? place : to);
		if (!place)
			break;
		const char *close = memmem(place, (size_t)(to - place), "}}", 2);
		if (!close)
			return err_set(r->e, -EINVAL, "%s:%u: {{ without }}", r->file, line_of(r, place));
		int err = add_place(r, t, place + 2, close, &open);
		if (err)
			return err;
		from = close + 2;
	}
	if (open >= 0)
		return err_set(r->e, -EINVAL, "%s:%u: {{#%s}} is never closed", r->file, line_of(r, to),
			       meta_rows[open].key);
	if (t->n == PAGE_MAX_PARTS)
		return err_set(r->e, -E2BIG, "%s:%u: more than %u places in one page", r->file,
			       line_of(r, to), PAGE_MAX_PARTS);
	return 0;
}

static int language_at(const char *at, const char *end)
{
	for (int i = 0; i < PAGE_LANGUAGES; i++)
		if (end - at >= 2 && !memcmp(at, page_languages[i], 2))
			return i;
	return -1;
}

int page_template_parse(const char *file, const char *text, size_t len, struct page_set *ps, struct err *e)
{
	const struct reader r = {file, text, text + len, e};
	const char *at = memmem(text, len, page_marker, sizeof(page_marker) - 1);
	while (at) {
		const char *name = at + sizeof(page_marker) - 1,
			   *body = memchr(name, '\n', (size_t)(r.end - name));
		int l = language_at(name, r.end);
		if (l < 0 || !body || ps->language[l].part)
			return err_set(
			    e, -EINVAL,
			    "%s:%u: a page is begun by \"%sLANG -->\" once for each of sq, en, sr, mk", file,
			    line_of(&r, at), page_marker);
		body++;
		at = memmem(body, (size_t)(r.end - body), page_marker, sizeof(page_marker) - 1);
		int err = parse_page(&r, body, at ? at : r.end, &ps->language[l]);
		if (err)
			return err;
	}
	for (unsigned i = 0; i < PAGE_LANGUAGES; i++)
		if (!ps->language[i].part)
			return err_set(e, -EINVAL, "%s: has no page for %s: add \"%s%s -->\"", file,
				       page_languages[i], page_marker, page_languages[i]);
	return 0;
}
