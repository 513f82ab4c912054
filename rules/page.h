/* SPDX-License-Identifier: BSD-3-Clause */
/* page: the page that says why something is blocked, in the reader's language, from a template file.
 *
 * Model:    a template holds one page a language, each behind a line "<!-- roja:page LANG -->" (sq, en, sr, mk), with
 *           {{field}} places for a list's metadata (HTML-escaped), {{appeal_link}} for the appeal as a link, {{category_name}}
 *           for the category in words, {{helplines}} for those of page_words.h, {{rule}} for the rule's opaque id,
 *           {{#field}}...{{/field}} for what is shown only where the field is set and {{^field}}...{{/field}}
 *           where it is not; these do not nest. It is parsed once and rendered into the caller's buffer, with no
 *           third-party resource. The data plane answers with it, and so does the control process.
 * Owner:    page_set_new/free.
 * Threads:  rendering is const; any worker.
 * Limits:   PAGE_MAX_BYTES a rendered answer; a template that could exceed it with values of META_MAX_BYTES is
 *           refused at load, naming the language.
 * Errors:   0 or -errno with file, line and what to do.
 * Cost:     one copy; no heap after page_set_new.
 */
#ifndef RULES_PAGE_H
#define RULES_PAGE_H

#include <stdbool.h>

#include "common/err.h"
#include "common/span.h"
#include "rules/meta.h"

#define PAGE_MAX_BYTES	    32768
#define PAGE_HEAD_MAX_BYTES 2048 /* of these, for the head of an HTTP answer */

struct page_set;

/* path NULL: the template built into the program (share/block-page.html). */
int page_set_new(const char *path, struct page_set **ret, struct err *e);
void page_set_free(struct page_set *ps);

/* What is known of the list; none is NULL. */
struct page_facts {
	const char *meta[META_COUNT];
	const char *rule; /* its opaque id in hexadecimal; "": not known */
};

/* Output that stops at its end. */
struct page_out {
	uint8_t *p;
	size_t len, cap;
};
void page_put(struct page_out *o, const void *p, size_t n);
void page_put_text(struct page_out *o, const char *text);
/* For HTML, also within an attribute's quotes. */
void page_put_escaped(struct page_out *o, const char *text);
/* The text as a link where it is an address of the web or of mail, or a path of the same server; else as text. */
void page_put_link(struct page_out *o, const char *text, const char *rule, unsigned l);
/* An address of the web as it is, and behind a "=" at its end the rule's id. */
void page_put_uri(struct page_out *o, const char *uri, const char *rule);
void page_put_helplines(struct page_out *o, unsigned l);
/* A link's words for the form of the control process. */
const char *page_appeal_form(unsigned l);
/* "": no such category */
const char *page_category(const char *category, unsigned l);
/* Whether the text can stand in a header field or attribute as a URI: printable ASCII without delimiters. */
bool page_is_uri(const char *text, bool mail);

/* The page in language page_languages[l]. */
void page_body(const struct page_set *ps, unsigned l, const struct page_facts *facts, struct page_out *o);

/* The language of `accept_language` (RFC 9110 12.5.4, with q values; bs and hr read sr, en-GB reads en) among
 * sq, en, sr, mk, or `def`. Returns an index into page_languages. */
unsigned page_language(struct span accept_language, const char *def);
#define PAGE_LANGUAGES 4
extern const char *const page_languages[PAGE_LANGUAGES];

#endif
