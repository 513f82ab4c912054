/* SPDX-License-Identifier: BSD-3-Clause */
/* build: what was gathered becomes an image. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "rules/compile_state.h"

struct build {
	struct compiler *c;
	uint8_t *image;
	size_t used, room;
	struct vec roles; /* struct image_role; 0 is never used */
	struct err *e;
};

static struct image_head *head(struct build *b)
{
	return (struct image_head *)b->image;
}

/* The place of a section of n elements; NULL where the estimate of room was wrong, which a test would find. */
static void *place(struct build *b, enum image_section s, size_t n, size_t element_bytes)
{
	b->used = (b->used + IMAGE_ALIGN - 1) & ~(size_t)(IMAGE_ALIGN - 1);
	if (n * element_bytes > b->room - b->used)
		return NULL;
	head(b)->section[s].off = b->used;
	head(b)->section[s].count = n;
	void *at = b->image + b->used;
	b->used += n * element_bytes;
	return at;
}

static int put(struct build *b, enum image_section s, const void *data, size_t n, size_t element_bytes)
{
	void *at = place(b, s, n, element_bytes);
	if (!at)
		return err_set(b->e, -ENOMEM, "no room for section %u", s);
	if (n)
		memcpy(at, data, n * element_bytes);
	return 0;
}

static int put_lists(struct build *b)
{
	struct compile_list *l = b->c->lists.at;
	size_t n = b->c->lists.n, bytes = 0;
	for (size_t i = 0; i < n; i++)
		for (unsigned f = 0; f < META_COUNT; f++)
			bytes += strlen(l[i].meta[f] ? l[i].meta[f] : meta_rows[f].def) + 1;
	struct image_list *rows = place(b, IMAGE_LISTS, n, sizeof(*rows));
	char *strings = place(b, IMAGE_STRINGS, bytes, 1);
	if (!rows || !strings)
		return err_set(b->e, -ENOMEM, "no room for lists");
	uint32_t at = 0;
	for (size_t i = 0; i < n; i++)
		for (unsigned f = 0; f < META_COUNT; f++) {
			const char *v = l[i].meta[f] ? l[i].meta[f] : meta_rows[f].def;
			int action = meta_action((enum meta_field)f, v);
			rows[i].meta[f] = at;
			rows[i].action[f] = (uint8_t)(action < 0 ? ACTION_COUNT : action);
			memcpy(strings + at, v, strlen(v) + 1);
			at += (uint32_t)strlen(v) + 1;
		}
	return 0;
}

static int put_keys(struct build *b, const struct vec *keys, enum image_section s, struct build_table *t)
{
	const struct compile_key *k = keys->at;
	t->buckets = build_buckets(keys->n);
	t->keys = place(b, s, t->buckets, sizeof(*t->keys));
	t->values = place(b, s + 1, t->buckets * IMAGE_SLOTS, sizeof(*t->values));
	t->roles = &b->roles;
	if (!t->keys || !t->values)
		return err_set(b->e, -ENOMEM, "no room for %zu keys", keys->n);
	for (size_t i = 0; i < keys->n; i++) {
		struct image_role first;
		if (i + 16 < keys->n)
			__builtin_prefetch(&t->keys[image_bucket_of(k[i + 16].f, t->buckets)], 1);
		switch (build_insert(t, k[i].f, k[i].value, &first)) {
		case BUILD_NEW:
		case BUILD_CHAINED:
			break;
		case BUILD_DUPLICATE:
			if (build_note(b->c, NOTE_DUPLICATE, &k[i], &first, "stands there already"))
				return err_set(b->e, -ENOMEM, "no memory for the report");
			break;
		case BUILD_FULL:
			return err_set(b->e, -ENOSPC,
				       "a table of %zu keys is full: compile again with another key",
				       keys->n);
		case BUILD_NO_MEMORY:
			return err_set(b->e, -ENOMEM, "no memory for rules");
		}
	}
	return 0;
}

