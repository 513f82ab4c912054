/* SPDX-License-Identifier: BSD-3-Clause */
/* build_notes: which entries need not be there, because they stand twice or a wider rule covers them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/compile_state.h"

#define SUFFIXES 128

static struct span text_at(const struct compiler *c, uint64_t at)
{
	const uint8_t *t = (const uint8_t *)c->texts.at + at;
	uint16_t len;
	memcpy(&len, t, sizeof(len));
	return (struct span){t + sizeof(len), len};
}

int build_note(struct compiler *c, enum note_kind kind, const struct compile_key *k,
	       const struct image_role *other, const char *why)
{
	struct span text = text_at(c, k->text);
	return report_add(c, kind, (uint32_t)(k->value >> 32 & 0xffff), (uint32_t)k->value, other->list,
			  other->line, why, text.p, text.len);
}

static int by_place(const void *x, const void *y)
{
	const struct compile_text *a = x, *b = y;
	return (a->place > b->place) - (a->place < b->place);
}

void build_sort_texts(struct compiler *c)
{
	if (c->role_texts.n)
		qsort(c->role_texts.at, c->role_texts.n, sizeof(struct compile_text), by_place);
}

int build_note_role(struct compiler *c, enum note_kind kind, const struct image_role *r,
		    const struct image_role *other, const char *why)
{
	const struct compile_text key = {.place = (uint64_t)r->list << 32 | r->line};
	const struct compile_text *t = bsearch(&key, c->role_texts.at, c->role_texts.n, sizeof(*t), by_place);
	struct span text = t ? text_at(c, t->text) : (struct span){NULL, 0};
	return report_add(c, kind, r->list, r->line, other->list, other->line, why, text.p, text.len);
}

static int by_id(const void *x, const void *y)
{
	const struct image_role *a = *(const struct image_role *const *)x,
				*b = *(const struct image_role *const *)y;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return (a > b) - (a < b);
}

int build_note_same(struct compiler *c, const struct vec *roles, struct pattern_source *patterns)
{
	const struct image_role *all = roles->at, **sorted = calloc(roles->n + 1, sizeof(*sorted));
	int err = sorted ? 0 : -ENOMEM;
	for (size_t i = 0; !err && i < roles->n; i++)
		sorted[i] = &all[i];
	if (!err)
		qsort(sorted, roles->n, sizeof(*sorted), by_id);
	for (size_t i = 1, first = 0; !err && i < roles->n; i++) {
		if (sorted[i]->id != sorted[first]->id) {
			first = i;
			continue;
		}
		if (patterns)
			patterns[sorted[i] - all].dropped = true;
		err = build_note_role(c, NOTE_DUPLICATE, sorted[i], sorted[first], "stands there already");
	}
	free(sorted);
	return err;
}

int build_note_patterns(struct compiler *c)
{
	const struct image_role *roles = c->url_pattern_roles.at, none = {0};
	const struct pattern_source *sources = c->url_patterns.at;
	for (size_t i = 0; i < c->url_patterns.n; i++)
		if (!sources[i].dropped && !roles[i].exception &&
		    build_note_role(c, NOTE_HTTP_ONLY, &roles[i], &none, NOTE_WHY_HTTP_ONLY))
			return -ENOMEM;
	return 0;
}

/* The first rule of a value with one of these kinds. */
static bool find_role(const struct image_head *h, uint64_t value, unsigned kinds, bool exception,
		      struct image_role *ret)
{
	const struct image_role *all = image_at(h, IMAGE_ROLES);
	if (value & IMAGE_SINGLE) {
		*ret = build_role((struct fingerprint){0, 0}, value);
		return kinds >> ret->kind & 1 && !ret->exception == !exception;
	}
	for (uint32_t i = (uint32_t)value; i; i = all[i].next)
		if (kinds >> all[i].kind & 1 && !all[i].exception == !exception) {
			*ret = all[i];
			return true;
		}
	return false;
}

static uint64_t find(const struct image_head *h, enum image_section keys, struct fingerprint f)
{
	return image_find(image_at(h, keys), image_at(h, keys + 1), h->section[keys].count, f);
}

/* The widest rule over a name's suffixes, and of kinds `whole` on the name itself. */
static bool find_wider_name(const struct image_head *h, struct span name, unsigned whole, bool exception,
			    struct image_role *ret)
{
	struct fingerprint f[SUFFIXES];
	uint8_t labels[SUFFIXES];
	unsigned total;
	unsigned n = fingerprint_suffixes(h->key, (const char *)name.p, name.len, h->label_counts, f, labels,
					  SUFFIXES, &total);
	for (unsigned i = 0; i < n; i++) {
		unsigned kinds = labels[i] == total ? whole : 1u << RULE_DOMAIN | 1u << RULE_SUBDOMAINS;
		uint64_t v = kinds ? find(h, IMAGE_NAME_KEYS, f[i]) : 0;
		if (v && find_role(h, v, kinds, exception, ret))
			return true;
	}
	return false;
}

