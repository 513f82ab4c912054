/* SPDX-License-Identifier: BSD-3-Clause */
/* ruleset_match: look-ups, from the most specific kind of rule to the least. */
#include <string.h>

#include "common/bytes.h"
#include "rules/address.h"
#include "rules/prefixset.h"
#include "rules/ruleset_state.h"

#define SUFFIXES 128

/* Takes a rule that matches, unless a more specific one of its sort is there already. */
static void take(struct match *m, const struct image_role *r)
{
	struct rule_ref *ref = r->exception ? &m->exception : &m->rule;
	if (!ref->is_set)
		*ref = (struct rule_ref){
		    .id = r->id, .line = r->line, .list = r->list, .kind = r->kind, .is_set = 1};
}

static bool conclude(struct match *m)
{
	m->block = m->rule.is_set && !m->exception.is_set;
	return m->block;
}

/* Takes the rules of a value that `wanted` (bits of kinds) lets in. */
static void take_value(const struct ruleset *rs, uint64_t value, struct fingerprint f, unsigned wanted,
		       struct match *m)
{
	if (value & IMAGE_SINGLE) {
		struct image_role r = {.line = (uint32_t)value,
				       .list = (uint16_t)(value >> 32),
				       .kind = (uint8_t)(value >> 49 & 0xf),
				       .exception = value >> 48 & 1};
		r.id = image_rule_id(f, (enum rule_kind)r.kind, r.exception);
		if (wanted >> r.kind & 1)
			take(m, &r);
		return;
	}
	for (uint32_t i = (uint32_t)value; i; i = rs->roles[i].next)
		if (wanted >> rs->roles[i].kind & 1)
			take(m, &rs->roles[i]);
}

static void match_suffixes(const struct ruleset *rs, const struct name *n, struct match *m)
{
	struct fingerprint f[SUFFIXES];
	uint8_t labels[SUFFIXES];
	unsigned total;
	if (!rs->names.buckets)
		return;
	unsigned found = fingerprint_suffixes(rs->head->key, n->text, n->len, rs->head->label_counts, f,
					      labels, SUFFIXES, &total);
	for (unsigned i = 0; i < found; i++) {
		uint64_t bucket = image_bucket_of(f[i], rs->names.buckets);
		__builtin_prefetch(&rs->names.keys[bucket]);
		__builtin_prefetch(&rs->names.values[bucket * IMAGE_SLOTS]);
	}
	for (unsigned i = found; i-- > 0;) {
		uint64_t v = image_find(rs->names.keys, rs->names.values, rs->names.buckets, f[i]);
		if (!v)
			continue;
		unsigned wanted =
		    1u << RULE_DOMAIN | 1u << (labels[i] == total ? RULE_HOST : RULE_SUBDOMAINS);
		take_value(rs, v, f[i], wanted, m);
	}
}

struct pattern_context {
	const struct image_role *roles;
	uint64_t n;
	const struct image_role *block, *exception;
};

static int on_pattern(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
	struct pattern_context *c = ctx;
	(void)from;
	(void)to;
	(void)flags;
	if (id >= c->n)
		return 0;
	const struct image_role *r = &c->roles[id], **best = r->exception ? &c->exception : &c->block;
	if (!*best || r < *best)
		*best = r;
	return 0;
}

static void match_patterns(const struct ruleset *rs, struct ruleset_scratch *s, const hs_database_t *db,
			   enum image_section roles, const char *text, unsigned len, struct match *m)
{
	if (!db || !s || !s->hs)
		return;
	struct pattern_context c = {image_at(rs->head, roles), rs->head->section[roles].count, NULL, NULL};
	hs_scan(db, text, len, 0, s->hs, on_pattern, &c);
	if (c.block)
		take(m, c.block);
	if (c.exception)
		take(m, c.exception);
}

static void take_range(const struct ruleset *rs, uint32_t role, struct match *m)
{
	if (role)
		take(m, &rs->roles[role]);
}

static void match_address4(const struct ruleset *rs, uint32_t addr, struct match *m)
{
	const struct image_head *h = rs->head;
	const enum image_section sorts[] = {IMAGE_BLOCKS4, IMAGE_EXCEPTIONS4};
	for (unsigned i = 0; i < 2; i++)
		take_range(rs, prefixset_find4(image_at(h, sorts[i]), h->section[sorts[i]].count, addr), m);
}

