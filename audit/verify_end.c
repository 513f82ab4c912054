/* SPDX-License-Identifier: BSD-3-Clause */
/* What is left once all leaves were read: root, keys and signatures, prunes, and checkpoints from before. */
#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <string.h>

#include "audit/verify_run.h"

#define CHECKPOINT "checkpoint"

/* The key of the chain that signs at `size`. */
static unsigned key_at(const struct verify_run *v, uint64_t size)
{
	unsigned i = v->n_keys - 1;
	while (i && v->key_leaf[i] >= size)
		i--;
	return i;
}

/* A checkpoint of `size` is the first that covers the leaf of key i: the one before it must have signed, too. */
static bool is_first_of(const struct verify_run *v, unsigned i, uint64_t size)
{
	return v->key_signed && i && v->key_leaf[i] < size && (!v->key_signed[i] || v->key_signed[i] >= size);
}

int verify_signed_by_chain(const struct verify_run *v, const struct note *note, uint64_t size, struct err *e)
{
	uint64_t mask = 0;
	unsigned key = key_at(v, size), first = key > 62 ? key - 62 : 0;
	int err = note_verify(note, v->keys + first, key - first + 1, &mask, NULL, e);
	if (!err && !(mask >> (key - first) & 1))
		err = err_set(e, -ENOKEY, "it is not signed by the key that signs at that size");
	for (unsigned i = key; !err && i > first && is_first_of(v, i, size); i--)
		if (!(mask >> (i - 1 - first) & 1))
			err = err_set(e, -ENOKEY,
				      "it is the first one of the key that leaf %" PRIu64
				      " names, and not signed by the key before that",
				      v->key_leaf[i]);
	return err;
}

int verify_keys_report(struct verify_run *v, uint64_t size)
{
	verifier_print(&v->keys[key_at(v, size)], v->r->key);
	verifier_print(&v->keys[0], v->r->first_key);
	v->r->keys = v->n_keys;
	return 0;
}

static int check_signature(struct verify_run *v)
{
	struct err e = {""};
	if (!v->n_keys) /* no leaf: its key will be that of leaf 0 */
		return 0;
	int err = verify_signed_by_chain(v, &v->note, v->head.size, &e);
	if (err)
		return verify_find(&v->found, VERIFY_SIGNATURE, VERIFY_NO_LEAF, 0, CHECKPOINT, "%s", e.text);
	return verify_keys_report(v, v->head.size);
}

/* A checkpoint whose own signature is wrong leads every other check astray: then it is what is told. */
void verify_blame_checkpoint(struct verify_run *v)
{
	struct verify_finding *f = &v->found;
	struct err e = {""};
	if (v->n_keys &&
	    (f->fault == VERIFY_MISSING || f->fault == VERIFY_ROOT || f->fault == VERIFY_DAMAGED) &&
	    verify_signed_by_chain(v, &v->note, v->head.size, &e) == -EKEYREJECTED)
		verify_find(f, VERIFY_SIGNATURE, VERIFY_NO_LEAF, 0, CHECKPOINT,
			    "its text was changed, or signed by nobody: %s", e.text);
}

static bool same_key(const struct verifier *a, const struct verifier *b)
{
	return a->type == b->type && !strcmp(a->name, b->name) &&
	       !memcmp(a->public_key, b->public_key, sizeof(a->public_key));
}

static bool in_chain(const struct verify_run *v, const struct verifier *key)
{
	for (unsigned i = 0; i < v->n_keys; i++)
		if (same_key(&v->keys[i], key))
			return true;
	return false;
}

int verify_pinned(struct verify_run *v)
{
	const struct verifier *kept = v->kept_key.name[0] ? &v->kept_key : NULL;
	if (kept && v->n_keys && !in_chain(v, kept))
		return verify_find(
		    &v->found, VERIFY_KEY, VERIFY_NO_LEAF, 0, NULL,
		    "the key that was kept when this log was verified before (%s+%08x) is none of its keys: "
		    "it is another log under the same name",
		    kept->name, kept->id);
	v->r->pinned = kept != NULL;
	if (!v->o->n_keys)
		return 0;
	for (unsigned i = 0; i < v->o->n_keys; i++)
		if (in_chain(v, &v->o->keys[i])) {
			v->r->pinned = true;
			return 0;
		}
	return verify_find(&v->found, VERIFY_KEY, VERIFY_NO_LEAF, 0, NULL,
			   "the key that was given (%s+%08x) is none of this log's keys", v->o->keys[0].name,
			   v->o->keys[0].id);
}

static int check_witnesses(struct verify_run *v)
{
	uint64_t mask = 0;
	struct err e = {""};
	if (!v->o->n_witnesses)
		return 0;
	int err = note_verify(&v->note, v->o->witnesses, v->o->n_witnesses, &mask, NULL, &e);
	if (err == -EKEYREJECTED)
		return verify_find(&v->found, VERIFY_WITNESS, VERIFY_NO_LEAF, 0, CHECKPOINT, "%s", e.text);
	v->r->witnesses = (unsigned)__builtin_popcountll(mask);
	return 0;
}

