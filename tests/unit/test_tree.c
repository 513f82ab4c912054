/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include "tests/unit/harness.h"
#include "tests/unit/tree_fixture.h"

/* The vectors of the reference implementation of RFC 6962 (certificate-transparency, merkletree/merkle_tree_test.cc), as
 * transparency-dev/merkle keeps them in proof/verify_test.go. */
static const char *const entries[8] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
static const char *const roots[9] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
				     "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
				     "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
				     "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
				     "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
				     "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
				     "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
				     "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
				     "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
/* at: an index from 0, or the older size. */
static const struct published {
	uint64_t at, size;
	unsigned n;
	const char *proof[3];
} inclusions[] =
    {
	{0, 1, 0, {0}},
	{0,
	 8,
	 3,
	 {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
	  "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
	  "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
	{5,
	 8,
	 3,
	 {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
	  "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
	  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
	{2, 3, 1, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
	{1,
	 5,
	 3,
	 {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	  "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
	  "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
},
  consistencies[] = {
      {1, 1, 0, {0}},
      {1,
       8,
       3,
       {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
	"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
	"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
      {6,
       8,
       3,
       {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
	"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
      {2,
       5,
       2,
       {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
	"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
      {6,
       7,
       3,
       {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
	"b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
};

#define EACH(i, table) for (size_t i = 0; i < sizeof(table) / sizeof(*(table)); i++)

static struct err why;

static struct hash hash_of(const char *hex)
{
	struct hash h = {{0}};
	CU_ASSERT_EQUAL_FATAL(unhex(hex, h.b, sizeof(h.b)), sizeof(h.b));
	return h;
}

static void published_leaves(struct hash ret[8])
{
	uint8_t entry[16];
	for (int i = 0; i < 8; i++)
		tree_leaf(entry, unhex(entries[i], entry, sizeof(entry)), &ret[i]);
}

static void check_published(const struct published *p, const struct hash *proof, unsigned n)
{
	CU_ASSERT_EQUAL_FATAL(n, p->n);
	for (unsigned i = 0; i < n; i++) {
		struct hash h = hash_of(p->proof[i]);
		CU_ASSERT_TRUE(hash_equal(&h, &proof[i]));
	}
}

static void test_tree_has_the_published_roots_and_proofs(void)
{
	struct hash leaves[8], proof[TREE_PROOF_MAX], root, old;
	struct frontier f = {0};
	unsigned n;
	published_leaves(leaves);
	for (unsigned i = 0; i <= 8; i++) {
		frontier_root(&f, &root);
		old = hash_of(roots[i]);
		CU_ASSERT_TRUE(hash_equal(&root, &old));
		if (i < 8)
			frontier_add(&f, &leaves[i]);
	}
	EACH(i, inclusions)
	{
		const struct published *p = &inclusions[i];
		struct array_source a;
		array_source_init(&a, leaves, p->size);
		struct tree_source s = {&a, array_tile};
		CU_ASSERT_EQUAL_FATAL(tree_prove_inclusion(&s, p->size, p->at, proof, &n, &why), 0);
		check_published(p, proof, n);
		root = hash_of(roots[p->size]);
		CU_ASSERT_TRUE(tree_check_inclusion(p->size, p->at, &leaves[p->at], proof, n, &root));
		array_source_fini(&a);
	}
	EACH(i, consistencies)
	{
		const struct published *p = &consistencies[i];
		struct array_source a;
		array_source_init(&a, leaves, p->size);
		struct tree_source s = {&a, array_tile};
		CU_ASSERT_EQUAL_FATAL(tree_prove_consistency(&s, p->at, p->size, proof, &n, &why), 0);
		check_published(p, proof, n);
		root = hash_of(roots[p->size]);
		old = hash_of(roots[p->at]);
		CU_ASSERT_TRUE(tree_check_consistency(p->at, &old, p->size, &root, proof, n));
		array_source_fini(&a);
	}
}

static void flip(struct hash *h, unsigned bit)
{
	h->b[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

/* Two sizes have the same path for an index where only levels above or right of it differ in no sibling: then the root, not the size, binds it. So
 * a wrong size is refused unless the climb is the same; what must never pass is another index, leaf, hash or root. */
static bool same_climb(uint64_t index, uint64_t a, uint64_t b)
{
	uint64_t x = a - 1, y = b - 1;
	for (; x && y; index >>= 1, x >>= 1, y >>= 1)
		if ((index == x) != (index == y))
			return false;
	return !x && !y;
}

static void inclusion_binds(uint64_t size, uint64_t index, const struct hash *leaf, struct hash *proof,
			    unsigned n, const struct hash *root, bool every_bit)
{
	struct hash wrong;
	CU_ASSERT_TRUE(tree_check_inclusion(size, index, leaf, proof, n, root));
	for (unsigned bit = 0; bit < 256; bit += every_bit ? 1 : 37) {
		for (unsigned i = 0; i < n; i++) {
			flip(&proof[i], bit);
			CU_ASSERT_FALSE(tree_check_inclusion(size, index, leaf, proof, n, root));
			flip(&proof[i], bit);
		}
		wrong = *root;
		flip(&wrong, bit);
		CU_ASSERT_FALSE(tree_check_inclusion(size, index, leaf, proof, n, &wrong));
		wrong = *leaf;
		flip(&wrong, bit);
		CU_ASSERT_FALSE(tree_check_inclusion(size, index, &wrong, proof, n, root));
	}
	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t other = size ^ UINT64_C(1) << bit;
		CU_ASSERT_FALSE(tree_check_inclusion(size, index ^ UINT64_C(1) << bit, leaf, proof, n, root));
		if (other > index && !same_climb(index, size, other))
			CU_ASSERT_FALSE(tree_check_inclusion(other, index, leaf, proof, n, root));
		if (other <= index)
			CU_ASSERT_FALSE(tree_check_inclusion(other, index, leaf, proof, n, root));
	}
	if (n)
		CU_ASSERT_FALSE(tree_check_inclusion(size, index, leaf, proof, n - 1, root));
	proof[n] = *root;
	CU_ASSERT_FALSE(tree_check_inclusion(size, index, leaf, proof, n + 1, root));
}

static void consistency_binds(uint64_t from, const struct hash *old, uint64_t to, const struct hash *new,
			      struct hash *proof, unsigned n, bool every_bit)
{
	struct hash wrong;
	CU_ASSERT_TRUE(tree_check_consistency(from, old, to, new, proof, n));
	for (unsigned bit = 0; bit < 256; bit += every_bit ? 1 : 37) {
		for (unsigned i = 0; i < n; i++) {
			flip(&proof[i], bit);
			CU_ASSERT_FALSE(tree_check_consistency(from, old, to, new, proof, n));
			flip(&proof[i], bit);
		}
		wrong = *old;
		flip(&wrong, bit);
		CU_ASSERT_FALSE(tree_check_consistency(from, &wrong, to, new, proof, n));
		wrong = *new;
		flip(&wrong, bit);
		CU_ASSERT_FALSE(tree_check_consistency(from, old, to, &wrong, proof, n));
	}
	if (n)
		CU_ASSERT_FALSE(tree_check_consistency(from, old, to, new, proof, n - 1));
	proof[n] = *new;
	CU_ASSERT_FALSE(tree_check_consistency(from, old, to, new, proof, n + 1));
	if (from < to) {
		CU_ASSERT_FALSE(tree_check_consistency(to, old, from, new, proof, n));
		CU_ASSERT_FALSE(tree_check_consistency(from, new, to, old, proof, n));
		CU_ASSERT_FALSE(tree_check_consistency(to, old, to, new, proof, n));
		CU_ASSERT_FALSE(tree_check_consistency(from, old, from, new, proof, n));
	}
}

/* Frontier, tiles and the definition agree on a size; its proofs, by a step, check and bind. */
static void check_size(const struct hash *leaves, uint64_t size, const struct frontier *f, uint64_t step,
		       bool every_bit)
{
	struct hash root, naive, old, proof[TREE_PROOF_MAX + 1];
	struct frontier again;
	struct array_source a;
	unsigned n = 0;
	naive_root(leaves, size, &naive);
	frontier_root(f, &root);
	CU_ASSERT_TRUE(hash_equal(&root, &naive));
	array_source_init(&a, leaves, size);
	struct tree_source s = {&a, array_tile};
	CU_ASSERT_EQUAL(tree_root(&s, size, &root, &why), 0);
	CU_ASSERT_TRUE(hash_equal(&root, &naive));
	CU_ASSERT_EQUAL(tree_frontier(&s, size, &again, &why), 0);
	CU_ASSERT_EQUAL(again.size, size);
	for (unsigned l = 0; l < 64; l++)
		if (size >> l & 1)
			CU_ASSERT_TRUE(hash_equal(&again.peaks[l], &f->peaks[l]));
	for (uint64_t i = 0; i < size; i += 1 + (uint64_t)random() % step) {
		CU_ASSERT_EQUAL(tree_prove_inclusion(&s, size, i, proof, &n, &why), 0);
		inclusion_binds(size, i, &leaves[i], proof, n, &naive, every_bit);
	}
	for (uint64_t i = 1; i <= size; i += 1 + (uint64_t)random() % step) {
		naive_root(leaves, i, &old);
		CU_ASSERT_EQUAL(tree_prove_consistency(&s, i, size, proof, &n, &why), 0);
		consistency_binds(i, &old, size, &naive, proof, n, every_bit);
		for (uint64_t other = 0; every_bit && other <= size; other++)
			CU_ASSERT_EQUAL(tree_check_consistency(other, &old, size, &naive, proof, n),
					other == i);
	}
	array_source_fini(&a);
}

static void test_tree_every_size_to_600(void)
{
	struct hash *leaves = numbered_leaves(600);
	struct frontier f = {0};
	for (uint64_t size = 0; size <= 600; size++) {
		check_size(leaves, size, &f, size > 80 ? 1 + size / 3 : 1, size < 20);
		if (size < 600)
			frontier_add(&f, &leaves[size]);
	}
	free(leaves);
}

static void test_tree_around_65536(void)
{
	const uint64_t most = 65536 + 258;
	struct hash *leaves = numbered_leaves(most);
	struct frontier f = {0};
	for (uint64_t size = 0; size <= most; size++) {
		if ((size >= 65534 && size <= 65538) || size == 65536 + 255 || size == most)
			check_size(leaves, size, &f, 20000, false);
		if (size < most)
			frontier_add(&f, &leaves[size]);
	}
	free(leaves);
}

/* TLOG.md 5 and 6: the empty tree; odd sizes are neither filled up nor doubled. */
static void test_tree_empty_and_odd(void)
{
	struct hash root, leaf, twice, empty = hash_of(roots[0]);
	struct frontier f = {0};
	CU_ASSERT_EQUAL(tree_root(&(struct tree_source){0}, 0, &root, &why), 0); /* reads no tile */
	CU_ASSERT_TRUE(hash_equal(&root, &empty));
	tree_leaf("x", 1, &leaf);
	for (int i = 0; i < 3; i++)
		frontier_add(&f, &leaf);
	frontier_root(&f, &root);
	tree_node(&leaf, &leaf, &twice);
	tree_node(&twice, &leaf, &leaf);
	CU_ASSERT_TRUE(hash_equal(&root, &leaf));
	CU_ASSERT_TRUE(tree_check_consistency(0, &empty, 3, &root, NULL, 0));
	CU_ASSERT_FALSE(tree_check_consistency(0, &root, 3, &root, NULL, 0));
	CU_ASSERT_FALSE(tree_check_consistency(0, &empty, 3, &root, &root, 1));
	CU_ASSERT_TRUE(tree_check_consistency(0, &empty, 0, &empty, NULL, 0));
	CU_ASSERT_FALSE(tree_check_consistency(0, &root, 0, &root, NULL, 0));
	CU_ASSERT_FALSE(tree_check_inclusion(0, 0, &empty, NULL, 0, &empty));
	CU_ASSERT_FALSE(tree_check_inclusion(1, 1, &leaf, NULL, 0, &leaf));
}

static void test_tree_entry_is_not_a_node(void)
{
	uint8_t both[64] = {0};
	struct hash left, right, leaf, node;
	memcpy(left.b, both, 32);
	memcpy(right.b, both + 32, 32);
	tree_leaf(both, sizeof(both), &leaf);
	tree_node(&left, &right, &node);
	CU_ASSERT_FALSE(hash_equal(&leaf, &node));
	for (size_t n = 0; n < 200; n++) { /* every length about the blocks of SHA-256 */
		uint8_t bytes[201];
		struct hash want;
		memset(bytes, (int)n, sizeof(bytes));
		bytes[0] = 0;
		sha256(bytes, n + 1, &want);
		tree_leaf(bytes + 1, n, &leaf);
		CU_ASSERT_TRUE(hash_equal(&leaf, &want));
	}
}

static void test_tree_refuses_what_it_has_not(void)
{
	struct hash h[TREE_PROOF_MAX], before;
	unsigned n = 7;
	struct tree_source s = {0};
	memset(h, 9, sizeof(h));
	before = h[0];
	CU_ASSERT_EQUAL(tree_prove_inclusion(&s, 5, 5, h, &n, &why), -EINVAL);
	CU_ASSERT_EQUAL(tree_prove_inclusion(&s, 0, 0, h, &n, &why), -EINVAL);
	CU_ASSERT_EQUAL(tree_prove_consistency(&s, 0, 5, h, &n, &why), -EINVAL);
	CU_ASSERT_EQUAL(tree_prove_consistency(&s, 6, 5, h, &n, &why), -EINVAL);
	CU_ASSERT_EQUAL(tree_root(&s, (UINT64_C(1) << 63) + 1, h, &why), -EINVAL);
	CU_ASSERT_EQUAL(tree_prove_inclusion(&s, UINT64_MAX, 5, h, &n, &why), -EINVAL);
	CU_ASSERT_EQUAL(tree_prove_consistency(&s, 5, UINT64_MAX, h, &n, &why), -EINVAL);
	CU_ASSERT_TRUE(hash_equal(&h[0], &before) && n == 7);
}

/* A source's error comes through, and leaves the outputs alone. */
static void test_tree_hands_on_the_sources_error(void)
{
	struct hash *leaves = numbered_leaves(600), h[TREE_PROOF_MAX], before;
	struct array_source a;
	unsigned n = 7;
	memset(h, 9, sizeof(h));
	before = h[0];
	array_source_init(&a, leaves, 600);
	struct tree_source s = {&a, array_tile};
	for (a.fail_at = 1; a.fail_at <= 3; a.fail_at++) {
		a.reads = 0;
		CU_ASSERT_EQUAL(tree_prove_inclusion(&s, 600, 3, h, &n, &why), -EIO);
		CU_ASSERT_TRUE(hash_equal(&h[0], &before) && n == 7);
	}
	for (a.fail_at = 1; a.fail_at <= 2; a.fail_at++) {
		a.reads = 0;
		CU_ASSERT_EQUAL(tree_root(&s, 600, h, &why), -EIO);
		CU_ASSERT_TRUE(hash_equal(&h[0], &before));
	}
	CU_ASSERT_STRING_EQUAL(why.text, "the disk is ill");
	array_source_fini(&a);
	free(leaves);
}

static int any_tile(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *ret, struct err *e)
{
	(void)level, (void)n, (void)e;
	++*(unsigned *)ctx;
	memset(ret, 1, width * sizeof(*ret));
	return 0;
}

/* The most leaves: proofs fit, and read two tiles a level at most: the path's, and the right edge's. */
static void test_tree_of_2_to_the_63(void)
{
	struct hash proof[TREE_PROOF_MAX];
	unsigned n, reads = 0;
	struct tree_source s = {&reads, any_tile};
	const uint64_t most = UINT64_C(1) << 63;
	CU_ASSERT_EQUAL(tree_prove_inclusion(&s, most, 12345678901234, proof, &n, &why), 0);
	CU_ASSERT_EQUAL(n, 63);
	CU_ASSERT_EQUAL(reads, 8);
	reads = 0;
	CU_ASSERT_EQUAL(tree_prove_inclusion(&s, most - 1, 0, proof, &n, &why), 0);
	CU_ASSERT_EQUAL(n, 63);
	CU_ASSERT_TRUE(reads <= 16);
	CU_ASSERT_EQUAL(tree_prove_consistency(&s, most / 2 + 1, most - 1, proof, &n, &why), 0);
	CU_ASSERT_TRUE(n <= TREE_PROOF_MAX);
	reads = 0;
	CU_ASSERT_EQUAL(tree_root(&s, most - 1, proof, &why), 0);
	CU_ASSERT_EQUAL(reads, 8);
}

static const struct test tests[] = {
    TEST(test_tree_has_the_published_roots_and_proofs),
    TEST(test_tree_every_size_to_600),
    TEST(test_tree_around_65536),
    TEST(test_tree_empty_and_odd),
    TEST(test_tree_entry_is_not_a_node),
    TEST(test_tree_refuses_what_it_has_not),
    TEST(test_tree_hands_on_the_sources_error),
    TEST(test_tree_of_2_to_the_63),
};

HARNESS_MAIN("tree", tests)