static int by_host(const void *a, const void *b)
{
	const struct compile_host *x = a, *y = b;
	if (x->f.a != y->f.a)
		return x->f.a < y->f.a ? -1 : 1;
	if (x->f.b != y->f.b)
		return x->f.b < y->f.b ? -1 : 1;
	return x->prefix_len < y->prefix_len ? -1 : x->prefix_len > y->prefix_len;
}

/* The distinct prefix lengths of each host, and the table that leads there. */
static int put_hosts(struct build *b)
{
	struct compiler *c = b->c;
	struct compile_host *h = c->hosts.at;
	const struct compile_key *urls = c->urls.at;
	struct build_table t = {.buckets = build_buckets(c->hosts.n), .roles = &b->roles};
	struct image_role first;
	if (c->hosts.n)
		qsort(h, c->hosts.n, sizeof(*h), by_host);
	t.keys = place(b, IMAGE_HOST_KEYS, t.buckets, sizeof(*t.keys));
	t.values = place(b, IMAGE_HOST_VALUES, t.buckets * IMAGE_SLOTS, sizeof(*t.values));
	uint16_t *lens = place(b, IMAGE_PREFIX_LENS, c->hosts.n, sizeof(*lens));
	if (!t.keys || !t.values || !lens)
		return err_set(b->e, -ENOMEM, "no room for %zu URLs", c->hosts.n);
	size_t at = 0;
	for (size_t i = 0; i < c->hosts.n;) {
		size_t from = at, j = i;
		for (; j < c->hosts.n && fingerprint_same(h[j].f, h[i].f); j++) {
			if (!h[j].prefix_len || (at > from && lens[at - 1] == h[j].prefix_len))
				continue;
			if (at - from == IMAGE_MAX_LENS) {
				if (build_note(
					c, NOTE_REJECTED, &urls[h[j].key], &(struct image_role){0},
					"more than 1024 different lengths of prefixes on one host: write a regular expression"))
					return err_set(b->e, -ENOMEM, "no memory for the report");
				continue;
			}
			lens[at++] = (uint16_t)h[j].prefix_len;
		}
		if (build_insert(&t, h[i].f, IMAGE_SINGLE | (uint64_t)(at - from) << 32 | from, &first) !=
		    BUILD_NEW)
			return err_set(b->e, -ENOSPC,
				       "the table of hosts is full: compile again with another key");
		i = j;
	}
	head(b)->section[IMAGE_PREFIX_LENS].count = at;
	return 0;
}

static void set_bits(uint8_t *bits, unsigned from, unsigned to)
{
	for (unsigned i = from; i <= to; i++)
		bits[i >> 3] |= (uint8_t)(1u << (i & 7));
}

/* The ranges of one sort (block or exception) and family. */
static int put_ranges(struct build *b, bool v4, bool exception, enum image_section s, uint8_t *bits)
{
	const struct compile_prefix *all = b->c->prefixes.at;
	size_t n = 0;
	struct prefix *p = malloc((b->c->prefixes.n + 1) * sizeof(*p));
	struct prefix_range *r = malloc((2 * b->c->prefixes.n + 2) * sizeof(*r));
	int err = p && r ? 0 : err_set(b->e, -ENOMEM, "no memory for prefixes");
	for (size_t i = 0; !err && i < b->c->prefixes.n; i++) {
		bool is4 = all[i].p.from >= PREFIX_V4_FROM && all[i].p.to <= PREFIX_V4_TO;
		if (is4 != v4 || all[i].exception != exception)
			continue;
		p[n] = all[i].p;
		p[n++].role += 1; /* ROLES begins with them */
	}
	size_t ranges = err ? 0 : prefixset_flatten(p, n, r);
	struct image_range4 *out4 = v4 && !err ? place(b, s, ranges, sizeof(*out4)) : NULL;
	struct image_range6 *out6 = !v4 && !err ? place(b, s, ranges, sizeof(*out6)) : NULL;
	if (!err && !out4 && !out6)
		err = err_set(b->e, -ENOMEM, "no room for prefixes");
	for (size_t i = 0; !err && i < ranges; i++) {
		if (v4) {
			out4[i] = (struct image_range4){(uint32_t)r[i].from, (uint32_t)r[i].to, r[i].role};
			if (!exception)
				set_bits(bits, out4[i].from >> 16, out4[i].to >> 16);
		} else {
			out6[i] = (struct image_range6){{(uint64_t)(r[i].from >> 64), (uint64_t)r[i].from},
							{(uint64_t)(r[i].to >> 64), (uint64_t)r[i].to},
							r[i].role,
							0};
			if (!exception)
				set_bits(bits, (unsigned)(r[i].from >> 112), (unsigned)(r[i].to >> 112));
		}
	}
	free(p);
	free(r);
	return err;
}

