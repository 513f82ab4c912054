/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "audit/dir.h"
#include "audit/export_files.h"
#include "audit/export_select.h"
#include "audit/export_sign.h"
#include "common/hex.h"

#define HOLDS                                                                                                                   \
	"Every leaf of the log about this order in the period, as far as bodies are there, and the hashes that lead from each " \
	"to the root that the log's key signed: that each of them was in the log at the checkpoint, unchanged since."
#define DOES_NOT_PROVE                                                                                                             \
	"That no other leaf about the order is in the log: for that, verify the log itself and count. That the key is the log's: " \
	"compare it with what its owner handed out. The times are the clocks' of who wrote the log; a time stamp proves by when."

struct export
{
	const struct export_request *q;
	struct export_result *ret;
	struct log_dir *bodies, *hashes;
	struct tree_source source; /* of hashes */
	struct export_out out;
	struct export_file entries;
	struct export_subject subject;
	struct checkpoint c;
	struct note note;
	char *note_bytes;
	size_t note_len;
	char origin[NOTE_NAME_MAX + 1];
	uint64_t counts[ENTRY_KINDS_END], last, removed;
	char first_key[NOTE_VKEY_BYTES], key[NOTE_VKEY_BYTES];
	struct signer *signer; /* NULL: nobody */
	struct err *e;
};

static int read_checkpoint(struct export *x)
{
	struct span bytes;
	struct err why = {""};
	int err = dir_checkpoint(x->bodies, &bytes, x->e);
	if (err)
		return err;
	x->note_bytes = malloc(bytes.len + 1);
	if (!x->note_bytes)
		return err_set(x->e, -ENOMEM, "no memory");
	memcpy(x->note_bytes, bytes.p, bytes.len);
	x->note_len = bytes.len;
	err = note_parse((struct span){(uint8_t *)x->note_bytes, bytes.len}, &x->note, &why);
	if (!err)
		err = checkpoint_parse(x->note.text, &x->c, &why);
	if (err)
		return err_set(x->e, -EBADMSG, "checkpoint: %s", why.text);
	snprintf(x->origin, sizeof(x->origin), "%.*s", (int)x->c.origin.len, (const char *)x->c.origin.p);
	return 0;
}

static int each(struct export *x,
		int (*call)(struct export *x, uint64_t leaf, struct span bytes, const struct entry *entry))
{
	static _Thread_local struct entry entry;
	struct span entries[TILE_WIDTH];
	for (uint64_t n = 0; n * TILE_WIDTH < x->c.size; n++) {
		uint64_t left = x->c.size - n * TILE_WIDTH;
		unsigned width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
		int err = dir_bundle(x->bodies, n, width, entries, x->e);
		for (unsigned i = 0; !err && i < width; i++) {
			if (!entries[i].p || entry_decode(entries[i], &entry, NULL))
				continue;
			err = call(x, n * TILE_WIDTH + i, entries[i], &entry);
		}
		if (err)
			return err;
	}
	return 0;
}

static int learn(struct export *x, uint64_t leaf, struct span bytes, const struct entry *entry)
{
	(void)leaf;
	(void)bytes;
	return export_subject_learn(&x->subject, entry, x->e);
}

/* The recording source: what a proof reads goes into the package. */
static int record_tile(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *ret, struct err *e)
{
	struct export *x = ctx;
	struct hash tile[TILE_WIDTH];
	uint64_t left = tile_count((int)level, x->c.size) - n * TILE_WIDTH;
	struct tile t = {
	    .level = (int)level, .n = n, .width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH};
	char path[TILE_PATH_BYTES];
	int err = x->source.tile(x->source.ctx, level, n, t.width, tile, e);
	if (err)
		return err;
	memcpy(ret, tile, width * sizeof(*tile));
	tile_path(&t, path);
	return json_object_get(x->out.files, path)
		   ? 0
		   : export_put(&x->out, path, tile, t.width * sizeof(*tile), e);
}

