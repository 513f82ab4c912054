/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/answer_page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RULE_TEXT_BYTES 17

static const char *rule_text(const struct rule_ref *rule, char ret[RULE_TEXT_BYTES])
{
	snprintf(ret, RULE_TEXT_BYTES, "%016" PRIx64, rule->id);
	return ret;
}

static void put_head(struct page_out *o, const char *language, const char *blocked_by, size_t body_bytes)
{
	char length[64];
	snprintf(length, sizeof(length), "Content-Length: %zu\r\n", body_bytes);
	page_put_text(o, "HTTP/1.1 451 Unavailable For Legal Reasons\r\n"
			 "Content-Type: text/html; charset=utf-8\r\n"
			 "Cache-Control: no-store\r\n"
			 "Vary: Accept-Language\r\n"
			 "Connection: close\r\n"
			 "X-Content-Type-Options: nosniff\r\n"
			 "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n");
	if (page_is_uri(blocked_by, true)) {
		page_put_text(o, "Link: <");
		page_put_text(o, blocked_by);
		page_put_text(o, ">; rel=\"blocked-by\"\r\n");
	}
	page_put_text(o, "Content-Language: ");
	page_put_text(o, language);
	page_put_text(o, "\r\n");
	page_put_text(o, length);
	page_put_text(o, "\r\n");
}

size_t page_render(const struct page_set *ps, const struct ruleset *rs, const struct rule_ref *rule,
		   struct span accept_language, bool head_only, uint8_t *out, size_t cap)
{
	unsigned l = page_language(accept_language, ruleset_meta(rs, rule->list, META_language));
	char id[RULE_TEXT_BYTES];
	struct page_facts facts = {.rule = rule_text(rule, id)};
	if (cap < PAGE_MAX_BYTES)
		return 0;
	for (enum meta_field f = 0; f < META_COUNT; f++)
		facts.meta[f] = ruleset_meta(rs, rule->list, f);
	/* The body first, where the longest head would end, so that its length is known. */
	struct page_out body = {out + PAGE_HEAD_MAX_BYTES, 0, cap - PAGE_HEAD_MAX_BYTES},
			head = {out, 0, PAGE_HEAD_MAX_BYTES};
	page_body(ps, l, &facts, &body);
	put_head(&head, page_languages[l], ruleset_meta(rs, rule->list, META_appeal), body.len);
	if (head_only)
		return head.len;
	memmove(out + head.len, body.p, body.len);
	return head.len + body.len;
}

size_t page_redirect(const struct ruleset *rs, const struct rule_ref *rule, uint8_t *out, size_t cap)
{
	const char *to = ruleset_meta(rs, rule->list, META_redirect);
	struct page_out o = {out, 0, cap};
	char id[RULE_TEXT_BYTES];
	if (cap < PAGE_HEAD_MAX_BYTES || !page_is_uri(to, false))
		return 0;
	page_put_text(&o, "HTTP/1.1 302 Found\r\nLocation: ");
	page_put_uri(&o, to, rule_text(rule, id));
	page_put_text(&o, "\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
	return o.len;
}
