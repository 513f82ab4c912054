/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/core/page_template.h"

extern const unsigned char block_page[];
extern const size_t block_page_bytes;

#define TEMPLATE_MAX_BYTES (1u << 20)
#define HEAD_MAX_BYTES	   2048
#define ESCAPE_FACTOR	   6  /* "&quot;" */
#define LINK_FACTOR	   10 /* "&amp;", as target and as text */

/* Output that stops at its end. */
struct out {
	uint8_t *p;
	size_t len, cap;
};

static void put(struct out *o, const void *p, size_t n)
{
	if (n > o->cap - o->len)
		n = o->cap - o->len;
	memcpy(o->p + o->len, p, n);
	o->len += n;
}

static void put_text(struct out *o, const char *text)
{
	put(o, text, strlen(text));
}

static void put_escaped(struct out *o, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			put_text(o, "&amp;");
			break;
		case '<':
			put_text(o, "&lt;");
			break;
		case '>':
			put_text(o, "&gt;");
			break;
		case '"':
			put_text(o, "&quot;");
			break;
		case '\'':
			put_text(o, "&#39;");
			break;
		default:
			put(o, text, 1);
		}
	}
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* Whether the text can stand in a header field or attribute as a URI: printable ASCII without delimiters. */
static bool is_uri(const char *text, bool mail)
{
	if (!begins(text, "https://") && !begins(text, "http://") && !(mail && begins(text, "mailto:")))
		return false;
	for (const char *t = text; *t; t++)
		if (*t <= ' ' || *t >= 0x7f || strchr("<>\"'\\^`{|}", *t))
			return false;
	return true;
}

static void put_link(struct out *o, const char *text)
{
	if (!is_uri(text, true)) {
		put_escaped(o, text);
		return;
	}
	put_text(o, "<a href=\"");
	put_escaped(o, text);
	put_text(o, "\">");
	put_escaped(o, begins(text, "mailto:") ? text + 7 : text);
	put_text(o, "</a>");
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
static size_t worst_case(const struct page_language_template *t)
{
	size_t n = HEAD_MAX_BYTES;
	for (unsigned i = 0; i < t->n; i++) {
		const struct page_part *p = &t->part[i];
		if (p->kind == PART_TEXT)
			n += p->text.len;
		else if (p->kind == PART_FIELD)
			n += (size_t)META_MAX_BYTES * ESCAPE_FACTOR;
		else if (p->kind == PART_LINK)
			n += (size_t)META_MAX_BYTES * LINK_FACTOR + 32;
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
		if (worst_case(&ps->language[i]) > PAGE_MAX_BYTES)
			err = err_set(e, -E2BIG,
				      "%s: page %s could grow to %zu bytes, the limit is %u: shorten it",
				      path ? path : "block-page.html", page_languages[i],
				      worst_case(&ps->language[i]), PAGE_MAX_BYTES);
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

static void render_body(const struct page_language_template *t, const struct ruleset *rs, unsigned list,
			struct out *o)
{
	bool hidden = false;
	for (unsigned i = 0; i < t->n; i++) {
		const struct page_part *p = &t->part[i];
		switch (p->kind) {
		case PART_IF:
			hidden = !*ruleset_meta(rs, list, p->field);
			break;
		case PART_IF_NOT:
			hidden = *ruleset_meta(rs, list, p->field);
			break;
		case PART_END:
			hidden = false;
			break;
		case PART_TEXT:
			if (!hidden)
				put(o, p->text.p, p->text.len);
			break;
		case PART_FIELD:
			if (!hidden)
				put_escaped(o, ruleset_meta(rs, list, p->field));
			break;
		case PART_LINK:
			if (!hidden)
				put_link(o, ruleset_meta(rs, list, p->field));
			break;
		}
	}
}

static void put_head(struct out *o, const char *language, const char *blocked_by, size_t body_bytes)
{
	char length[64];
	snprintf(length, sizeof(length), "Content-Length: %zu\r\n", body_bytes);
	put_text(o, "HTTP/1.1 451 Unavailable For Legal Reasons\r\n"
		    "Content-Type: text/html; charset=utf-8\r\n"
		    "Cache-Control: no-store\r\n"
		    "Vary: Accept-Language\r\n"
		    "Connection: close\r\n"
		    "X-Content-Type-Options: nosniff\r\n"
		    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n");
	if (is_uri(blocked_by, true)) {
		put_text(o, "Link: <");
		put_text(o, blocked_by);
		put_text(o, ">; rel=\"blocked-by\"\r\n");
	}
	put_text(o, "Content-Language: ");
	put_text(o, language);
	put_text(o, "\r\n");
	put_text(o, length);
	put_text(o, "\r\n");
}

size_t page_render(const struct page_set *ps, const struct ruleset *rs, unsigned list,
		   struct span accept_language, bool head_only, uint8_t *out, size_t cap)
{
	unsigned l = page_language(accept_language, ruleset_meta(rs, list, META_language));
	if (cap < PAGE_MAX_BYTES)
		return 0;
	/* The body first, where the longest head would end, so that its length is known. */
	struct out body = {out + HEAD_MAX_BYTES, 0, cap - HEAD_MAX_BYTES}, head = {out, 0, HEAD_MAX_BYTES};
	render_body(&ps->language[l], rs, list, &body);
	put_head(&head, page_languages[l], ruleset_meta(rs, list, META_appeal), body.len);
	if (head_only)
		return head.len;
	memmove(out + head.len, body.p, body.len);
	return head.len + body.len;
}

size_t page_redirect(const struct ruleset *rs, unsigned list, uint8_t *out, size_t cap)
{
	const char *to = ruleset_meta(rs, list, META_redirect);
	struct out o = {out, 0, cap};
	if (cap < HEAD_MAX_BYTES || !is_uri(to, false))
		return 0;
	put_text(&o, "HTTP/1.1 302 Found\r\nLocation: ");
	put_text(&o, to);
	put_text(&o, "\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
	return o.len;
}
