/* SPDX-License-Identifier: BSD-3-Clause */
/* stamps/: earlier checkpoints as they were stamped or cosigned, and the time stamps. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "audit/stamp.h"
#include "audit/verify_run.h"

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
	char path[64];
	for (size_t i = 0; i < s->n_replies; i++)
		if (!verify_has(s->stamps, s->n_stamps, s->replies[i])) {
			snprintf(path, sizeof(path), "stamps/%" PRIu64 ".checkpoint", s->replies[i]);
			return verify_find(&v->found, VERIFY_MISSING, VERIFY_NO_LEAF, 0, path,
					   "a time stamp is there, and not what it stamped");
		}
	for (size_t i = 0; i < s->n_stamps; i++) {
		snprintf(path, sizeof(path), "stamps/%" PRIu64 ".checkpoint", s->stamps[i]);
		int err = check_checkpoint(v, s->stamps[i], path);
		if (!err && verify_has(s->replies, s->n_replies, s->stamps[i])) {
			snprintf(path, sizeof(path), "stamps/%" PRIu64 ".tsr", s->stamps[i]);
			err = check_reply(v, s->stamps[i], path);
		}
		if (err)
			return err;
	}
	return 0;
}
