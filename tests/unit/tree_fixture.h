/* SPDX-License-Identifier: BSD-3-Clause */
/* tree_fixture: RFC 6962, 2.1, as it is written there, for trees of small size; and a source of hashes that is an array. */
#ifndef TESTS_UNIT_TREE_FIXTURE_H
#define TESTS_UNIT_TREE_FIXTURE_H

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "audit/tile.h"
#include "audit/tree.h"

static inline void sha256(const void *p, size_t n, struct hash *ret)
{
	EVP_Digest(p, n, ret->b, NULL, EVP_sha256(), NULL);
}

/* MTH(D[n]) out of leaves' hashes. */
static inline void naive_root(const struct hash *leaves, uint64_t n, struct hash *ret)
{
	uint8_t node[65] = {1};
	struct hash half;
	uint64_t k = 1;
	if (!n) {
		sha256("", 0, ret);
		return;
	}
	if (n == 1) {
		*ret = leaves[0];
		return;
	}
	while (k * 2 < n)
		k *= 2;
	naive_root(leaves, k, &half);
	memcpy(node + 1, half.b, 32);
	naive_root(leaves + k, n - k, &half);
	memcpy(node + 33, half.b, 32);
	sha256(node, sizeof(node), ret);
}

/* Leaf i is the eight bytes of i, big endian. */
static inline struct hash *numbered_leaves(uint64_t n)
{
	struct hash *leaves = calloc(n + 1, sizeof(*leaves));
	for (uint64_t i = 0; leaves && i < n; i++) {
		uint64_t be = __builtin_bswap64(i);
		tree_leaf(&be, sizeof(be), &leaves[i]);
	}
	return leaves;
}

/* The hashes of the tiles of a log of `size` leaves, each by naive_root; and how often a tile was read. */
struct array_source {
	uint64_t size;
	struct hash *levels[TILE_LEVELS];
	unsigned reads, fail_at; /* fail_at: the read that fails, from 1; 0: none */
};

static inline int array_tile(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *ret,
			     struct err *e)
{
	struct array_source *s = ctx;
	uint64_t count = level < TILE_LEVELS ? tile_count((int)level, s->size) : 0;
	if (++s->reads == s->fail_at)
		return err_set(e, -EIO, "the disk is ill");
	if (!width || width > TILE_WIDTH || n * TILE_WIDTH + width > count)
		abort(); /* asks for what the tree has not */
	memcpy(ret, s->levels[level] + n * TILE_WIDTH, width * sizeof(*ret));
	return 0;
}

static inline void array_source_init(struct array_source *s, const struct hash *leaves, uint64_t size)
{
	*s = (struct array_source){.size = size};
	for (int l = 0; l < TILE_LEVELS; l++) {
		uint64_t n = tile_count(l, size), width = 1;
		s->levels[l] = calloc(n + 1, sizeof(struct hash));
		for (int i = 0; i < l && n; i++)
			width *= TILE_WIDTH;
		for (uint64_t i = 0; i < n; i++)
			naive_root(leaves + i * width, width, &s->levels[l][i]);
	}
}

static inline void array_source_fini(struct array_source *s)
{
	for (int l = 0; l < TILE_LEVELS; l++)
		free(s->levels[l]);
}

#endif
