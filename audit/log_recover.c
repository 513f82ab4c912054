/* SPDX-License-Identifier: BSD-3-Clause */
/* log_recover: what is published and what the write-ahead files hold, put together. Changes nothing on the disk. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/log_state.h"

#define FROM_A_COPY "put the folder back from a copy"

struct recovery {
	struct audit_log *log;
	uint64_t published; /* leaves of the checkpoint */
	struct hash root;
	char *note; /* the checkpoint's bytes */
	size_t note_bytes;
	bool begun; /* the first state was told */
};

static int bad(const struct audit_log *l, struct err *e, const char *what)
{
	return err_set(e, -EBADMSG, "%s: %s", l->folder, what);
}

/* Size and root of the checkpoint; signatures are looked at when the keys are known. No checkpoint: 0. */
static int read_checkpoint(struct recovery *r, struct log_dir *d, struct err *e)
{
	struct span bytes;
	struct note note;
	struct checkpoint c;
	struct err why = {""};
	int err = dir_checkpoint(d, &bytes, &why);
	if (err == -ENOENT)
		return 0;
	if (!err && !(r->note = malloc(bytes.len)))
		err = -ENOMEM;
	if (err)
		return err_set(e, err, "%s", why.text);
	memcpy(r->note, bytes.p, bytes.len);
	r->note_bytes = bytes.len;
	err = note_parse((struct span){(const uint8_t *)r->note, bytes.len}, &note, &why);
	if (!err)
		err = checkpoint_parse(note.text, &c, &why);
	if (err)
		return err_set(e, -EBADMSG, "%s/checkpoint: %s: " FROM_A_COPY, r->log->published_folder,
			       why.text);
	if (c.origin.len != strlen(r->log->origin) || memcmp(c.origin.p, r->log->origin, c.origin.len) != 0)
		return err_set(e, -EEXIST, "%s: is the log \"%.*s\": another origin needs another folder",
			       r->log->folder, (int)c.origin.len, (const char *)c.origin.p);
	r->published = c.size;
	r->root = c.root;
	return 0;
}

/* The last bundle that is not full goes into memory, since the tiler writes it again when it has grown. */
static int hold_last(struct recovery *r, struct log_dir *d, const struct hash *hashes, struct err *e)
{
	unsigned width = (unsigned)(r->published % TILE_WIDTH);
	uint64_t first = r->published - width;
	struct span entries[TILE_WIDTH];
	struct hash leaf;
	int err = width ? dir_bundle(d, first / TILE_WIDTH, width, entries, e) : 0;
	if (err)
		return err == -ENOENT ? -EBADMSG : err;
	for (unsigned i = 0; i < width; i++) {
		if (entries[i].p)
			tree_leaf(entries[i].p, entries[i].len, &leaf);
		if (!entries[i].p || !hash_equal(&leaf, &hashes[i]))
			return err_set(e, -EBADMSG,
				       "%s: entry %" PRIu64 " is not what its hash says: " FROM_A_COPY,
				       r->log->published_folder, first + i);
		if (held_reserve(r->log, first + i, entries[i].len))
			return err_set(e, -ENOMEM, "no memory");
		held_add(r->log, entries[i].p, entries[i].len, &leaf);
	}
	return 0;
}

static int read_published(struct recovery *r, struct err *e)
{
	struct hash hashes[TILE_WIDTH];
	struct log_dir *d = NULL;
	int err = dir_open(r->log->published_folder, &d, e);
	if (!err)
		err = read_checkpoint(r, d, e);
	if (!err)
		err = tiler_load(r->log->tiler, d, r->published, &r->root, hashes, e);
	if (!err)
		err = hold_last(r, d, hashes, e);
	dir_close(d);
	return err;
}

/* The checkpoint's root must be that of the leaves. */
static int look_at_root(const struct recovery *r, struct err *e)
{
	struct hash root;
	if (!r->published || r->log->frontier.size != r->published)
		return 0;
	frontier_root(&r->log->frontier, &root);
	return hash_equal(&root, &r->root) ? 0
					   : err_set(e, -EBADMSG,
						     "%s: the checkpoint of %" PRIu64
						     " leaves is not of the leaves in wal/: one of both "
						     "was changed or is of another copy: " FROM_A_COPY,
						     r->log->folder, r->published);
}

static int first_state(struct recovery *r, const struct wal_frame *f, struct err *e)
{
	struct frontier *to = &r->log->frontier;
	size_t n = 0;
	if (f->size > r->published)
		return err_set(e, -EBADMSG,
			       "%s: leaves %" PRIu64 " to %" PRIu64
			       " are neither published nor in wal/: " FROM_A_COPY,
			       r->log->folder, r->published, f->size - 1);
	*to = (struct frontier){.size = f->size};
	for (unsigned level = 0; level <= TREE_LEVELS; level++)
		if (f->size >> level & 1)
			memcpy(&to->peaks[level], f->leaves.p + n++ * sizeof(struct hash),
			       sizeof(struct hash));
	if (map_apply(&r->log->map, f->sets))
		return err_set(e, -ENOMEM, "no memory");
	r->begun = true;
	return look_at_root(r, e);
}

static bool same_map(const struct log_map *m, struct span sets)
{
	struct cursor c = cursor_over(sets.p, sets.len);
	struct span key, value;
	size_t n = 0;
	for (; wal_set_next(&c, &key, &value); n++) {
		const struct map_row *row = map_find(m, key);
		if (!row || row->value_bytes != value.len || memcmp(row->value, value.p, value.len) != 0)
			return false;
	}
	return n == m->n;
}

