/* SPDX-License-Identifier: BSD-3-Clause */
/* stamps/: earlier checkpoints as they were stamped or cosigned, and the time stamps. */
#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <string.h>

#include "audit/stamp.h"
#include "audit/verify_run.h"

#define STAMP_PATH 64

static void stamp_path(uint64_t size, const char *suffix, char ret[STAMP_PATH])
{
	snprintf(ret, STAMP_PATH, "stamps/%" PRIu64 ".%s", size, suffix);
}

/* The file that a leaf names, into v->whole. */
static int read_named(struct verify_run *v, uint64_t leaf, uint64_t size, const char *suffix, size_t max,
		      char path[STAMP_PATH])
{
	stamp_path(size, suffix, path);
	if (size >= leaf)
		return verify_find(&v->found, VERIFY_STAMP, leaf, leaf, NULL,
				   "it names a checkpoint of %" PRIu64 " leaves, and is itself leaf %" PRIu64,
				   size, leaf);
	int err = verify_read(v->fd, path, max, &v->whole);
	return err ? verify_find_read(&v->found, err, leaf, leaf, path) : 0;
}

static int check_named(struct verify_run *v, uint64_t leaf, uint64_t size, const char *suffix, size_t max,
		       struct span digest)
{
	char path[STAMP_PATH];
	uint8_t is[32];
	int err = read_named(v, leaf, size, suffix, max, path);
	if (err)
		return err;
	if (EVP_Digest(v->whole.p, v->whole.len, is, NULL, EVP_sha256(), NULL) &&
	    !memcmp(is, digest.p, sizeof(is)))
		return 0;
	return verify_find(&v->found, VERIFY_STAMP, leaf, leaf, path,
			   "it is not the file that leaf %" PRIu64 " names", leaf);
}

int verify_stamp_rule(struct verify_run *v, uint64_t leaf, const struct entry *x)
{
	uint64_t size = x->v[ENTRY_F(STAMP, size)].n;
	int err =
	    check_named(v, leaf, size, "checkpoint", NOTE_MAX_BYTES, x->v[ENTRY_F(STAMP, checkpoint)].s);
	return err ? err : check_named(v, leaf, size, "tsr", STAMP_REPLY_MAX, x->v[ENTRY_F(STAMP, reply)].s);
}

int verify_witness_rule(struct verify_run *v, uint64_t leaf, const struct entry *x)
{
	char path[STAMP_PATH], text[NOTE_VKEY_BYTES];
	struct span vkey = x->v[ENTRY_F(WITNESS, vkey)].s;
	struct verifier witness;
	struct note note;
	uint64_t mask = 0;
	struct err e = {""};
	snprintf(text, sizeof(text), "%.*s", (int)vkey.len, (const char *)vkey.p);
	if (vkey.len >= sizeof(text) || verifier_parse(text, &witness, &e))
		return verify_find(&v->found, VERIFY_WITNESS, leaf, leaf, NULL, "its key is none: %s",
				   vkey.len >= sizeof(text) ? "it is too long" : e.text);
	int err = read_named(v, leaf, x->v[ENTRY_F(WITNESS, size)].n, "checkpoint", NOTE_MAX_BYTES, path);
	if (err)
		return err;
	if (!note_parse((struct span){v->whole.p, v->whole.len}, &note, &e) &&
	    !note_verify(&note, &witness, 1, &mask, NULL, &e))
		return 0;
	return verify_find(&v->found, VERIFY_WITNESS, leaf, leaf, path,
			   "it does not bear the signature that leaf %" PRIu64 " names: %s", leaf, e.text);
}