static int put_prefixes(struct build *b)
{
	for (unsigned v4 = 0; v4 < 2; v4++) {
		enum image_section s = v4 ? IMAGE_BITS4 : IMAGE_BITS6;
		uint8_t *bits = place(b, s, IMAGE_BITS_BYTES, 1);
		if (!bits)
			return err_set(b->e, -ENOMEM, "no room for prefixes");
		int err = put_ranges(b, v4, false, s + 1, bits);
		if (!err)
			err = put_ranges(b, v4, true, s + 2, bits);
		if (err)
			return err;
	}
	return 0;
}

struct refused {
	struct compiler *c;
	const struct image_role *roles;
	int err;
};

static void on_refused(void *ctx, unsigned index, const char *why)
{
	struct refused *r = ctx;
	int err = build_note_role(r->c, NOTE_REJECTED, &r->roles[index], &(struct image_role){0}, why);
	r->err = r->err ? r->err : err;
	r->c->report.by_kind[r->roles[index].kind][r->roles[index].exception]--;
	r->c->report.entries--;
}

static int put_patterns(struct build *b, struct vec *sources, const struct vec *roles,
			enum image_section s_roles, enum image_section s)
{
	char *db = NULL;
	size_t bytes = 0;
	struct refused ctx = {b->c, roles->at, 0};
	if (sources->n > PATTERNS_MAX)
		return err_set(b->e, -E2BIG, "%zu patterns are more than %u", sources->n, PATTERNS_MAX);
	bool cached;
	int err =
	    patterns_compile(sources->at, (unsigned)sources->n, b->c->cache.folder ? &b->c->cache : NULL, &db,
			     &bytes, &cached, on_refused, &ctx, b->e);
	b->c->report.patterns_cached += !err && cached;
	b->c->report.patterns_compiled += !err && db && !cached;
	if (!err && ctx.err)
		err = err_set(b->e, ctx.err, "no memory for the report");
	if (!err && bytes > b->room - b->used) { /* the one section whose size is not known beforehand */
		size_t room = b->room + bytes;
		void *image = mremap(b->image, b->room, room, MREMAP_MAYMOVE);
		if (image == MAP_FAILED)
			err = err_set(b->e, -ENOMEM, "no memory for %zu bytes of patterns", bytes);
		else
			b->image = image, b->room = room;
	}
	if (!err)
		err = put(b, s_roles, roles->at, roles->n, sizeof(struct image_role));
	if (!err)
		err = put(b, s, db, bytes, 1);
	free(db);
	return err;
}

static size_t room_for(const struct compiler *c)
{
	size_t keys = c->names.n + c->urls.n + c->hosts.n, tables = (build_buckets(keys) + 3) * (64 + 32);
	size_t roles = (2 * keys + c->prefix_roles.n + c->url_pattern_roles.n + c->name_pattern_roles.n + 1) *
		       sizeof(struct image_role);
	return sizeof(struct image_head) +
	       c->lists.n * (sizeof(struct image_list) + META_COUNT * (META_MAX_BYTES + 1)) + tables + roles +
	       c->hosts.n * 2 + c->prefixes.n * 2 * sizeof(struct image_range6) + 4 * IMAGE_BITS_BYTES +
	       (size_t)(IMAGE_SECTIONS + 1) * IMAGE_ALIGN + 4096;
}

