/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/keep.h"
#include "audit/proof.h"
#include "audit/verify.h"
#include "tests/unit/harness.h"

#define LOG    AUDIT_VECTORS "/log"
#define PRUNED AUDIT_VECTORS "/pruned"

static char folder[] = "/tmp/roja-test-verify-XXXXXX";
static struct verify_report r;

static int verify(const char *log, const struct verify_options *o)
{
	struct err e = {""};
	int err = verify_folder(log, o, &r, &e);
	return err ? err : (int)r.fault;
}

static void test_verify_accepts_the_published_logs(void)
{
	struct verify_options o = {.threads = 1};
	CU_ASSERT_EQUAL(verify(LOG, &o), VERIFY_NONE);
	CU_ASSERT(r.size == 37 && r.keys == 2 && r.heads == 4 && r.stamps == 1 && !r.stamps_checked &&
		  !r.pinned);
	o.threads = 3;
	CU_ASSERT_EQUAL(verify(PRUNED, &o), VERIFY_NONE);
	CU_ASSERT(r.size == 300 && r.removed == 158);
}

static void test_verify_knows_keys_that_were_given(void)
{
	struct verifier key, other;
	struct err e = {""};
	struct verify_options o = {.keys = &key, .n_keys = 1};
	CU_ASSERT_EQUAL(verify(LOG, &(struct verify_options){.threads = 1}), VERIFY_NONE);
	CU_ASSERT_FATAL(!verifier_parse(r.first_key, &key, &e)); /* any key of the chain will do */
	CU_ASSERT_EQUAL(verify(LOG, &o), VERIFY_NONE);
	CU_ASSERT(r.pinned && strcmp(r.first_key, r.key));
	other = key;
	other.public_key[0] ^= 1;
	verifier_identify(&other);
	o.keys = &other;
	CU_ASSERT_EQUAL(verify(LOG, &o), VERIFY_KEY);
	o.keys = (struct verifier[]){other, key};
	o.n_keys = 2;
	CU_ASSERT_EQUAL(verify(LOG, &o), VERIFY_NONE);
}

static void test_verify_remembers(void)
{
	char state[64], note[1024];
	struct hash other = {{1}};
	struct err e = {""};
	struct keep k;
	snprintf(state, sizeof(state), "%s/deep/state", folder);
	struct verify_options o = {.state = state};
	CU_ASSERT_EQUAL(verify(LOG, &o), VERIFY_NONE);
	CU_ASSERT(r.first_use && !r.kept);
	CU_ASSERT_EQUAL(verify(LOG, &o), VERIFY_NONE);
	CU_ASSERT(!r.first_use && r.pinned && r.kept == 1 && r.kept_size == 37);
	CU_ASSERT(!keep_load(state, r.origin, &k, &e) && k.known && k.n == 1 && k.checkpoints[0].size == 37);
	keep_free(&k);
	struct {
		uint64_t size;
		enum verify_fault fault;
	} cases[] = {{38, VERIFY_ROLLED_BACK}, {20, VERIFY_FORKED}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t n = checkpoint_print(r.origin, cases[i].size, &other, note);
		n += (size_t)sprintf(note + n, "\n\xe2\x80\x94 %s AAAAAAA=\n", "other.example");
		CU_ASSERT(!keep_add(state, r.origin, "", NULL, 0, cases[i].size,
				    (struct span){(uint8_t *)note, n}, &e));
		CU_ASSERT_EQUAL(verify(LOG, &o), (int)cases[i].fault);
	}
	CU_ASSERT(!keep_load(state, "other.example/log", &k, &e) && !k.known);
}

