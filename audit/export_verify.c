/* SPDX-License-Identifier: BSD-3-Clause */
/* An export is checked by itself: files by the manifest, leaves by the tree, the tree by the log's key. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/dir.h"
#include "audit/export_files.h"
#include "audit/export_select.h"
#include "audit/export_verify.h"
#include "common/hex.h"

#define FILE_MAX (UINT64_C(1) << 34)

static int bad(struct export_check *x, const char *file, const char *why)
{
	return verify_find(&x->found, VERIFY_PACKAGE, VERIFY_NO_LEAF, 0, file, "%s", why);
}

bool export_is(const char *folder)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/manifest.json", folder);
	return !access(path, F_OK);
}

static int load_manifest(struct export_check *x)
{
	struct err e = {""};
	int err = verify_read(x->fd, "manifest.json", EXPORT_MANIFEST_MAX, &x->manifest_bytes);
	if (err)
		return verify_find_read(&x->found, err, VERIFY_NO_LEAF, 0, "manifest.json");
	if (export_manifest_parse((struct span){x->manifest_bytes.p, x->manifest_bytes.len}, &x->m, &e))
		return bad(x, "manifest.json", e.text);
	export_sha256(x->manifest_bytes.p, x->manifest_bytes.len, x->digest);
	return 0;
}

static int check_sums(struct export_check *x)
{
	const char *name;
	json_t *sum;
	json_object_foreach(x->m.files, name, sum)
	{
		char is[65];
		int err = verify_read(x->fd, name, FILE_MAX, &x->buffer);
		if (err)
			return verify_find_read(&x->found, err, VERIFY_NO_LEAF, 0, name);
		export_sha256(x->buffer.p, x->buffer.len, is);
		if (strcmp(is, json_string_value(sum)))
			return bad(x, name, "it has another SHA-256 than the manifest says: it was changed");
	}
	return 0;
}

static int load_checkpoint(struct export_check *x)
{
	struct err e = {""};
	int err = verify_read(x->fd, "checkpoint", NOTE_MAX_BYTES, &x->note_bytes);
	if (err)
		return verify_find_read(&x->found, err, VERIFY_NO_LEAF, 0, "checkpoint");
	err = note_parse((struct span){x->note_bytes.p, x->note_bytes.len}, &x->note, &e);
	if (!err)
		err = checkpoint_parse(x->note.text, &x->c, &e);
	if (err)
		return verify_find(&x->found, VERIFY_CHECKPOINT, VERIFY_NO_LEAF, 0, "checkpoint", "%s",
				   e.text);
	snprintf(x->r->origin, sizeof(x->r->origin), "%.*s", (int)x->c.origin.len,
		 (const char *)x->c.origin.p);
	x->r->size = x->c.size;
	x->r->root = x->c.root;
	char root[65];
	hex_write(x->c.root.b, sizeof(x->c.root.b), root);
	if (strcmp(x->r->origin, x->m.origin) || x->c.size != x->m.size ||
	    strcmp(root, json_string_value(json_object_get(x->m.json, "root"))))
		return bad(x, "manifest.json", "it tells of another log, size or root than the checkpoint");
	return 0;
}

/* One proof binds all hashes of a leaf's tile. */
static int check_leaf(struct export_check *x, uint64_t leaf, const struct hash *hash)
{
	struct hash path[TREE_PROOF_MAX];
	struct err e = {""};
	unsigned n;
	uint64_t left = x->c.size - leaf / TILE_WIDTH * TILE_WIDTH;
	if (!x->tile_known || x->tile_n != leaf / TILE_WIDTH) {
		int err = tree_prove_inclusion(&x->source, x->c.size, leaf, path, &n, &e);
		if (!err)
			err = x->source.tile(x->source.ctx, 0, leaf / TILE_WIDTH,
					     left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH, x->tile, &e);
		if (err)
			return verify_find(&x->found, VERIFY_MISSING, leaf, leaf, "tile",
					   "its proof cannot be made: %s", e.text);
		if (!tree_check_inclusion(x->c.size, leaf, &x->tile[leaf % TILE_WIDTH], path, n, &x->c.root))
			return verify_find(&x->found, VERIFY_HASH, leaf, leaf, "tile",
					   "the hashes do not come to the root that was signed");
		x->tile_known = true;
		x->tile_n = leaf / TILE_WIDTH;
	}
	if (!hash_equal(hash, &x->tile[leaf % TILE_WIDTH]))
		return verify_find(&x->found, VERIFY_ENTRY, leaf, leaf, "entries.jsonl",
				   "the entry was changed: it has another hash than the tree says");
	return 0;
}

static int check_signature(struct export_check *x)
{
	struct err e = {""};
	if (!x->chain.n_keys)
		return verify_find(&x->found, VERIFY_KEY, 0, 0, "entries.jsonl",
				   "leaf 0, which names the log's key, is not there");
	if (verify_signed_by_chain(&x->chain, &x->note, x->c.size, &e))
		return verify_find(&x->found, VERIFY_SIGNATURE, VERIFY_NO_LEAF, 0, "checkpoint", "%s",
				   e.text);
	return 0;
}