static int fill(struct build *b)
{
	struct compiler *c = b->c;
	struct build_table names = {0}, urls = {0};
	build_sort_texts(c);
	struct image_role *zero = vec_push(&b->roles, sizeof(*zero));
	if (!zero)
		return err_set(b->e, -ENOMEM, "no memory for rules");
	memset(zero, 0, sizeof(*zero));
	for (size_t i = 0; i < c->prefix_roles.n; i++) {
		struct image_role *r = vec_push(&b->roles, sizeof(*r));
		if (!r)
			return err_set(b->e, -ENOMEM, "no memory for rules");
		*r = ((const struct image_role *)c->prefix_roles.at)[i];
	}
	if (build_note_same(c, &c->prefix_roles, NULL) ||
	    build_note_same(c, &c->url_pattern_roles, c->url_patterns.at) ||
	    build_note_same(c, &c->name_pattern_roles, c->name_patterns.at))
		return err_set(b->e, -ENOMEM, "no memory for the report");
	memcpy(head(b)->key, c->key, sizeof(c->key)); /* look-ups for the notes need them */
	head(b)->label_counts = c->label_counts;
	int err = put_lists(b);
	err = err ? err : put_keys(b, &c->names, IMAGE_NAME_KEYS, &names);
	err = err ? err : put_keys(b, &c->urls, IMAGE_URL_KEYS, &urls);
	err = err ? err : put_hosts(b);
	err = err ? err : put_prefixes(b);
	err = err ? err
		  : put_patterns(b, &c->url_patterns, &c->url_pattern_roles, IMAGE_URL_PATTERN_ROLES,
				 IMAGE_URL_PATTERNS);
	err = err ? err
		  : put_patterns(b, &c->name_patterns, &c->name_pattern_roles, IMAGE_NAME_PATTERN_ROLES,
				 IMAGE_NAME_PATTERNS);
	err = err ? err : put(b, IMAGE_ROLES, b->roles.at, b->roles.n, sizeof(struct image_role));
	if (!err && (build_notes(c, head(b)) || build_note_patterns(c)))
		err = err_set(b->e, -ENOMEM, "no memory for the report");
	return err;
}

static void finish_head(struct build *b)
{
	struct compiler *c = b->c;
	struct image_head *h = head(b);
	memcpy(h->magic, IMAGE_MAGIC, sizeof(h->magic));
	h->version = IMAGE_VERSION;
	h->order = IMAGE_ORDER;
	h->bytes = b->used;
	memcpy(h->counts, c->report.by_kind, sizeof(h->counts));
	image_digest(b->image, b->used, h->digest);
}

static size_t whole_pages(size_t bytes)
{
	return (bytes + 4095) & ~(size_t)4095;
}

int compiler_build(struct compiler *c, void **ret_image, size_t *ret_bytes, struct err *e)
{
	struct build b = {
	    .c = c, .used = sizeof(struct image_head), .room = whole_pages(room_for(c)), .e = e};
	b.image =
	    mmap(NULL, b.room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (b.image == MAP_FAILED)
		return err_set(e, -ENOMEM, "no memory for a ruleset of %zu bytes", b.room);
	madvise(b.image, b.room, MADV_HUGEPAGE);
	madvise(b.image, b.room, MADV_DONTDUMP);
	int err = fill(&b);
	free(b.roles.at);
	if (err) {
		munmap(b.image, b.room);
		return err;
	}
	finish_head(&b);
	size_t kept = whole_pages(b.used);
	if (kept < b.room)
		munmap(b.image + kept, whole_pages(b.room) - kept);
	*ret_image = b.image;
	*ret_bytes = b.used;
	return 0;
}

void compiler_image_free(void *image, size_t bytes)
{
	if (image)
		munmap(image, whole_pages(bytes));
}
