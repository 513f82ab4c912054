/* SPDX-License-Identifier: BSD-3-Clause */
/* page: the HTTP 451 answer (RFC 7725), in the reader's language, from a template file.
 *
 * Model:    a template holds one page a language, each behind a line "<!-- roja:page LANG -->" (sq, en, sr, mk), with
 *           {{field}} places for a list's metadata (HTML-escaped), {{appeal_link}} for the appeal as a link,
 *           {{#field}}...{{/field}} for what is shown only where the field is set and {{^field}}...{{/field}}
 *           where it is not; these do not nest. It is parsed once and rendered into the caller's buffer. The
 *           answer carries Link rel="blocked-by", Cache-Control: no-store, Content-Language, Connection: close,
 *           and no third-party resource.
 * Owner:    page_set_new/free.
 * Threads:  rendering is const; any worker.
 * Limits:   PAGE_MAX_BYTES a rendered answer; a template that could exceed it with values of META_MAX_BYTES is
 *           refused at load, naming the language.
 * Errors:   0 or -errno with file, line and what to do.
 * Cost:     one copy; no heap after page_set_new.
 */
#ifndef DATAPLANE_CORE_PAGE_H
#define DATAPLANE_CORE_PAGE_H

#include "common/err.h"
#include "common/span.h"
#include "rules/ruleset.h"

#define PAGE_MAX_BYTES 32768

struct page_set;

/* path NULL: the template built into the program (share/block-page.html). */
int page_set_new(const char *path, struct page_set **ret, struct err *e);
void page_set_free(struct page_set *ps);

/* The whole HTTP response (head and body) for a hit on list `list`; head only for HEAD requests. */
size_t page_render(const struct page_set *ps, const struct ruleset *rs, unsigned list,
		   struct span accept_language, bool head_only, uint8_t *out, size_t cap);

/* The 302 answer to the list's redirect URL. */
size_t page_redirect(const struct ruleset *rs, unsigned list, uint8_t *out, size_t cap);

/* The language of `accept_language` (RFC 9110 12.5.4, with q values; bs and hr read sr, en-GB reads en) among
 * sq, en, sr, mk, or `def`. Returns an index into page_languages. */
unsigned page_language(struct span accept_language, const char *def);
extern const char *const page_languages[4];

#endif
