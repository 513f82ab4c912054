/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/page_template.h"

extern const unsigned char block_page[];
extern const size_t block_page_bytes;

#define TEMPLATE_MAX_BYTES (1u << 20)
#define ESCAPE_FACTOR	   6   /* "&quot;" */
#define WORD_MAX_BYTES	   128 /* a category's name, a rule's id */
#define LINK_FACTOR	   10  /* "&amp;", as target and as text */

void page_put(struct page_out *o, const void *p, size_t n)
{
	if (n > o->cap - o->len)
		n = o->cap - o->len;
	memcpy(o->p + o->len, p, n);
	o->len += n;
}

void page_put_text(struct page_out *o, const char *text)
{
	page_put(o, text, strlen(text));
}

void page_put_escaped(struct page_out *o, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			page_put_text(o, "&amp;");
			break;
		case '<':
			page_put_text(o, "&lt;");
			break;
		case '>':
			page_put_text(o, "&gt;");
			break;
		case '"':
			page_put_text(o, "&quot;");
			break;
		case '\'':
			page_put_text(o, "&#39;");
			break;
		default:
			page_put(o, text, 1);
		}
	}
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

bool page_is_uri(const char *text, bool mail)
{
	if (!begins(text, "https://") && !begins(text, "http://") && !(mail && begins(text, "mailto:")))
		return false;
	for (const char *t = text; *t; t++)
		if (*t <= ' ' || *t >= 0x7f || strchr("<>\"'\\^`{|}", *t))
			return false;
	return true;
}

static bool takes_rule(const char *uri)
{
	size_t len = strlen(uri);
	return len && uri[len - 1] == '=';
}

void page_put_uri(struct page_out *o, const char *uri, const char *rule)
{
	page_put_text(o, uri);
	if (takes_rule(uri))
		page_put_text(o, rule);
}

void page_put_link(struct page_out *o, const char *text, const char *rule, unsigned l)
{
	bool own = *text == '/'; /* of the control process's server: no list may say it (rules/meta.c) */
	if (!own && !page_is_uri(text, true)) {
		page_put_escaped(o, text);
		return;
	}
	page_put_text(o, "<a href=\"");
	page_put_escaped(o, text);
	if (takes_rule(text))
		page_put_escaped(o, rule);
	page_put_text(o, "\">");
	page_put_escaped(o, own ? page_appeal_form(l) : begins(text, "mailto:") ? text + 7 : text);
	page_put_text(o, "</a>");
}

static int read_template(const char *path, char **ret, size_t *ret_len, struct err *e)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return err_set(e, -errno, "%s: cannot open it: %s", path, strerror(errno));
	char *text = malloc(TEMPLATE_MAX_BYTES + 1);
	size_t n = text ? fread(text, 1, TEMPLATE_MAX_BYTES + 1, f) : 0;
	int failed = ferror(f);
	fclose(f);
	if (!text || failed || n > TEMPLATE_MAX_BYTES) {
		free(text);
		return err_set(e, !text ? -ENOMEM : -EINVAL, "%s: cannot be read, or is longer than %u bytes",
			       path, TEMPLATE_MAX_BYTES);
	}
	*ret = text;
	*ret_len = n;
	return 0;
}

/* The most that a page of this language can become. */
static size_t worst_case(const struct page_language_template *t, unsigned l)
{
	uint8_t room[4096];
	struct page_out helplines = {room, 0, sizeof(room)};
	page_put_helplines(&helplines, l);
	size_t n = PAGE_HEAD_MAX_BYTES;
	for (unsigned i = 0; i < t->n; i++) {
		const struct page_part *p = &t->part[i];
		if (p->kind == PART_TEXT)
			n += p->text.len;
		else if (p->kind == PART_FIELD)
			n += (size_t)META_MAX_BYTES * ESCAPE_FACTOR;
		else if (p->kind == PART_LINK)
			n += (size_t)META_MAX_BYTES * LINK_FACTOR + 64;
		else if (p->kind == PART_HELPLINES)
			n += helplines.len;
		else if (p->kind == PART_CATEGORY || p->kind == PART_RULE)
			n += WORD_MAX_BYTES;
	}
	return n;
}

int page_set_new(const char *path, struct page_set **ret, struct err *e)
{
	struct page_set *ps = calloc(1, sizeof(*ps));
	const char *text = (const char *)block_page;
	size_t len = block_page_bytes;
	int err = ps ? 0 : err_set(e, -ENOMEM, "no memory for the block page");
	if (!err && path) {
		err = read_template(path, &ps->memory, &len, e);
		text = ps->memory;
	}
	if (!err)
		err = page_template_parse(path ? path : "block-page.html", text, len, ps, e);
	for (unsigned i = 0; !err && i < PAGE_LANGUAGES; i++)
		if (worst_case(&ps->language[i], i) > PAGE_MAX_BYTES)
			err = err_set(e, -E2BIG,
				      "%s: page %s could grow to %zu bytes, the limit is %u: shorten it",
				      path ? path : "block-page.html", page_languages[i],
				      worst_case(&ps->language[i], i), PAGE_MAX_BYTES);
	if (err) {
		page_set_free(ps);
		return err;
	}
	*ret = ps;
	return 0;
}

void page_set_free(struct page_set *ps)
{
	if (!ps)
		return;
	for (unsigned i = 0; i < PAGE_LANGUAGES; i++)
		free(ps->language[i].part);
	free(ps->memory);
	free(ps);
}

static void put_part(struct page_out *o, const struct page_part *p, unsigned l,
		     const struct page_facts *facts)
{
	switch (p->kind) {
	case PART_TEXT:
		page_put(o, p->text.p, p->text.len);
		break;
	case PART_FIELD:
		page_put_escaped(o, facts->meta[p->field]);
		break;
	case PART_LINK:
		page_put_link(o, facts->meta[p->field], facts->rule, l);
		break;
	case PART_CATEGORY:
		page_put_escaped(o, page_category(facts->meta[p->field], l));
		break;
	case PART_HELPLINES:
		page_put_helplines(o, l);
		break;
	case PART_RULE:
		page_put_escaped(o, facts->rule);
		break;
	default:
		break;
	}
}

void page_body(const struct page_set *ps, unsigned l, const struct page_facts *facts, struct page_out *o)
{
	const struct page_language_template *t = &ps->language[l];
	bool hidden = false;
	for (unsigned i = 0; i < t->n; i++) {
		const struct page_part *p = &t->part[i];
		if (p->kind == PART_IF)
			hidden = !*facts->meta[p->field];
		else if (p->kind == PART_IF_NOT)
			hidden = *facts->meta[p->field];
		else if (p->kind == PART_END)
			hidden = false;
		else if (!hidden)
			put_part(o, p, l, facts);
	}
}
