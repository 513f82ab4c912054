/* SPDX-License-Identifier: BSD-3-Clause */
/* test_vector_logs: what tests/audit/vectors/vectors.json says of the logs beside it is what our readers find in their files. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "audit/dir.h"
#include "audit/entry.h"
#include "common/hex.h"
#include "tests/unit/harness.h"

static const char *const logs[] = {"log", "pruned"};
#define N_LOGS (sizeof(logs) / sizeof(*logs))

static struct err why;
static json_t *vectors;
static struct log_dir *dir;
static struct checkpoint head;
static uint8_t note_bytes[NOTE_MAX_BYTES];
static struct note note;

static struct hash hash_of(const json_t *hex)
{
	struct hash h = {{0}};
	CU_ASSERT(hex_read(json_string_value(hex), h.b, sizeof(h.b)));
	return h;
}

static uint64_t number_of(const json_t *o, const char *key)
{
	CU_ASSERT_FATAL(json_is_integer(json_object_get(o, key)));
	return (uint64_t)json_integer_value(json_object_get(o, key));
}

static struct verifier key_of(const json_t *o)
{
	struct verifier v;
	CU_ASSERT_EQUAL_FATAL(verifier_parse(json_string_value(json_object_get(o, "vkey")), &v, &why), 0);
	return v;
}

static void parse_note(struct span s)
{
	CU_ASSERT_FATAL(s.len <= sizeof(note_bytes));
	memcpy(note_bytes, s.p, s.len);
	CU_ASSERT_EQUAL_FATAL(note_parse((struct span){note_bytes, s.len}, &note, &why), 0);
	CU_ASSERT_EQUAL_FATAL(checkpoint_parse(note.text, &head, &why), 0);
}

/* Opens a log and its checkpoint; what vectors.json says of it. */
static const json_t *begin(const char *name)
{
	char path[512];
	struct span s;
	snprintf(path, sizeof(path), "%s/%s", AUDIT_VECTORS, name);
	if (!vectors)
		vectors = json_load_file(AUDIT_VECTORS "/vectors.json", JSON_REJECT_DUPLICATES, NULL);
	const json_t *o = json_object_get(vectors, name);
	CU_ASSERT_PTR_NOT_NULL_FATAL(o);
	CU_ASSERT_EQUAL_FATAL(dir_open(path, &dir, &why), 0);
	CU_ASSERT_EQUAL_FATAL(dir_checkpoint(dir, &s, &why), 0);
	parse_note(s);
	return o;
}

static void test_vector_logs_checkpoints_are_signed_by_the_keys(void)
{
	for (size_t i = 0; i < N_LOGS; i++) {
		const json_t *o = begin(logs[i]), *keys = json_object_get(o, "keys");
		const char *origin = json_string_value(json_object_get(o, "origin"));
		struct verifier v[3];
		uint64_t mask = 0, times[3] = {0};
		unsigned n = (unsigned)json_array_size(keys);
		CU_ASSERT_FATAL(n && n < 3);
		for (unsigned k = 0; k < n; k++)
			v[k] = key_of(json_array_get(keys, k));
		v[n] = key_of(json_object_get(o, "witness"));
		CU_ASSERT(head.origin.len == strlen(origin) &&
			  !memcmp(head.origin.p, origin, head.origin.len));
		CU_ASSERT_EQUAL(note_verify(&note, v, n + 1, &mask, times, &why), 0);
		CU_ASSERT_EQUAL(mask, 1u << (n - 1)); /* the last key alone */
		struct span s;
		if (i == 0) {
			CU_ASSERT_EQUAL_FATAL(dir_file(dir, "stamps/23.checkpoint", NOTE_MAX_BYTES, &s, &why),
					      0);
			parse_note(s);
			CU_ASSERT_EQUAL(head.size, 23);
			CU_ASSERT_EQUAL(note_verify(&note, v, n + 1, &mask, times, &why), 0);
			CU_ASSERT_EQUAL(mask, 7); /* both keys, and the witness */
			CU_ASSERT_EQUAL(times[2], 1764144000);
		}
		dir_close(dir);
	}
}

