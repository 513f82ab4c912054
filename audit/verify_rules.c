/* SPDX-License-Identifier: BSD-3-Clause */
/* Slots in the log's order: what leaves say of the log itself (docs/audit-format.md), and which file is the changed one. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify_run.h"

#define KEY_DOMAIN "roja-audit-key/v1"

static bool span_is(struct span s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.p, text, s.len);
}

/* A vkey of the log's own kind: its name is the origin. */
static int take_key(struct verify_run *v, uint64_t leaf, struct span vkey, struct verifier *ret)
{
	char text[NOTE_VKEY_BYTES];
	struct err e;
	snprintf(text, sizeof(text), "%.*s", (int)vkey.len, (const char *)vkey.p);
	if (vkey.len >= sizeof(text) || verifier_parse(text, ret, &e))
		return verify_find(&v->found, VERIFY_KEY, leaf, leaf, NULL, "its key is none: %s",
				   vkey.len >= sizeof(text) ? "it is too long" : e.text);
	if (strcmp(ret->name, v->r->origin) || ret->type != NOTE_ED25519)
		return verify_find(&v->found, VERIFY_KEY, leaf, leaf, NULL,
				   "its key is not one of the log's name");
	return 0;
}

static int add_key(struct verify_run *v, uint64_t leaf, const struct verifier *key)
{
	if (v->n_keys == VERIFY_KEYS_MAX)
		return verify_find(&v->found, VERIFY_KEY, leaf, leaf, NULL, "more than %u keys",
				   VERIFY_KEYS_MAX);
	v->keys[v->n_keys] = *key;
	v->key_leaf[v->n_keys++] = leaf;
	return 0;
}

static int rule_log(struct verify_run *v, uint64_t leaf, const struct entry *x)
{
	struct verifier key;
	if (leaf)
		return verify_find(&v->found, VERIFY_KEY, leaf, leaf, NULL, "a log begins within the log");
	if (!span_is(x->v[ENTRY_F(LOG, origin)].s, v->r->origin))
		return verify_find(&v->found, VERIFY_OTHER_LOG, 0, 0, NULL,
				   "the first leaf says that the log is \"%.*s\", the checkpoint says \"%s\"",
				   (int)x->v[ENTRY_F(LOG, origin)].s.len,
				   (const char *)x->v[ENTRY_F(LOG, origin)].s.p, v->r->origin);
	int err = take_key(v, leaf, x->v[ENTRY_F(LOG, vkey)].s, &key);
	return err ? err : add_key(v, leaf, &key);
}

static int rule_key(struct verify_run *v, uint64_t leaf, const struct entry *x)
{
	struct span vkey = x->v[ENTRY_F(KEY, vkey)].s;
	struct verifier key;
	char text[sizeof(KEY_DOMAIN) + NOTE_NAME_MAX + NOTE_VKEY_BYTES + 3];
	int err = take_key(v, leaf, vkey, &key);
	if (err)
		return err;
	int n = snprintf(text, sizeof(text), "%s\n%s\n%.*s\n", KEY_DOMAIN, v->r->origin, (int)vkey.len,
			 (const char *)vkey.p);
	if (!verifier_check(&v->keys[v->n_keys - 1], text, (size_t)n, x->v[ENTRY_F(KEY, signature)].s.p))
		return verify_find(&v->found, VERIFY_KEY, leaf, leaf, NULL,
				   "the new key is not signed by the key before it");
	return add_key(v, leaf, &key);
}

static int rule_head(struct verify_run *v, const struct verify_slot *s, unsigned i, const struct entry *x,
		     struct frontier *at)
{
	uint64_t leaf = s->n * TILE_WIDTH + i, size = x->v[ENTRY_F(HEAD, size)].n;
	struct hash root;
	if (size != leaf)
		return verify_find(&v->found, VERIFY_HEAD, leaf, leaf, NULL,
				   "it names a checkpoint of %" PRIu64 " leaves, and is itself leaf %" PRIu64,
				   size, leaf);
	if (at->size < v->tree.size || at->size > leaf)
		*at = v->tree;
	while (at->size < leaf)
		frontier_add(at, &s->leaf[at->size - v->tree.size]);
	frontier_root(at, &root);
	if (memcmp(root.b, x->v[ENTRY_F(HEAD, root)].s.p, sizeof(root.b)))
		return verify_find(&v->found, VERIFY_HEAD, v->last_head, leaf, NULL,
				   "the tree of the first %" PRIu64
				   " leaves has another root than leaf %" PRIu64
				   " says was signed: one of the leaves %" PRIu64 " to %" PRIu64
				   " was changed, with the hashes above it",
				   leaf, leaf, v->last_head, leaf);
	for (; v->next_wanted < v->n_wanted && v->wanted[v->next_wanted].size <= leaf; v->next_wanted++)
		if (v->wanted[v->next_wanted].size == leaf) {
			v->wanted[v->next_wanted].found = true;
			v->wanted[v->next_wanted].found_root = root;
		}
	v->last_head = leaf;
	for (unsigned k = v->n_keys; k-- && v->key_leaf[k] < leaf && !v->key_signed[k];)
		v->key_signed[k] = leaf;
	v->r->heads++;
	verify_levels_signed(v, leaf);
	return 0;
}

int verify_chain_rule(struct verify_run *v, uint64_t leaf, const struct entry *x)
{
	if (x->kind == ENTRY_LOG)
		return rule_log(v, leaf, x);
	if (x->kind != ENTRY_KEY)
		return 0;
	if (!v->n_keys)
		return verify_find(&v->found, VERIFY_KEY, leaf, leaf, NULL,
				   "a key follows, and the log's first one is not there");
	return rule_key(v, leaf, x);
}