/* One proof a bundle: it reads the bundle's hash tile, and so is one of every leaf in it. */
static int prove(struct export *x, uint64_t leaf, struct span bytes)
{
	struct tree_source s = {.ctx = x, .tile = record_tile};
	struct hash path[TREE_PROOF_MAX], hash;
	unsigned n;
	if (x->ret->leaves && x->last / TILE_WIDTH == leaf / TILE_WIDTH)
		return 0;
	tree_leaf(bytes.p, bytes.len, &hash);
	int err = tree_prove_inclusion(&s, x->c.size, leaf, path, &n, x->e);
	if (!err && !tree_check_inclusion(x->c.size, leaf, &hash, path, n, &x->c.root))
		err = err_set(
		    x->e, -EBADMSG,
		    "leaf %" PRIu64
		    ": entry and hashes do not come to the signed root: the log is damaged or was changed; "
		    "roja-audit verify says where",
		    leaf);
	return err;
}

static int write_one(struct export *x, uint64_t leaf, struct span bytes, const struct entry *entry)
{
	char hex[2 * ENTRY_MAX_BYTES + 1];
	if (!export_subject_has(&x->subject, entry, x->q->from_ns, x->q->to_ns))
		return 0;
	int err = prove(x, leaf, bytes);
	if (err)
		return err;
	if (entry->kind == ENTRY_LOG || entry->kind == ENTRY_KEY) {
		struct span k =
		    entry->v[entry->kind == ENTRY_LOG ? ENTRY_F(LOG, vkey) : ENTRY_F(KEY, vkey)].s;
		snprintf(x->key, sizeof(x->key), "%.*s", (int)k.len, (const char *)k.p);
		if (!leaf)
			memcpy(x->first_key, x->key, sizeof(x->key));
	}
	hex_write(bytes.p, bytes.len, hex);
	json_t *line =
	    json_pack("{s:I, s:s, s:o}", "leaf", (json_int_t)leaf, "hex", hex, "entry", entry_json(entry));
	char *text = line ? json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII) : NULL;
	json_decref(line);
	if (!text)
		return err_set(x->e, -ENOMEM, "no memory");
	export_file_add(&x->entries, text, strlen(text));
	export_file_add(&x->entries, "\n", 1);
	free(text);
	x->counts[entry->kind]++;
	x->last = leaf;
	x->ret->leaves++;
	return 0;
}

static int copy_stamp(struct export *x, uint64_t size, const char *suffix)
{
	char path[64];
	struct span s;
	snprintf(path, sizeof(path), "stamps/%" PRIu64 ".%s", size, suffix);
	int err = dir_file(x->hashes, path, NOTE_MAX_BYTES, &s, x->e);
	return err ? err : export_put(&x->out, path, s.p, s.len, x->e);
}

/* The first time stamp that covers all leaves: the log proves that its checkpoint goes on to this one. */
static int add_stamp(struct export *x)
{
	struct tree_source s = {.ctx = x, .tile = record_tile};
	struct hash path[TREE_PROOF_MAX];
	unsigned n;
	uint64_t size = export_stamp_after(x->q->folder, x->last + 1, x->c.size);
	if (!size)
		return 0;
	int err = copy_stamp(x, size, "checkpoint");
	if (!err)
		err = copy_stamp(x, size, "tsr");
	return err ? err : tree_prove_consistency(&s, size, x->c.size, path, &n, x->e);
}