static void test_vector_logs_have_the_roots_and_proofs(void)
{
	for (size_t i = 0; i < N_LOGS; i++) {
		const json_t *o = begin(logs[i]), *x;
		struct tree_source s = dir_source(dir);
		struct hash root, from, to, path[TREE_PROOF_MAX];
		unsigned n;
		size_t at;
		json_array_foreach(json_object_get(o, "checkpoints"), at, x)
		{
			CU_ASSERT_EQUAL(tree_root(&s, number_of(x, "size"), &root, &why), 0);
			struct hash want = hash_of(json_object_get(x, "root"));
			CU_ASSERT(hash_equal(&root, &want));
		}
		CU_ASSERT(hash_equal(&root, &head.root));
		json_array_foreach(json_object_get(o, "inclusion"), at, x)
		{
			const json_t *want = json_object_get(x, "path");
			struct hash leaf = hash_of(json_object_get(x, "hash"));
			uint64_t size = number_of(x, "size"), index = number_of(x, "leaf");
			CU_ASSERT_EQUAL(tree_prove_inclusion(&s, size, index, path, &n, &why), 0);
			CU_ASSERT_EQUAL_FATAL(json_array_size(want), n);
			for (unsigned k = 0; k < n; k++) {
				struct hash h = hash_of(json_array_get(want, k));
				CU_ASSERT(hash_equal(&path[k], &h));
			}
			CU_ASSERT(tree_check_inclusion(size, index, &leaf, path, n, &root));
		}
		json_array_foreach(json_object_get(o, "consistency"), at, x)
		{
			const json_t *want = json_object_get(x, "path");
			uint64_t a = number_of(x, "from"), b = number_of(x, "to");
			CU_ASSERT_EQUAL(tree_root(&s, a, &from, &why) | tree_root(&s, b, &to, &why), 0);
			n = (unsigned)json_array_size(want);
			CU_ASSERT_FATAL(n <= TREE_PROOF_MAX);
			for (unsigned k = 0; k < n; k++)
				path[k] = hash_of(json_array_get(want, k));
			CU_ASSERT(tree_check_consistency(a, &from, b, &to, path, n));
		}
		dir_close(dir);
	}
}

static void check_entry(struct span body, uint64_t index, const struct hash *hash, struct frontier *f)
{
	static struct entry entry;
	struct hash h, root;
	if (body.p) {
		tree_leaf(body.p, body.len, &h);
		CU_ASSERT(hash_equal(&h, hash));
		CU_ASSERT_EQUAL(entry_decode(body, &entry, &why), 0);
		CU_ASSERT_EQUAL(entry.kind == ENTRY_LOG, index == 0);
		if (entry.kind == ENTRY_HEAD) {
			frontier_root(f, &root);
			CU_ASSERT_EQUAL(entry.v[ENTRY_F(HEAD, size)].n, index);
			CU_ASSERT(!memcmp(root.b, entry.v[ENTRY_F(HEAD, root)].s.p, sizeof(root.b)));
		}
	}
	frontier_add(f, hash);
}

static void test_vector_logs_hold_the_entries(void)
{
	static const unsigned removed_of[N_LOGS] = {0, 158};
	for (size_t i = 0; i < N_LOGS; i++) {
		begin(logs[i]);
		struct tree_source s = dir_source(dir);
		struct frontier f = {0};
		struct hash root;
		unsigned removed = 0;
		for (uint64_t n = 0; n * TILE_WIDTH < head.size; n++) {
			static struct span bodies[TILE_WIDTH];
			static struct hash hashes[TILE_WIDTH];
			uint64_t left = head.size - n * TILE_WIDTH;
			unsigned width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
			CU_ASSERT_EQUAL_FATAL(dir_bundle(dir, n, width, bodies, &why), 0);
			CU_ASSERT_EQUAL_FATAL(s.tile(s.ctx, 0, n, width, hashes, &why), 0);
			for (unsigned k = 0; k < width; k++) {
				removed += !bodies[k].p;
				check_entry(bodies[k], n * TILE_WIDTH + k, &hashes[k], &f);
			}
		}
		frontier_root(&f, &root);
		CU_ASSERT(hash_equal(&root, &head.root));
		CU_ASSERT_EQUAL(removed, removed_of[i]);
		dir_close(dir);
	}
}

static const struct test tests[] = {
    TEST(test_vector_logs_checkpoints_are_signed_by_the_keys),
    TEST(test_vector_logs_have_the_roots_and_proofs),
    TEST(test_vector_logs_hold_the_entries),
};

int main(void)
{
	int code = harness_run("vector_logs", tests, sizeof(tests) / sizeof(*tests));
	json_decref(vectors);
	return code;
}