static void match_address6(const struct ruleset *rs, const uint8_t addr[16], struct match *m)
{
	const struct image_head *h = rs->head;
	const enum image_section sorts[] = {IMAGE_BLOCKS6, IMAGE_EXCEPTIONS6};
	for (unsigned i = 0; i < 2; i++)
		take_range(rs,
			   prefixset_find6(image_at(h, sorts[i]), h->section[sorts[i]].count, be64(addr),
					   be64(addr + 8)),
			   m);
}

/* Without the bitmap, which knows blocks alone: an exception also holds where a URL rule blocks. */
static void match_address(const struct ruleset *rs, const uint8_t addr[16], struct match *m)
{
	if (address_is4(addr))
		match_address4(rs, be32(addr + 12), m);
	else
		match_address6(rs, addr, m);
}

static void match_host(const struct ruleset *rs, struct ruleset_scratch *s, const struct name *n,
		       struct match *m)
{
	if (n->kind != NAME_DNS) {
		match_address(rs, n->addr, m);
		return;
	}
	match_suffixes(rs, n, m);
	match_patterns(rs, s, rs->name_patterns, IMAGE_NAME_PATTERN_ROLES, n->text, n->len, m);
}

bool ruleset_match_name(const struct ruleset *rs, struct ruleset_scratch *s, const struct name *n,
			struct match *ret)
{
	memset(ret, 0, sizeof(*ret));
	match_host(rs, s, n, ret);
	return conclude(ret);
}

static void match_exact_and_prefixes(const struct ruleset *rs, const struct url *u, struct match *m)
{
	struct fingerprint f[IMAGE_MAX_LENS];
	const uint8_t *key = rs->head->key;
	if (!rs->hosts.buckets)
		return;
	struct fingerprint host = fingerprint_of(key, FINGERPRINT_URL_HOST, u->text, u->host_len);
	uint64_t v = image_find(rs->hosts.keys, rs->hosts.values, rs->hosts.buckets, host);
	if (!v)
		return;
	if (!u->cut) {
		struct fingerprint whole = fingerprint_of(key, FINGERPRINT_URL, u->text, u->len);
		uint64_t rule = image_find(rs->urls.keys, rs->urls.values, rs->urls.buckets, whole);
		if (rule)
			take_value(rs, rule, whole, 1u << RULE_URL, m);
	}
	const uint16_t *lens = (const uint16_t *)image_at(rs->head, IMAGE_PREFIX_LENS) + (uint32_t)v;
	unsigned n = 0, all = v >> 32 & 0xffff;
	while (n < all && lens[n] <= u->len)
		n++;
	fingerprint_prefixes(key, u->text, lens, n, f);
	while (n-- > 0) { /* the longest first */
		uint64_t rule = image_find(rs->urls.keys, rs->urls.values, rs->urls.buckets, f[n]);
		if (rule)
			take_value(rs, rule, f[n], 1u << RULE_URL_PREFIX, m);
	}
}

bool ruleset_match_url(const struct ruleset *rs, struct ruleset_scratch *s, const struct url *u,
		       struct match *ret)
{
	memset(ret, 0, sizeof(*ret));
	match_exact_and_prefixes(rs, u, ret);
	match_host(rs, s, &u->host, ret);
	match_patterns(rs, s, rs->url_patterns, IMAGE_URL_PATTERN_ROLES, u->text, u->len, ret);
	return conclude(ret);
}

bool ruleset_match_addr4(const struct ruleset *rs, uint32_t addr, struct match *ret)
{
	const struct image_head *h = rs->head;
	memset(ret, 0, sizeof(*ret));
	if (!h->section[IMAGE_BITS4].count ||
	    !prefixset_bit(image_at(h, IMAGE_BITS4), (uint16_t)(addr >> 16)))
		return false;
	match_address4(rs, addr, ret);
	return conclude(ret);
}

bool ruleset_match_addr(const struct ruleset *rs, const uint8_t addr[16], struct match *ret)
{
	const struct image_head *h = rs->head;
	if (address_is4(addr))
		return ruleset_match_addr4(rs, be32(addr + 12), ret);
	memset(ret, 0, sizeof(*ret));
	if (!h->section[IMAGE_BITS6].count || !prefixset_bit(image_at(h, IMAGE_BITS6), be16(addr)))
		return false;
	match_address6(rs, addr, ret);
	return conclude(ret);
}