static int note_names(struct compiler *c, const struct image_head *h)
{
	const struct compile_key *k = c->names.at;
	bool one_depth = !(h->label_counts & (h->label_counts - 1));
	if (one_depth && h->section[IMAGE_ROLES].count == c->prefix_roles.n + 1)
		return 0; /* and one rule a name: nothing is wider */
	for (size_t i = 0; i < c->names.n; i++) {
		unsigned kind = k[i].value >> 49 & 0xf, whole = kind == RULE_DOMAIN ? 0 : 1u << RULE_DOMAIN;
		struct image_role by;
		if (find_wider_name(h, text_at(c, k[i].text), whole, k[i].value >> 48 & 1, &by) &&
		    build_note(c, NOTE_SHADOWED, &k[i], &by, "a wider rule covers it"))
			return -ENOMEM;
	}
	return 0;
}

/* "host:8080" without its port. */
static struct span without_port(struct span host)
{
	size_t n = host.len;
	while (n && host.p[n - 1] >= '0' && host.p[n - 1] <= '9')
		n--;
	if (n && n < host.len && host.p[n - 1] == ':')
		host.len = n - 1;
	return host;
}

static bool find_wider_prefix(const struct image_head *h, struct span url, size_t host_len, bool is_prefix,
			      bool exception, struct image_role *ret)
{
	uint64_t v = find(h, IMAGE_HOST_KEYS, fingerprint_of(h->key, FINGERPRINT_URL_HOST, url.p, host_len));
	const uint16_t *lens = (const uint16_t *)image_at(h, IMAGE_PREFIX_LENS) + (uint32_t)v;
	unsigned n = v >> 32 & 0xffff;
	for (unsigned i = 0; i < n && lens[i] + (is_prefix ? 1u : 0u) <= url.len; i++) {
		struct fingerprint f;
		fingerprint_prefixes(h->key, (const char *)url.p, &lens[i], 1, &f);
		uint64_t rule = find(h, IMAGE_URL_KEYS, f);
		if (rule && find_role(h, rule, 1u << RULE_URL_PREFIX, exception, ret))
			return true;
	}
	return false;
}

static int note_urls(struct compiler *c, const struct image_head *h)
{
	const struct compile_key *k = c->urls.at;
	for (size_t i = 0; i < c->urls.n; i++) {
		struct span url = text_at(c, k[i].text);
		size_t host_len = (size_t)((const uint8_t *)memchr(url.p, '/', url.len) - url.p);
		bool exception = k[i].value >> 48 & 1,
		     is_prefix = (k[i].value >> 49 & 0xf) == RULE_URL_PREFIX;
		struct image_role by;
		if (!find_wider_name(h, without_port((struct span){url.p, host_len}),
				     1u << RULE_DOMAIN | 1u << RULE_HOST, exception, &by) &&
		    !find_wider_prefix(h, url, host_len, is_prefix, exception, &by))
			continue;
		if (build_note(c, NOTE_SHADOWED, &k[i], &by, "a wider rule covers it"))
			return -ENOMEM;
	}
	return 0;
}

static int by_sort_and_place(const void *x, const void *y)
{
	const struct compile_prefix *a = *(const struct compile_prefix *const *)x,
				    *b = *(const struct compile_prefix *const *)y;
	if (a->exception != b->exception)
		return a->exception - b->exception;
	if (a->p.from != b->p.from)
		return a->p.from < b->p.from ? -1 : 1;
	return a->p.len != b->p.len ? a->p.len - b->p.len : (a > b) - (a < b);
}

/* Prefixes nest or lie apart, so one that covers others comes right before them: the widest is kept at hand. */
static int note_prefixes(struct compiler *c)
{
	const struct compile_prefix *all = c->prefixes.at, **p = calloc(c->prefixes.n + 1, sizeof(*p));
	const struct image_role *roles = c->prefix_roles.at;
	const struct compile_prefix *wide = NULL;
	int err = p ? 0 : -ENOMEM;
	for (size_t i = 0; !err && i < c->prefixes.n; i++)
		p[i] = &all[i];
	if (!err)
		qsort(p, c->prefixes.n, sizeof(*p), by_sort_and_place);
	for (size_t i = 0; !err && i < c->prefixes.n; i++) {
		if (!wide || wide->exception != p[i]->exception || wide->p.to < p[i]->p.from)
			wide = p[i];
		else if (wide->p.len < p[i]->p.len &&
			 (p[i - 1]->p.from != p[i]->p.from || p[i - 1]->p.len != p[i]->p.len))
			err = build_note_role(c, NOTE_SHADOWED, &roles[p[i]->p.role], &roles[wide->p.role],
					      "a wider prefix covers it");
	}
	free(p);
	return err;
}

int build_notes(struct compiler *c, const struct image_head *h)
{
	return note_names(c, h) || note_urls(c, h) || note_prefixes(c) ? -ENOMEM : 0;
}