static int rule_prune(struct verify_run *v, uint64_t leaf, const struct entry *x)
{
	uint64_t minimum = x->v[ENTRY_F(PRUNE, minimum)].n, removed = x->v[ENTRY_F(PRUNE, removed)].n;
	if (minimum > leaf / TILE_WIDTH || removed > minimum * TILE_WIDTH ||
	    (v->prune.leaf != VERIFY_NO_LEAF && (minimum < v->prune.minimum || removed < v->prune.removed)))
		return verify_find(&v->found, VERIFY_RETENTION, leaf, leaf, NULL,
				   "it says that %" PRIu64 " bodies of the first %" PRIu64
				   " bundles were removed, which cannot be",
				   removed, minimum);
	v->prune_before = v->prune;
	v->prune.leaf = leaf;
	v->prune.minimum = minimum;
	v->prune.removed = removed;
	memcpy(v->prune.bitmaps, x->v[ENTRY_F(PRUNE, bitmaps)].s.p, sizeof(v->prune.bitmaps));
	return 0;
}

int verify_rule(struct verify_run *v, const struct verify_slot *s, unsigned i, struct frontier *at)
{
	const struct verify_fact *f = &s->fact[i];
	uint64_t leaf = s->n * TILE_WIDTH + i;
	struct entry x;
	struct err e;
	v->r->kinds[f->kind] += !f->removed;
	v->r->removed += f->removed;
	if (!leaf && f->kind != ENTRY_LOG)
		return verify_find(&v->found, VERIFY_KEY, 0, 0, NULL,
				   "the first leaf is not that of a log's beginning");
	switch (f->kind) {
	case ENTRY_LOG:
	case ENTRY_HEAD:
	case ENTRY_KEY:
	case ENTRY_SOURCE:
	case ENTRY_TALLY:
	case ENTRY_GAP:
	case ENTRY_PRUNE:
	case ENTRY_STAMP:
	case ENTRY_WITNESS:
		break;
	default:
		return VERIFY_EVENTS >> f->kind & 1 ? verify_event_rule(v, leaf, f) : 0;
	}
	if (entry_decode(s->entry[i], &x, &e))
		return verify_find(&v->found, VERIFY_ENCODING, leaf, leaf, NULL, "%s", e.text);
	switch (f->kind) {
	case ENTRY_LOG:
	case ENTRY_KEY:
		return verify_chain_rule(v, leaf, &x);
	case ENTRY_HEAD:
		return rule_head(v, s, i, &x, at);
	case ENTRY_PRUNE:
		return rule_prune(v, leaf, &x);
	case ENTRY_STAMP:
		return verify_stamp_rule(v, leaf, &x);
	case ENTRY_WITNESS:
		return verify_witness_rule(v, leaf, &x);
	default:
		return verify_source_rule(v, leaf, f, &x);
	}
}

/* Entry and hash tile differ: which of them does the tree above know? */
static void settle(struct verify_run *v, struct verify_slot *s)
{
	struct tile t = {.level = 0, .n = s->n, .width = s->width};
	bool tile_is_bad = false;
	if (s->width < TILE_WIDTH) {
		struct frontier f = v->tree;
		struct hash root;
		for (unsigned i = 0; i < s->width; i++)
			frontier_add(&f, &s->leaf[i]);
		frontier_root(&f, &root);
		tile_is_bad = hash_equal(&root, &v->head.root);
	} else {
		struct tile above = {.level = 1, .n = s->n / TILE_WIDTH, .width = TILE_WIDTH};
		uint64_t left = tile_count(1, v->head.size) - above.n * TILE_WIDTH;
		char path[TILE_PATH_BYTES];
		above.width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
		tile_path(&above, path);
		if (!verify_read(v->fd, path, VERIFY_TILE_BYTES, &v->whole) &&
		    v->whole.len > s->n % TILE_WIDTH * sizeof(struct hash))
			tile_is_bad = hash_equal(&s->root, (struct hash *)v->whole.p + s->n % TILE_WIDTH);
	}
	if (!tile_is_bad)
		return;
	tile_path(&t, s->found.file);
	s->found.fault = VERIFY_HASH;
	snprintf(s->found.text, sizeof(s->found.text),
		 "hash %u of the tile was changed: the entry and the tree above agree on another one",
		 s->good);
}

int verify_take(struct verify_run *v, struct verify_slot *s)
{
	struct frontier at = {.size = 0};
	for (unsigned i = 0; i < s->good; i++) {
		int err = verify_rule(v, s, i, &at);
		if (err > 0 && !v->found.file[0])
			tile_path(&(struct tile){TILE_ENTRIES, s->n, s->width}, v->found.file);
		if (err)
			return err;
	}
	if (s->found.code) {
		if (s->differs && s->found.fault == VERIFY_ENTRY)
			settle(v, s);
		v->found = s->found;
		return v->found.code;
	}
	v->r->bytes += s->bytes;
	v->r->first_ns = v->r->first_ns ? v->r->first_ns : s->first_ns;
	v->r->last_ns = s->last_ns ? s->last_ns : v->r->last_ns;
	if (s->width == TILE_WIDTH) {
		verify_frontier_add(&v->tree, TILE_HEIGHT, &s->root);
		return verify_levels_add(v, 1, &s->root);
	}
	for (unsigned i = 0; i < s->width; i++)
		frontier_add(&v->tree, &s->leaf[i]);
	return verify_levels_edge(v, s);
}