/* The chain: which key signs at which size; and a folder of before there was one. */
static void test_keep_knows_the_key_of_each_size(void)
{
	char state[64], vkey[NOTE_VKEY_BYTES];
	struct keep_key keys[3] = {{.leaf = 0}, {.leaf = 9}, {.leaf = 20}};
	struct err e = {""};
	struct keep k;
	const struct {
		uint64_t size;
		unsigned key;
	} rows[] = {{0, 0}, {1, 0}, {9, 0}, {10, 1}, {20, 1}, {21, 2}, {INT64_MAX, 2}};
	snprintf(state, sizeof(state), "%s/keys", folder);
	for (unsigned i = 0; i < 3; i++) {
		keys[i].key = (struct verifier){.name = "example.com/log", .type = NOTE_ED25519};
		keys[i].key.public_key[0] = (uint8_t)(i + 1);
		verifier_identify(&keys[i].key);
	}
	verifier_print(&keys[2].key, vkey);
	const struct span none = {NULL, 0};
	CU_ASSERT(!keep_add(state, "example.com/log", vkey, NULL, 0, 0, none, &e));
	CU_ASSERT_FATAL(!keep_load(state, "example.com/log", &k, &e) && k.known && !k.n_keys);
	CU_ASSERT(keep_key_at(&k, 1) == &k.key && k.key.id == keys[2].key.id);
	keep_free(&k);
	CU_ASSERT(!keep_add(state, "example.com/log", vkey, keys, 3, 0, none, &e));
	CU_ASSERT_FATAL(!keep_load(state, "example.com/log", &k, &e) && k.n_keys == 3);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CU_ASSERT_EQUAL(keep_key_at(&k, rows[i].size)->id, keys[rows[i].key].key.id);
	keep_free(&k);
	CU_ASSERT(!keep_load(state, "other.example/log", &k, &e) && !keep_key_at(&k, 1));
}

static void test_verify_says_what_it_cannot_read(void)
{
	char empty[64];
	snprintf(empty, sizeof(empty), "%s/none", folder);
	CU_ASSERT_EQUAL(verify(empty, &(struct verify_options){.threads = 1}), -ENOENT);
	CU_ASSERT_EQUAL(verify(folder, &(struct verify_options){.threads = 1}), VERIFY_CHECKPOINT);
}

/* Every bit of a proof counts. */
static void test_proof_every_bit_counts(void)
{
	static struct proof p;
	struct verifier key;
	struct checkpoint c;
	struct log_dir *d;
	struct err e = {""};
	unsigned which;
	char *text;
	size_t n;
	CU_ASSERT_EQUAL(verify(LOG, &(struct verify_options){.threads = 1}), VERIFY_NONE);
	CU_ASSERT_FATAL(!verifier_parse(r.key, &key, &e) && !dir_open(LOG, &d, &e));
	for (uint64_t leaf = 0; leaf < 37; leaf += 11) {
		CU_ASSERT_FATAL(!proof_make(d, leaf, NULL, &text, &n, &e));
		struct span s = {(uint8_t *)text, n};
		CU_ASSERT(!proof_parse(s, &p, &e) && p.index == leaf);
		CU_ASSERT(!proof_check(&p, &key, 1, &c, &which, &e) && c.size == 37);
		unsigned accepted = 0;
		for (size_t bit = 0; bit < 8 * n; bit++) {
			text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
			accepted += !proof_parse(s, &p, &e) && !proof_check(&p, &key, 1, &c, &which, &e);
			text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		}
		CU_ASSERT_EQUAL(accepted, 0);
		free(text);
	}
	CU_ASSERT_EQUAL(proof_make(d, 37, NULL, &text, &n, &e), -EINVAL);
	dir_close(d);
}

static void test_proof_of_a_removed_body_is_of_its_hash(void)
{
	static struct proof p;
	struct verifier key;
	struct checkpoint c;
	struct log_dir *d;
	struct err e = {""};
	struct span entry;
	struct hash leaf;
	unsigned which, gone = 0;
	char *text;
	size_t n;
	CU_ASSERT_EQUAL(verify(PRUNED, &(struct verify_options){.threads = 1}), VERIFY_NONE);
	CU_ASSERT_FATAL(!verifier_parse(r.key, &key, &e) && !dir_open(PRUNED, &d, &e));
	for (uint64_t i = 0; i < r.size; i++) {
		CU_ASSERT_FATAL(!proof_make(d, i, NULL, &text, &n, &e));
		CU_ASSERT(!proof_parse((struct span){(uint8_t *)text, n}, &p, &e));
		CU_ASSERT(!proof_check(&p, &key, 1, &c, &which, &e));
		gone += proof_entry(&p, &entry, &leaf) && !entry.p;
		free(text);
	}
	CU_ASSERT_EQUAL(gone, 158);
	dir_close(d);
}

static const struct test tests[] = {
    TEST(test_verify_accepts_the_published_logs),
    TEST(test_verify_knows_keys_that_were_given),
    TEST(test_verify_remembers),
    TEST(test_keep_knows_the_key_of_each_size),
    TEST(test_verify_says_what_it_cannot_read),
    TEST(test_proof_every_bit_counts),
    TEST(test_proof_of_a_removed_body_is_of_its_hash),
};

int main(void)
{
	char command[64];
	if (!mkdtemp(folder))
		return 2;
	int failed = harness_run("verify", tests, sizeof(tests) / sizeof(*tests));
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) ? 2 : failed;
}