static int check_checkpoint(struct verify_run *v, uint64_t size, const char *path)
{
	struct note note;
	struct checkpoint c;
	struct err e = {""};
	struct verify_wanted *w = verify_stamp_of(v, size);
	int err = verify_read(v->fd, path, NOTE_MAX_BYTES, &v->whole);
	if (err)
		return verify_find_read(&v->found, err, VERIFY_NO_LEAF, 0, path);
	err = note_parse((struct span){v->whole.p, v->whole.len}, &note, &e);
	if (!err)
		err = checkpoint_parse(note.text, &c, &e);
	if (err)
		return verify_find(&v->found, VERIFY_STAMP, VERIFY_NO_LEAF, 0, path,
				   "it is no checkpoint: %s", e.text);
	if (c.size != size || c.origin.len != strlen(v->r->origin) ||
	    memcmp(c.origin.p, v->r->origin, c.origin.len))
		return verify_find(&v->found, VERIFY_STAMP, VERIFY_NO_LEAF, 0, path,
				   "it is of another log, or not of %" PRIu64 " leaves", size);
	if (size > v->head.size)
		return verify_find(&v->found, VERIFY_STAMP, VERIFY_NO_LEAF, 0, path,
				   "it has %" PRIu64 " leaves, and the log %" PRIu64
				   ": the log was cut, or is an older copy",
				   size, v->head.size);
	const struct hash *root = size == v->head.size ? &v->root : w && w->found ? &w->found_root : NULL;
	if (!root || !hash_equal(root, &c.root))
		return verify_find(&v->found, VERIFY_STAMP, 0, size - 1, path,
				   "it has another root than the log had at %" PRIu64
				   " leaves: there were two histories",
				   size);
	if (v->n_keys && verify_signed_by_chain(v, &note, size, &e))
		return verify_find(&v->found, VERIFY_STAMP, VERIFY_NO_LEAF, 0, path, "%s", e.text);
	uint64_t mask;
	if (v->o->n_witnesses &&
	    note_verify(&note, v->o->witnesses, v->o->n_witnesses, &mask, NULL, &e) == -EKEYREJECTED)
		return verify_find(&v->found, VERIFY_WITNESS, VERIFY_NO_LEAF, 0, path, "%s", e.text);
	return 0;
}

/* The reply is over the checkpoint's bytes, which v->whole holds. */
static int check_reply(struct verify_run *v, uint64_t size, const char *path)
{
	struct stamp stamp;
	struct err e = {""};
	int err = verify_read(v->fd, path, STAMP_REPLY_MAX, &v->partial);
	if (err)
		return verify_find_read(&v->found, err, VERIFY_NO_LEAF, 0, path);
	v->r->stamps++;
	if (!v->o->trust)
		return 0;
	err = stamp_check((struct span){v->partial.p, v->partial.len},
			  (struct span){v->whole.p, v->whole.len}, NULL, NULL, v->o->trust, &stamp, &e);
	if (err == -ENOMEM)
		return verify_find_read(&v->found, err, VERIFY_NO_LEAF, 0, path);
	if (err)
		return verify_find(&v->found, VERIFY_STAMP, VERIFY_NO_LEAF, 0, path, "%s", e.text);
	v->r->stamps_checked++;
	if (size >= v->r->stamp_size) {
		v->r->stamp_size = size;
		v->r->stamp_s = stamp.time_s;
	}
	return 0;
}

int verify_stamps(struct verify_run *v)
{
	const struct verify_scan *s = &v->scan;
	char path[STAMP_PATH];
	for (size_t i = 0; i < s->n_replies; i++)
		if (!verify_has(s->stamps, s->n_stamps, s->replies[i])) {
			stamp_path(s->replies[i], "checkpoint", path);
			return verify_find(&v->found, VERIFY_MISSING, VERIFY_NO_LEAF, 0, path,
					   "a time stamp is there, and not what it stamped");
		}
	for (size_t i = 0; i < s->n_stamps; i++) {
		stamp_path(s->stamps[i], "checkpoint", path);
		int err = check_checkpoint(v, s->stamps[i], path);
		if (!err && verify_has(s->replies, s->n_replies, s->stamps[i])) {
			stamp_path(s->stamps[i], "tsr", path);
			err = check_reply(v, s->stamps[i], path);
		}
		if (err)
			return err;
	}
	return 0;
}
