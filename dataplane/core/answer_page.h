/* SPDX-License-Identifier: BSD-3-Clause */
/* answer_page: the HTTP answers of the data plane: 451 (RFC 7725) with the page of rules/page.h, or 302.
 *
 * Model:    a whole answer, head and body. It carries Link rel="blocked-by", Cache-Control: no-store, Content-Language, Connection:
 *           close.
 * Threads:  const; any worker.
 * Limits:   PAGE_MAX_BYTES.
 * Cost:     one copy; no heap.
 */
#ifndef DATAPLANE_CORE_ANSWER_PAGE_H
#define DATAPLANE_CORE_ANSWER_PAGE_H

#include "rules/page.h"
#include "rules/ruleset.h"

/* The whole HTTP response (head and body) for a hit of `rule`; head only for HEAD requests. 0: cap is below PAGE_MAX_BYTES. */
size_t page_render(const struct page_set *ps, const struct ruleset *rs, const struct rule_ref *rule,
		   struct span accept_language, bool head_only, uint8_t *out, size_t cap);

/* The 302 answer to the list's redirect URL, with the rule's id behind a "=" at its end. */
size_t page_redirect(const struct ruleset *rs, const struct rule_ref *rule, uint8_t *out, size_t cap);

#endif
