/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/audit/vector_log.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/hex.h"

#define WITNESS	     "witness.example"
#define WITNESS_SEED 3
#define WITNESS_TIME 1764144000 /* 2025-11-26T08:00:00Z */

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "make-vectors: %s: %s\n", what, why);
	exit(1);
}

static void must(int err, const struct err *e)
{
	if (err)
		fail("it failed", e->text);
}

/* Writes PARENT/name, and makes its folders. */
static void write_file(const char *folder, const char *name, const void *p, size_t bytes, mode_t mode)
{
	char path[2 * VECTOR_PATH];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	for (char *c = strchr(path + 1, '/'); c; c = strchr(c + 1, '/')) {
		*c = '\0';
		if (mkdir(path, 0777) && errno != EEXIST)
			fail(path, strerror(errno));
		*c = '/';
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0 || write(fd, p, bytes) != (ssize_t)bytes || close(fd))
		fail(path, strerror(errno));
}

static void remove_file(const struct vector_log *l, const char *name)
{
	char path[2 * VECTOR_PATH];
	snprintf(path, sizeof(path), "%s/%s", l->folder, name);
	if (remove(path))
		fail(path, strerror(errno));
}

/* RFC 8410: a private key of 32 bytes `seed`. */
static struct signer *key_of(const char *folder, const char *name, uint8_t seed)
{
	uint8_t der[48] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
			   0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
	char base64[65], pem[160], path[2 * VECTOR_PATH];
	struct signer *s;
	struct err e = {""};
	memset(der + 16, seed, 32);
	EVP_EncodeBlock((uint8_t *)base64, der, sizeof(der));
	int n = snprintf(pem, sizeof(pem), "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n",
			 base64);
	write_file(folder, "key.tmp", pem, (size_t)n, 0600);
	snprintf(path, sizeof(path), "%s/key.tmp", folder);
	must(signer_load(path, name, &s, &e), &e);
	unlink(path);
	return s;
}

void vector_log_begin(struct vector_log *l, const char *parent, const char *name, const char *origin,
		      uint8_t seed)
{
	memset(l, 0, sizeof(*l));
	snprintf(l->parent, sizeof(l->parent), "%s", parent);
	snprintf(l->folder, sizeof(l->folder), "%s/%s", parent, name);
	l->origin = origin;
	l->first_seed = l->seed = seed;
	l->key = key_of(parent, origin, seed);
}

static void root_of(const struct vector_log *l, uint64_t size, struct hash *ret)
{
	struct frontier f = {0};
	for (uint64_t i = 0; i < size; i++)
		frontier_add(&f, &l->hashes[i]);
	frontier_root(&f, ret);
}

static void append(struct vector_log *l, const struct entry *e)
{
	uint8_t bytes[ENTRY_MAX_BYTES];
	size_t n = entry_encode(e, bytes, sizeof(bytes));
	if (!n || l->n == VECTOR_LEAVES)
		fail("an entry", "it cannot be encoded, or there are too many");
	l->entries[l->n] = malloc(n);
	memcpy(l->entries[l->n], bytes, n);
	l->bytes[l->n] = n;
	tree_leaf(bytes, n, &l->hashes[l->n++]);
}

void vector_log_add(struct vector_log *l, const struct entry *e)
{
	if (l->n_signed && l->n == l->signed_sizes[l->n_signed - 1]) {
		static struct entry head;
		struct hash root;
		root_of(l, l->n, &root);
		head.kind = ENTRY_HEAD;
		head.time_ns = e->time_ns;
		head.v[ENTRY_F(HEAD, size)].n = l->n;
		head.v[ENTRY_F(HEAD, root)].s = (struct span){root.b, sizeof(root.b)};
		append(l, &head);
	}
	append(l, e);
}

void vector_log_rotate(struct vector_log *l)
{
	static struct entry key;
	char vkey[NOTE_VKEY_BYTES], text[NOTE_NAME_MAX + NOTE_VKEY_BYTES + 32];
	uint8_t signature[64];
	struct err e = {""};
	l->before = l->key;
	l->key = key_of(l->parent, l->origin, ++l->seed);
	verifier_print(signer_verifier(l->key), vkey);
	int n = snprintf(text, sizeof(text), "roja-audit-key/v1\n%s\n%s\n", l->origin, vkey);
	must(signer_sign(l->before, text, (size_t)n, signature, &e), &e);
	key.kind = ENTRY_KEY;
	entry_peek((struct span){l->entries[l->n - 1], l->bytes[l->n - 1]}, &(enum entry_kind){0},
		   &key.time_ns);
	key.v[ENTRY_F(KEY, vkey)].s = (struct span){(const uint8_t *)vkey, strlen(vkey)};
	key.v[ENTRY_F(KEY, signature)].s = (struct span){signature, sizeof(signature)};
	vector_log_add(l, &key);
}

