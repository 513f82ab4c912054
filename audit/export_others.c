/* SPDX-License-Identifier: BSD-3-Clause */
/* What an export holds besides leaves: time stamps, no strange files; and the keys that are known. */
#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/export_verify.h"
#include "audit/keep.h"
#include "audit/stamp.h"

static int bad(struct export_check *x, enum verify_fault fault, const char *file, const char *why)
{
	return verify_find(&x->found, fault, VERIFY_NO_LEAF, 0, file, "%s", why);
}

static int check_stamp(struct export_check *x, uint64_t size, const char *reply)
{
	char path[64];
	struct note note;
	struct checkpoint c;
	struct hash proof[TREE_PROOF_MAX];
	struct stamp stamp;
	struct err e = {""};
	unsigned n = 0;
	snprintf(path, sizeof(path), "stamps/%" PRIu64 ".checkpoint", size);
	int err = verify_read(x->fd, path, NOTE_MAX_BYTES, &x->buffer);
	if (err)
		return verify_find_read(&x->found, err, VERIFY_NO_LEAF, 0, path);
	err = note_parse((struct span){x->buffer.p, x->buffer.len}, &note, &e);
	if (!err)
		err = checkpoint_parse(note.text, &c, &e);
	if (!err)
		err = verify_signed_by_chain(&x->chain, &note, size, &e);
	if (err)
		return bad(x, VERIFY_STAMP, path, e.text);
	if (c.size != size || size > x->c.size ||
	    tree_prove_consistency(&x->source, size, x->c.size, proof, &n, &e) ||
	    !tree_check_consistency(size, &c.root, x->c.size, &x->c.root, proof, n))
		return bad(x, VERIFY_STAMP, path,
			   "the log's checkpoint does not go on from it, or the hashes for that are missing");
	x->r->stamps++;
	if (!x->o->trust)
		return 0;
	struct verify_buffer tsr = {NULL, 0, 0};
	err = verify_read(x->fd, reply, STAMP_REPLY_MAX, &tsr);
	if (!err)
		err = stamp_check((struct span){tsr.p, tsr.len}, (struct span){x->buffer.p, x->buffer.len},
				  NULL, NULL, x->o->trust, &stamp, &e);
	verify_buffer_free(&tsr);
	if (err)
		return bad(x, VERIFY_STAMP, reply, e.text);
	x->r->stamps_checked++;
	x->r->stamp_size = size;
	x->r->stamp_s = stamp.time_s;
	return 0;
}

int export_check_stamps(struct export_check *x)
{
	const char *name;
	json_t *sum;
	json_object_foreach(x->m.files, name, sum)
	{
		char *end;
		if (strncmp(name, "stamps/", 7))
			continue;
		uint64_t size = strtoull(name + 7, &end, 10);
		int err = !size || strcmp(end, ".tsr") ? 0 : check_stamp(x, size, name);
		if (err)
			return err;
	}
	return 0;
}

static _Thread_local struct {
	struct export_check *x;
	size_t root;
} walking;

static int meet(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	static const char *const others[] = {"manifest.json", "manifest.note", "custody.jsonl"};
	const char *name = path + walking.root;
	(void)st;
	(void)ftw;
	if (type == FTW_D)
		return 0;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(name, others[i]))
			return 0;
	return json_object_get(walking.x->m.files, name)
		   ? 0
		   : bad(walking.x, VERIFY_UNKNOWN, name, "the manifest does not name this file");
}

int export_check_others(struct export_check *x)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s", x->folder);
	for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--)
		path[n - 1] = 0;
	walking.x = x;
	walking.root = strlen(path) + 1;
	return nftw(path, meet, 16, FTW_PHYS) < 0 ? verify_find_read(&x->found, -errno, VERIFY_NO_LEAF, 0, "")
						  : x->found.code;
}

int export_check_keys(struct export_check *x, const struct verify_options *o)
{
	struct keep k = {.known = false};
	struct err e = {""};
	int err = o->state ? keep_load(o->state, x->r->origin, &k, &e) : 0;
	if (err) {
		verify_find(&x->found, VERIFY_NONE, VERIFY_NO_LEAF, 0, "", "%s", e.text);
		return x->found.code = err;
	}
	const struct verifier *key = keep_key_at(&k, x->c.size);
	x->chain.kept_key = key ? *key : (struct verifier){.id = 0};
	for (size_t i = 0; !err && i < k.n; i++)
		if (k.checkpoints[i].size == x->c.size && !hash_equal(&k.checkpoints[i].root, &x->c.root))
			err = verify_find(
			    &x->found, VERIFY_FORKED, VERIFY_NO_LEAF, 0, "checkpoint",
			    "another root was signed for as many leaves, and verified before: there are two histories");
	keep_free(&k);
	if (!err && (err = verify_pinned(&x->chain)))
		x->found = x->chain.found;
	return err ? err : verify_keys_report(&x->chain, x->c.size);
}
