/* SPDX-License-Identifier: BSD-3-Clause */
/* tree: hashes, frontiers, and what checks a proof.
 *
 * A tree of ten million leaves is as many inner nodes, each two blocks of SHA-256 of which all but 65 bytes are known beforehand. OpenSSL's
 * EVP interface costs more than these two blocks; the low-level one, though deprecated, uses the same SHA instructions. Hence: */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "audit/tree.h"

#include <openssl/sha.h>

#include "common/bytes.h"

#define NODE_BITS (65 * 8)

void tree_leaf(const void *entry, size_t bytes, struct hash *ret)
{
	static const uint8_t prefix = 0x00;
	SHA256_CTX c;
	SHA256_Init(&c);
	SHA256_Update(&c, &prefix, 1);
	SHA256_Update(&c, entry, bytes);
	SHA256_Final(ret->b, &c);
}

void tree_node(const struct hash *left, const struct hash *right, struct hash *ret)
{
	uint8_t blocks[2 * SHA256_CBLOCK] = {0x01};
	SHA256_CTX c;
	memcpy(blocks + 1, left->b, sizeof(left->b));
	memcpy(blocks + 33, right->b, sizeof(right->b));
	blocks[65] = 0x80;
	put_be16(blocks + sizeof(blocks) - 2, NODE_BITS);
	SHA256_Init(&c);
	SHA256_Transform(&c, blocks);
	SHA256_Transform(&c, blocks + SHA256_CBLOCK);
	for (int i = 0; i < 8; i++)
		put_be32(ret->b + 4 * i, c.h[i]);
}

void frontier_add(struct frontier *f, const struct hash *leaf)
{
	struct hash h = *leaf;
	unsigned level = 0;
	for (; f->size >> level & 1; level++)
		tree_node(&f->peaks[level], &h, &h);
	f->peaks[level] = h;
	f->size++;
}

void frontier_root(const struct frontier *f, struct hash *ret)
{
	if (!f->size) {
		SHA256(NULL, 0, ret->b);
		return;
	}
	unsigned level = (unsigned)__builtin_ctzll(f->size);
	struct hash h = f->peaks[level++];
	for (; level < 64 && f->size >> level; level++)
		if (f->size >> level & 1)
			tree_node(&f->peaks[level], &h, &h);
	*ret = h;
}

/* The place of a node on its level, and of the level's last one: both go up until the path has a sibling. */
struct climb {
	uint64_t at, last;
};

static void climb_up(struct climb *c)
{
	c->at >>= 1;
	c->last >>= 1;
}

/* Is the proof's next hash the left sibling? If so, skips the levels on which a right edge has none. */
static bool climb_left(struct climb *c)
{
	if (!(c->at & 1) && c->at != c->last)
		return false;
	while (!(c->at & 1) && c->at)
		climb_up(c);
	return true;
}

bool tree_check_inclusion(uint64_t size, uint64_t index, const struct hash *leaf, const struct hash *proof,
			  unsigned n, const struct hash *root)
{
	if (index >= size || n > TREE_PROOF_MAX)
		return false;
	struct climb c = {index, size - 1};
	struct hash h = *leaf;
	for (unsigned i = 0; i < n; i++, climb_up(&c)) {
		if (!c.last)
			return false;
		if (climb_left(&c))
			tree_node(&proof[i], &h, &h);
		else
			tree_node(&h, &proof[i], &h);
	}
	return !c.last && hash_equal(&h, root);
}

/* Nothing but its own root, and no proof, is asked of an empty tree: every tree begins with it. */
static bool begins_with_none(const struct hash *root, unsigned n)
{
	struct hash none;
	frontier_root(&(struct frontier){0}, &none);
	return !n && hash_equal(root, &none);
}

bool tree_check_consistency(uint64_t from, const struct hash *from_root, uint64_t to,
			    const struct hash *to_root, const struct hash *proof, unsigned n)
{
	if (from > to || n > TREE_PROOF_MAX)
		return false;
	if (from == to)
		return !n && hash_equal(from_root, to_root) && (from || begins_with_none(from_root, n));
	if (!from)
		return begins_with_none(from_root, n);
	struct climb c = {from - 1, to - 1};
	unsigned i = 0;
	while (c.at & 1)
		climb_up(&c);
	if (c.at && !n)
		return false;
	/* a `from` that is a power of two is a subtree of its own, which the proof leaves out */
	struct hash old = c.at ? proof[i++] : *from_root, new = old;
	for (; i < n; i++, climb_up(&c)) {
		if (!c.last)
			return false;
		if (climb_left(&c)) {
			tree_node(&proof[i], &old, &old);
			tree_node(&proof[i], &new, &new);
		} else {
			tree_node(&new, &proof[i], &new);
		}
	}
	return !c.last && hash_equal(&old, from_root) && hash_equal(&new, to_root);
}