/* MTH over 256^level leaves. */
static void hash_at(const struct vector_log *l, unsigned level, uint64_t i, struct hash *ret)
{
	uint64_t each = 1ull << TILE_HEIGHT * level;
	struct frontier f = {0};
	for (uint64_t k = i * each; k < (i + 1) * each; k++)
		frontier_add(&f, &l->hashes[k]);
	frontier_root(&f, ret);
}

static int tile_of(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *ret, struct err *e)
{
	(void)e;
	for (unsigned i = 0; i < width; i++)
		hash_at(ctx, level, n * TILE_WIDTH + i, &ret[i]);
	return 0;
}

static void write_tile(const struct vector_log *l, const struct tile *t)
{
	static uint8_t bytes[TILE_WIDTH * (BUNDLE_ENTRY_HEAD + ENTRY_MAX_BYTES)];
	char path[TILE_PATH_BYTES];
	size_t len = 0;
	for (unsigned i = 0; i < t->width; i++) {
		uint64_t at = t->n * TILE_WIDTH + i;
		if (t->level == TILE_ENTRIES) {
			put_be16(bytes + len, (uint16_t)l->bytes[at]);
			memcpy(bytes + len + BUNDLE_ENTRY_HEAD, l->entries[at], l->bytes[at]);
			len += BUNDLE_ENTRY_HEAD + l->bytes[at];
		} else {
			struct hash h;
			hash_at(l, (unsigned)t->level, at, &h);
			memcpy(bytes + len, h.b, sizeof(h.b));
			len += sizeof(h.b);
		}
	}
	tile_path(t, path);
	write_file(l->folder, path, bytes, len, 0666);
}

static size_t checkpoint_of(struct vector_log *l, char *ret, size_t room)
{
	struct hash root;
	struct err e = {""};
	root_of(l, l->n, &root);
	size_t len = checkpoint_print(l->origin, l->n, &root, ret);
	must(note_sign(ret, &len, room, l->key, &e), &e);
	if (l->before)
		must(note_sign(ret, &len, room, l->before, &e), &e);
	return len;
}

void vector_log_sign(struct vector_log *l)
{
	char note[4096];
	struct tile t;
	struct tile_walk walk = {0};
	uint64_t from = l->n_signed ? l->signed_sizes[l->n_signed - 1] : 0;
	while (tile_next(&walk, from, l->n, &t))
		write_tile(l, &t);
	size_t len = checkpoint_of(l, note, sizeof(note));
	write_file(l->folder, "checkpoint", note, len, 0666);
	l->signed_sizes[l->n_signed++] = l->n;
	signer_free(l->before);
	l->before = NULL;
}

void vector_log_stamp(struct vector_log *l, uint8_t ret[32], char ret_witness[NOTE_VKEY_BYTES])
{
	char note[4096], path[VECTOR_PATH + 32];
	struct err e = {""};
	struct signer *witness = key_of(l->parent, WITNESS, WITNESS_SEED);
	snprintf(path, sizeof(path), "%s/checkpoint", l->folder);
	FILE *f = fopen(path, "r");
	size_t len = f ? fread(note, 1, sizeof(note), f) : 0;
	if (!len)
		fail(path, "it cannot be read");
	fclose(f);
	must(note_cosign(note, &len, sizeof(note), witness, WITNESS_TIME, &e), &e);
	snprintf(path, sizeof(path), "stamps/%llu.checkpoint", (unsigned long long)l->n);
	write_file(l->folder, path, note, len, 0666);
	vector_log_digest(note, len, ret);
	struct verifier v = *signer_verifier(witness);
	v.type = NOTE_COSIGNATURE;
	verifier_identify(&v);
	verifier_print(&v, ret_witness);
	signer_free(witness);
}

void vector_log_remove(struct vector_log *l, const uint8_t bits[TILE_WIDTH / 8])
{
	static uint8_t bytes[TILE_WIDTH * (1 + BUNDLE_ENTRY_HEAD + ENTRY_MAX_BYTES)];
	size_t len = 0;
	for (unsigned i = 0; i < TILE_WIDTH; i++) {
		bool removed = bits[i / 8] >> i % 8 & 1;
		bytes[len++] = !removed;
		if (removed)
			continue;
		put_be16(bytes + len, (uint16_t)l->bytes[i]);
		memcpy(bytes + len + BUNDLE_ENTRY_HEAD, l->entries[i], l->bytes[i]);
		len += BUNDLE_ENTRY_HEAD + l->bytes[i];
	}
	write_file(l->folder, "pruned", bits, TILE_WIDTH / 8, 0666);
	write_file(l->folder, "kept/000", bytes, len, 0666);
	remove_file(l, "tile/entries/000");
	for (unsigned i = 0; i < l->n_signed; i++)
		if (l->signed_sizes[i] < TILE_WIDTH) {
			char path[TILE_PATH_BYTES];
			struct tile t = {TILE_ENTRIES, 0, (unsigned)l->signed_sizes[i]};
			tile_path(&t, path);
			remove_file(l, path);
		}
	remove_file(l, "tile/entries/000.p");
}