static int check_root(struct verify_run *v)
{
	frontier_root(&v->tree, &v->root);
	if (hash_equal(&v->root, &v->head.root))
		return 0;
	if (!v->head.size)
		return verify_find(&v->found, VERIFY_ROOT, VERIFY_NO_LEAF, 0, CHECKPOINT,
				   "it has no leaves, and not the root of no leaves");
	return verify_find(
	    &v->found, VERIFY_ROOT, v->last_head, v->head.size - 1, NULL,
	    "entries and hashes fit each other, but not the root that was signed: one of the leaves %" PRIu64
	    " to %" PRIu64 " was changed, with all hashes above it",
	    v->last_head, v->head.size - 1);
}

static bool is_named(const struct verify_pruned *p, uint64_t minimum, uint64_t removed,
		     const uint8_t digest[32])
{
	uint8_t is[32];
	return p->there && p->file.len == minimum * (TILE_WIDTH / 8) && p->removed == removed &&
	       EVP_Digest(p->file.p, p->file.len, is, NULL, EVP_sha256(), NULL) &&
	       !memcmp(is, digest, sizeof(is));
}

/* `pruned` is what the last leaf `prune` names; while bodies are being removed, `pruned.new` is, and `pruned` what the one before names. */
static int check_prunes(struct verify_run *v)
{
	const uint64_t leaf = v->prune.leaf;
	if (leaf == VERIFY_NO_LEAF) {
		if (v->pruned.there || v->pruned_new.there)
			return verify_find(&v->found, VERIFY_RETENTION, VERIFY_NO_LEAF, 0,
					   v->pruned.there ? "pruned" : "pruned.new",
					   "no entry says that bodies were removed");
		return 0;
	}
	if (is_named(&v->pruned, v->prune.minimum, v->prune.removed, v->prune.bitmaps)) {
		if (!v->pruned_new.there)
			return 0;
		return verify_find(&v->found, VERIFY_RETENTION, VERIFY_NO_LEAF, 0, "pruned.new",
				   "no entry names it: a removal is about to begin, or it was put there");
	}
	if (is_named(&v->pruned_new, v->prune.minimum, v->prune.removed, v->prune.bitmaps) &&
	    (v->prune_before.leaf == VERIFY_NO_LEAF
		 ? !v->pruned.there
		 : is_named(&v->pruned, v->prune_before.minimum, v->prune_before.removed,
			    v->prune_before.bitmaps)))
		return 0;
	return verify_find(&v->found, VERIFY_RETENTION, leaf, leaf, "pruned",
			   "it is not the file that leaf %" PRIu64 " names", leaf);
}

/* Checkpoints of before are the log's own, at their sizes. */
static int check_kept(struct verify_run *v)
{
	for (size_t i = 0; i < v->n_wanted; i++) {
		struct verify_wanted *w = &v->wanted[i];
		if (!w->kept)
			continue;
		if (w->size > v->head.size)
			return verify_find(
			    &v->found, VERIFY_ROLLED_BACK, VERIFY_NO_LEAF, 0, CHECKPOINT,
			    "it has %" PRIu64 " leaves; it had %" PRIu64
			    " when it was verified before: what followed was cut off, or an older copy was put back",
			    v->head.size, w->size);
		if (w->size == v->head.size) {
			w->found = true;
			w->found_root = v->root;
		}
		if (!w->found || !hash_equal(&w->root, &w->found_root))
			return verify_find(
			    &v->found, VERIFY_FORKED, v->r->kept_size, w->size - 1, CHECKPOINT,
			    "it has %" PRIu64 " leaves, and does not go on from the checkpoint of %" PRIu64
			    " leaves that was verified before: there are two histories, and one of the leaves below "
			    "%" PRIu64 " is another one in each",
			    v->head.size, w->size, w->size);
		v->r->kept++;
		v->r->kept_size = w->size;
	}
	return 0;
}

int verify_end(struct verify_run *v)
{
	static int (*const checks[])(struct verify_run *) = {
	    verify_levels_end, check_root, check_signature, verify_pinned,   verify_partials,
	    check_prunes,      check_kept, verify_stamps,   check_witnesses,
	};
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		int err = checks[i](v);
		if (err)
			return err;
	}
	if (v->o->witnesses_needed > v->r->witnesses)
		return verify_find(&v->found, VERIFY_WITNESS, VERIFY_NO_LEAF, 0, CHECKPOINT,
				   "%u of the witnesses that were given have signed, and %u must",
				   v->r->witnesses, v->o->witnesses_needed);
	return 0;
}