static int write_manifest(struct export *x)
{
	char now[32] = "", from[ENTRY_TIME_BYTES] = "", to[ENTRY_TIME_BYTES] = "", root[65];
	time_t t = time(NULL);
	struct tm tm;
	if (gmtime_r(&t, &tm))
		strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (x->q->from_ns)
		entry_time(x->q->from_ns, from);
	if (x->q->to_ns)
		entry_time(x->q->to_ns, to);
	hex_write(x->c.root.b, sizeof(x->c.root.b), root);
	json_t *counts = json_object();
	for (unsigned k = 0; k < ENTRY_KINDS_END; k++)
		if (x->counts[k])
			json_object_set_new(counts, entry_rows[k].word,
					    json_integer((json_int_t)x->counts[k]));
	json_t *m =
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:I, s:s, s:I, s:o, s:s, s:s, s:s, s:O}",
		      "format", EXPORT_FORMAT, "made", now, "origin", x->origin, "first_key", x->first_key,
		      "key", x->key, "order", (json_int_t)x->subject.order, "reference", x->q->reference,
		      "from", from, "to", to, "size", (json_int_t)x->c.size, "root", root, "leaves",
		      (json_int_t)x->ret->leaves, "entries", counts, "holds", HOLDS, "does_not_prove",
		      DOES_NOT_PROVE, "signer", x->ret->signer, "files", x->out.files);
	char *text = m ? json_dumps(m, JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII) : NULL;
	json_decref(m);
	if (!text)
		return err_set(x->e, -ENOMEM, "no memory for the manifest");
	export_sha256(text, strlen(text), x->ret->manifest);
	int err = export_put(&x->out, "manifest.json", text, strlen(text), x->e);
	free(text);
	return err;
}

static int load_signer(struct export *x)
{
	if (!x->q->key)
		return 0;
	int err = signer_load(x->q->key, x->q->signer, &x->signer, x->e);
	if (!err)
		verifier_print(signer_verifier(x->signer), x->ret->signer);
	return err;
}

static int sign(struct export *x)
{
	char note[EXPORT_NOTE_BYTES];
	size_t n;
	if (!x->signer)
		return 0;
	int err = export_note(EXPORT_FORMAT, x->ret->manifest, x->signer, note, &n, x->e);
	return err ? err : export_put(&x->out, "manifest.note", note, n, x->e);
}

static int write_all(struct export *x)
{
	int err = each(x, learn);
	if (!err && !x->subject.order)
		err =
		    err_set(x->e, -ENOENT, "no order of the reference \"%s\" is in the log", x->q->reference);
	if (!err && mkdir(x->q->out, 0755))
		err = err_set(x->e, -errno, "%s: %s", x->q->out, strerror(errno));
	if (!err)
		err = export_put(&x->out, "checkpoint", x->note_bytes, x->note_len, x->e);
	if (!err)
		err = export_file_open(&x->out, "entries.jsonl", &x->entries, x->e);
	if (err)
		return err;
	err = each(x, write_one);
	int closed = export_file_close(&x->out, &x->entries, err ? NULL : x->e);
	err = err ? err : closed;
	if (!err)
		err = add_stamp(x);
	if (!err)
		err = write_manifest(x);
	if (!err)
		err = sign(x);
	return err ? err : export_custody(x->q->out, "made", x->q->note, x->signer, x->ret->custody, x->e);
}

int export_write(const struct export_request *q, struct export_result *ret, struct err *e)
{
	struct export *x = calloc(1, sizeof(*x));
	memset(ret, 0, sizeof(*ret));
	if (!x)
		return err_set(e, -ENOMEM, "no memory");
	x->q = q;
	x->ret = ret;
	x->e = e;
	x->out = (struct export_out){.folder = q->out, .files = json_object()};
	x->subject.reference = q->reference;
	int err = dir_open(q->folder, &x->bodies, e);
	if (!err)
		err = dir_open(q->folder, &x->hashes, e);
	if (!err)
		x->source = dir_source(x->hashes);
	if (!err)
		err = read_checkpoint(x);
	if (!err)
		err = load_signer(x);
	if (!err)
		err = write_all(x);
	ret->order = x->subject.order;
	ret->size = x->c.size;
	dir_close(x->bodies);
	dir_close(x->hashes);
	json_decref(x->out.files);
	signer_free(x->signer);
	free(x->note_bytes);
	free(x);
	return err;
}