static int take_line(struct export_check *x, const json_t *line)
{
	static _Thread_local struct entry entry;
	uint8_t bytes[ENTRY_MAX_BYTES];
	struct hash hash;
	struct err e = {""};
	const char *hex = json_string_value(json_object_get(line, "hex"));
	json_int_t leaf = json_integer_value(json_object_get(line, "leaf"));
	size_t n = hex ? strlen(hex) / 2 : 0;
	if (!hex || n > sizeof(bytes) || !hex_read(hex, bytes, n) ||
	    !json_is_integer(json_object_get(line, "leaf")) || leaf < 0 || (uint64_t)leaf >= x->c.size ||
	    (x->leaves && (uint64_t)leaf <= x->last))
		return bad(x, "entries.jsonl", "a line is not a leaf of the log behind the one before it");
	x->last = (uint64_t)leaf;
	tree_leaf(bytes, n, &hash);
	int err = check_leaf(x, x->last, &hash);
	if (err)
		return err;
	if (entry_decode((struct span){bytes, n}, &entry, &e))
		return verify_find(&x->found, VERIFY_ENCODING, x->last, x->last, "entries.jsonl", "%s",
				   e.text);
	json_t *says = entry_json(&entry);
	bool same = json_equal(says, json_object_get(line, "entry"));
	json_decref(says);
	if (!same)
		return verify_find(&x->found, VERIFY_PACKAGE, x->last, x->last, "entries.jsonl",
				   "what it is said to say is not what its bytes say");
	x->leaves++;
	x->r->kinds[entry.kind]++;
	x->r->bytes += n;
	x->r->first_ns = x->r->first_ns ? x->r->first_ns : entry.time_ns;
	x->r->last_ns = entry.time_ns;
	return verify_chain_rule(&x->chain, x->last, &entry) ? (x->found = x->chain.found).code : 0;
}

static int check_entries(struct export_check *x)
{
	int err = verify_read(x->fd, "entries.jsonl", FILE_MAX, &x->buffer);
	if (err)
		return verify_find_read(&x->found, err, VERIFY_NO_LEAF, 0, "entries.jsonl");
	const char *p = (const char *)x->buffer.p, *end = p + x->buffer.len;
	while (!err && p < end) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		json_t *line = stop ? json_loadb(p, (size_t)(stop - p), JSON_REJECT_DUPLICATES, NULL) : NULL;
		err = line ? take_line(x, line) : bad(x, "entries.jsonl", "a line is no JSON, or cut");
		json_decref(line);
		p = stop ? stop + 1 : end;
	}
	return err;
}

static int check_counts(struct export_check *x)
{
	const json_t *told = json_object_get(x->m.json, "entries");
	for (unsigned k = 1; k < ENTRY_KINDS_END; k++)
		if ((uint64_t)json_integer_value(json_object_get(told, entry_rows[k].word)) != x->r->kinds[k])
			return bad(x, "manifest.json",
				   "the numbers of entries are not those of entries.jsonl");
	return x->leaves == x->m.leaves
		   ? 0
		   : bad(x, "manifest.json", "the number of leaves is not that of entries.jsonl");
}

static int run(struct export_check *x, const struct verify_options *o)
{
	int (*const checks[])(struct export_check *) = {
	    load_manifest, check_sums,		load_checkpoint,      check_entries,	  check_signature,
	    check_counts,  export_check_stamps, export_check_vouched, export_check_others};
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		int err = checks[i](x);
		if (err)
			return err;
	}
	return export_check_keys(x, o);
}

int export_verify(const char *folder, const struct verify_options *o, struct verify_report *ret,
		  struct err *e)
{
	struct export_check *x = calloc(1, sizeof(*x));
	memset(ret, 0, sizeof(*ret));
	if (!x)
		return err_set(e, -ENOMEM, "no memory");
	struct verify_run *v = &x->chain;
	x->folder = folder;
	x->r = v->r = ret;
	x->o = v->o = o;
	v->keys = calloc(VERIFY_KEYS_MAX, sizeof(*v->keys));
	v->key_leaf = calloc(VERIFY_KEYS_MAX, sizeof(*v->key_leaf));
	x->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = x->fd < 0		   ? err_set(e, -errno, "%s: %s", folder, strerror(errno))
		  : v->keys && v->key_leaf ? dir_open(folder, &x->dir, e)
					   : err_set(e, -ENOMEM, "no memory");
	if (!err) {
		x->source = dir_source(x->dir);
		err = run(x, o);
		if (err < 0)
			err_set(e, err, "%s/%s: %s", folder, x->found.file, x->found.text);
		verify_report_set(ret, &x->found);
	}
	dir_close(x->dir);
	if (x->fd >= 0)
		close(x->fd);
	json_decref(x->m.json);
	verify_buffer_free(&x->manifest_bytes);
	verify_buffer_free(&x->buffer);
	verify_buffer_free(&x->note_bytes);
	free(v->keys);
	free(v->key_leaf);
	free(x);
	return err < 0 ? err : 0;
}