static bool same_frontier(const struct frontier *f, const struct wal_frame *state)
{
	size_t n = 0;
	if (f->size != state->size)
		return false;
	for (unsigned level = 0; level <= TREE_LEVELS; level++)
		if (f->size >> level & 1 &&
		    memcmp(&f->peaks[level], state->leaves.p + n++ * sizeof(struct hash),
			   sizeof(struct hash)) != 0)
			return false;
	return true;
}

static int on_state(void *ctx, const struct wal_frame *f, struct err *e)
{
	struct recovery *r = ctx;
	r->log->ticket = f->ticket;
	r->log->clean = true;
	if (!r->begun)
		return first_state(r, f, e);
	if (!same_frontier(&r->log->frontier, f) || !same_map(&r->log->map, f->sets))
		return bad(
		    r->log, e,
		    "wal: a file begins with another state than the one before it ends with: " FROM_A_COPY);
	return 0;
}

/* A leaf `head` names a size that may not be published yet. */
static int look_for_head(const struct recovery *r, struct span entry)
{
	enum entry_kind kind;
	uint64_t time_ns;
	struct hash root;
	struct audit_log *l = r->log;
	if (l->frontier.size <= r->published || !entry_peek(entry, &kind, &time_ns) || kind != ENTRY_HEAD)
		return 0;
	frontier_root(&l->frontier, &root);
	return log_fix_later(l, l->frontier.size, &root);
}

/* One leaf of a batch. */
static int on_leaf(struct recovery *r, struct span entry)
{
	struct audit_log *l = r->log;
	struct hash leaf;
	int err = look_for_head(r, entry);
	tree_leaf(entry.p, entry.len, &leaf);
	if (!err && l->frontier.size >= r->published) {
		err = held_reserve(l, l->frontier.size, entry.len);
		if (!err)
			held_add(l, entry.p, entry.len, &leaf);
	}
	frontier_add(&l->frontier, &leaf);
	return err;
}

static int on_batch(void *ctx, const struct wal_frame *f, struct err *e)
{
	struct recovery *r = ctx;
	struct audit_log *l = r->log;
	struct cursor c = cursor_over(f->leaves.p, f->leaves.len);
	struct span entry;
	int err = map_apply(&l->map, f->sets);
	while (!err && bundle_next(&c, &entry)) {
		if (entry.len > ENTRY_MAX_BYTES)
			return bad(l, e, "wal: an entry is longer than an entry may be: " FROM_A_COPY);
		err = on_leaf(r, entry);
		if (!err && look_at_root(r, e))
			return -EBADMSG;
	}
	l->ticket = f->ticket;
	l->clean = false;
	return err ? err_set(e, err, "no memory for what wal/ holds") : 0;
}

static int on_segment(void *ctx, uint64_t number, struct err *e)
{
	struct recovery *r = ctx;
	return log_segment_closed(r->log, number, r->log->frontier.size) ? err_set(e, -ENOMEM, "no memory")
									 : 0;
}

/* Signed by a key that the map names. */
static int check_signature(const struct recovery *r, struct err *e)
{
	const struct audit_log *l = r->log;
	struct verifier v[2];
	struct note note;
	uint64_t mask = 0;
	struct err why = {""};
	unsigned n = 0;
	if (!r->published)
		return 0;
	v[n++] = *signer_verifier(l->signer);
	if (l->before)
		v[n++] = *signer_verifier(l->before);
	int err = note_parse((struct span){(const uint8_t *)r->note, r->note_bytes}, &note, &why);
	if (!err)
		err = note_verify(&note, v, n, &mask, NULL, &why);
	if (err || !mask)
		return err_set(e, -EBADMSG, "%s/checkpoint: is not signed by the log's key: %s: " FROM_A_COPY,
			       l->published_folder, why.text);
	return 0;
}

/* What was found, for people; nothing: it was closed in good order. */
static void tell(struct audit_log *l, const struct wal_found *found)
{
	uint64_t n = l->frontier.size - l->published;
	int len = 0;
	if (n)
		len = snprintf(l->recovered, sizeof(l->recovered),
			       "the log was not closed: %" PRIu64
			       " durable leaves behind the checkpoint of %" PRIu64 " are published now",
			       n, l->published);
	if (found->torn[0])
		snprintf(l->recovered + len, sizeof(l->recovered) - (size_t)len,
			 "%san unfinished write was left out: %.300s", len ? "; " : "", found->torn);
}

static int put_together(struct recovery *r, struct err *e)
{
	struct audit_log *l = r->log;
	struct wal_visitor v = {r, on_state, on_batch, on_segment};
	struct wal_found found;
	int err = wal_recover(l->wal_fd, &v, &found, e);
	if (err)
		return err;
	if (!found.last && (r->published || !faccessat(l->tiler->folder, "tile", F_OK, 0)))
		return bad(
		    l, e,
		    "the log is published, but wal/ is empty: it names the key and the leaves that are not "
		    "published yet: " FROM_A_COPY);
	if (l->frontier.size < r->published)
		return err_set(e, -EBADMSG,
			       "%s: the checkpoint signs %" PRIu64 " leaves, of which wal/ knows %" PRIu64
			       " only: " FROM_A_COPY,
			       l->folder, r->published, l->frontier.size);
	l->segment = l->newest = found.last;
	l->published = r->published;
	l->root = r->root;
	if (l->frontier.size) {
		err = keys_load(l, e);
		if (!err)
			err = check_signature(r, e);
	}
	if (!err)
		tell(l, &found);
	return err;
}

int log_recover(struct audit_log *l, struct err *e)
{
	struct recovery r = {.log = l};
	int err = read_published(&r, e);
	if (!err)
		err = put_together(&r, e);
	free(r.note);
	return err;
}