enum entry_kind vector_log_kind(const struct vector_log *l, uint64_t leaf)
{
	enum entry_kind kind = ENTRY_KINDS_END;
	uint64_t time_ns;
	entry_peek((struct span){l->entries[leaf], l->bytes[leaf]}, &kind, &time_ns);
	return kind;
}

void vector_log_digest(const void *p, size_t bytes, uint8_t ret[32])
{
	if (!EVP_Digest(p, bytes, ret, NULL, EVP_sha256(), NULL))
		fail("SHA-256", "it failed");
}

static json_t *hex_of(const void *p, size_t bytes)
{
	char text[2 * 64 + 1];
	hex_write(p, bytes, text);
	return json_string(text);
}

static json_t *path_of(const struct hash *path, unsigned n)
{
	json_t *o = json_array();
	for (unsigned i = 0; i < n; i++)
		json_array_append_new(o, hex_of(path[i].b, sizeof(path[i].b)));
	return o;
}

static json_t *key_json(const char *folder, const char *name, uint8_t seed, enum note_key_type type)
{
	char vkey[NOTE_VKEY_BYTES];
	uint8_t bytes[32];
	struct signer *s = key_of(folder, name, seed);
	struct verifier v = *signer_verifier(s);
	v.type = type;
	verifier_identify(&v);
	verifier_print(&v, vkey);
	signer_free(s);
	memset(bytes, seed, sizeof(bytes));
	json_t *o = json_object();
	json_object_set_new(o, "vkey", json_string(vkey));
	json_object_set_new(o, "private_key", hex_of(bytes, sizeof(bytes)));
	return o;
}

static json_t *inclusion(struct vector_log *l, uint64_t leaf)
{
	struct tree_source s = {l, tile_of};
	struct hash path[TREE_PROOF_MAX];
	unsigned n;
	struct err e = {""};
	must(tree_prove_inclusion(&s, l->n, leaf, path, &n, &e), &e);
	json_t *o = json_object();
	json_object_set_new(o, "leaf", json_integer((json_int_t)leaf));
	json_object_set_new(o, "size", json_integer((json_int_t)l->n));
	json_object_set_new(o, "hash", hex_of(l->hashes[leaf].b, 32));
	json_object_set_new(o, "path", path_of(path, n));
	return o;
}

static json_t *consistency(struct vector_log *l, uint64_t from, uint64_t to)
{
	struct tree_source s = {l, tile_of};
	struct hash path[TREE_PROOF_MAX];
	unsigned n;
	struct err e = {""};
	must(tree_prove_consistency(&s, from, to, path, &n, &e), &e);
	json_t *o = json_object();
	json_object_set_new(o, "from", json_integer((json_int_t)from));
	json_object_set_new(o, "to", json_integer((json_int_t)to));
	json_object_set_new(o, "path", path_of(path, n));
	return o;
}

json_t *vector_log_json(struct vector_log *l)
{
	json_t *o = json_object(), *keys = json_array(), *checkpoints = json_array(), *in = json_array(),
	       *con = json_array();
	const uint64_t leaves[] = {0, 10, l->n - 1};
	for (unsigned seed = l->first_seed; seed <= l->seed; seed++)
		json_array_append_new(keys, key_json(l->parent, l->origin, (uint8_t)seed, NOTE_ED25519));
	for (unsigned i = 0; i < l->n_signed; i++) {
		struct hash root;
		json_t *c = json_object();
		root_of(l, l->signed_sizes[i], &root);
		json_object_set_new(c, "size", json_integer((json_int_t)l->signed_sizes[i]));
		json_object_set_new(c, "root", hex_of(root.b, sizeof(root.b)));
		json_array_append_new(checkpoints, c);
		for (unsigned k = 0; k < i; k++)
			json_array_append_new(con, consistency(l, l->signed_sizes[k], l->signed_sizes[i]));
	}
	for (size_t i = 0; i < sizeof(leaves) / sizeof(*leaves); i++)
		json_array_append_new(in, inclusion(l, leaves[i]));
	json_object_set_new(o, "origin", json_string(l->origin));
	json_object_set_new(o, "keys", keys);
	json_object_set_new(o, "witness", key_json(l->parent, WITNESS, WITNESS_SEED, NOTE_COSIGNATURE));
	json_object_set_new(o, "checkpoints", checkpoints);
	json_object_set_new(o, "inclusion", in);
	json_object_set_new(o, "consistency", con);
	return o;
}

int vector_log_end(const char *parent, json_t *o)
{
	char *text = json_dumps(o, JSON_INDENT(2));
	if (!text)
		fail("vectors.json", "no memory");
	write_file(parent, "vectors.json", text, strlen(text), 0666);
	free(text);
	json_decref(o);
	return 0;
}
