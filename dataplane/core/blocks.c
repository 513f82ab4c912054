/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/blocks.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#define BUCKETS 32768 /* full, two addresses a bucket: that one overflows is a matter of 1 in 100,000 */
#define WAYS	16
#define FILTER	(1u << 19) /* bits */

/* A way is an address's tag (never 0) above its entry's number; 0: free. */
struct bucket {
	_Alignas(64) _Atomic uint32_t way[WAYS];
};

struct entry {
	_Atomic uint64_t addr[2];
	_Atomic uint64_t until_ns; /* 0: not in use; set last, and taken back first */
	uint16_t list;
};

struct blocks {
	uint64_t secret[2];
	_Atomic unsigned n;
	unsigned used;	 /* entries 0.. that were ever in use */
	unsigned n_free; /* of these, not in use now */
	uint16_t free[BLOCKS_MAX];
	struct entry entries[BLOCKS_MAX];
	struct bucket buckets[BUCKETS];
	_Alignas(64) _Atomic uint64_t filter[FILTER / 64];
	uint16_t held[FILTER]; /* addresses that hold the bit */
};

int blocks_new(const uint64_t secret[2], struct blocks **ret, struct err *e)
{
	struct blocks *b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (b == MAP_FAILED)
		return err_set(e, -ENOMEM, "no memory for %d blocked addresses", BLOCKS_MAX);
	memcpy(b->secret, secret, sizeof(b->secret));
	*ret = b;
	return 0;
}

void blocks_free(struct blocks *b)
{
	if (b)
		munmap(b, sizeof(*b));
}

struct halves {
	uint64_t v[2];
};

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "::ffff:0:0/96 below is of this order");

/* As the 16 bytes in memory; of IPv4 without a way through it, which would cost more than all the rest. */
static struct halves halves_of(unsigned version, const uint8_t *addr)
{
	struct halves h = {{0, 0xffff0000}};
	uint32_t v4;
	if (version == 4) {
		memcpy(&v4, addr, sizeof(v4));
		h.v[1] |= (uint64_t)v4 << 32;
	} else {
		memcpy(h.v, addr, sizeof(h.v));
	}
	return h;
}

static uint64_t hash_of(const struct blocks *b, struct halves h)
{
	unsigned __int128 m = (unsigned __int128)(h.v[0] ^ b->secret[0]) * (h.v[1] ^ b->secret[1]);
	/* an IPv4 address is in the upper half of one factor: once more, so that it reaches every bit */
	m = (unsigned __int128)((uint64_t)m ^ (uint64_t)(m >> 64)) * (b->secret[1] | 1);
	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static const struct bucket *bucket_of(const struct blocks *b, uint64_t hash)
{
	return &b->buckets[hash % BUCKETS];
}

static uint32_t tag_of(uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> 48);
	return tag ? tag : 1;
}

bool blocks_any(const struct blocks *b)
{
	return blocks_count(b) > 0;
}

unsigned blocks_count(const struct blocks *b)
{
	return atomic_load_explicit(&b->n, memory_order_relaxed);
}

/* Other bits than those of bucket and tag. */
static uint32_t bit_of(uint64_t hash)
{
	return (uint32_t)(hash >> 24) % FILTER;
}

void blocks_suspect(const struct blocks *b, struct blocks_ends *ends)
{
	ends->suspect = 0;
	for (unsigned i = 0; i < 2; i++) {
		uint64_t hash = hash_of(b, halves_of(ends->version, ends->addr[i]));
		uint32_t bit = bit_of(hash);
		ends->hash[i] = hash;
		if (atomic_load_explicit(&b->filter[bit / 64], memory_order_relaxed) >> bit % 64 & 1) {
			ends->suspect |= (uint8_t)(1u << i);
			__builtin_prefetch(bucket_of(b, hash));
		}
	}
}

/* Read twice, since the entry may become another address's meanwhile. 0: it is not this one's, or not in use. */
static uint64_t until_of(const struct entry *n, struct halves h)
{
	uint64_t until = atomic_load_explicit(&n->until_ns, memory_order_acquire);
	if (atomic_load_explicit(&n->addr[0], memory_order_relaxed) != h.v[0] ||
	    atomic_load_explicit(&n->addr[1], memory_order_relaxed) != h.v[1])
		return 0;
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(&n->until_ns, memory_order_relaxed) == until ? until : 0;
}

static bool is_blocked(const struct blocks *b, uint64_t hash, struct halves h, uint64_t now_ns)
{
	const struct bucket *at = bucket_of(b, hash);
	for (unsigned i = 0; i < WAYS; i++) {
		uint32_t way = atomic_load_explicit(&at->way[i], memory_order_acquire);
		if (way >> 16 == tag_of(hash) && until_of(&b->entries[way & 0xffff], h) > now_ns)
			return true;
	}
	return false;
}

bool blocks_match(const struct blocks *b, const struct blocks_ends *ends, uint64_t now_ns)
{
	for (unsigned i = 0; i < 2; i++)
		if (ends->suspect >> i & 1 &&
		    is_blocked(b, ends->hash[i], halves_of(ends->version, ends->addr[i]), now_ns))
			return true;
	return false;
}

/* The way that leads to the address; NULL: none does. */
static _Atomic uint32_t *find(struct blocks *b, struct halves h, uint64_t hash)
{
	struct bucket *at = &b->buckets[hash % BUCKETS];
	for (unsigned i = 0; i < WAYS; i++) {
		uint32_t way = atomic_load_explicit(&at->way[i], memory_order_relaxed);
		if (way >> 16 == tag_of(hash) && until_of(&b->entries[way & 0xffff], h))
			return &at->way[i];
	}
	return NULL;
}

static _Atomic uint32_t *find_free(struct blocks *b, uint64_t hash)
{
	struct bucket *at = &b->buckets[hash % BUCKETS];
	for (unsigned i = 0; i < WAYS; i++)
		if (!atomic_load_explicit(&at->way[i], memory_order_relaxed))
			return &at->way[i];
	return NULL;
}

static void fill(struct entry *n, struct halves h, const struct block *one)
{
	/* until_ns is 0, and every worker has that before it sees a half of the new address */
	atomic_thread_fence(memory_order_release);
	atomic_store_explicit(&n->addr[0], h.v[0], memory_order_relaxed);
	atomic_store_explicit(&n->addr[1], h.v[1], memory_order_relaxed);
	n->list = one->list;
	atomic_store_explicit(&n->until_ns, one->until_ns, memory_order_release);
}

static void hold(struct blocks *b, uint32_t bit)
{
	if (!b->held[bit]++)
		atomic_fetch_or_explicit(&b->filter[bit / 64], 1ull << bit % 64, memory_order_release);
}

static void let_go(struct blocks *b, uint32_t bit)
{
	if (!--b->held[bit])
		atomic_fetch_and_explicit(&b->filter[bit / 64], ~(1ull << bit % 64), memory_order_release);
}

int blocks_put(struct blocks *b, struct block *one, struct err *e)
{
	struct halves h = halves_of(6, one->addr);
	uint64_t hash = hash_of(b, h);
	_Atomic uint32_t *way = find(b, h, hash);
	if (way) {
		struct entry *there = &b->entries[*way & 0xffff];
		there->list = one->list;
		if (one->until_ns < there->until_ns)
			one->until_ns = there->until_ns;
		atomic_store_explicit(&there->until_ns, one->until_ns, memory_order_release);
		return 0;
	}
	way = find_free(b, hash);
	if (!way || blocks_count(b) == BLOCKS_MAX)
		return err_set(
		    e, -ENOSPC,
		    "%u addresses are blocked already, no more than %d can be: wait until the time of "
		    "some is over, or blocks.remove them",
		    blocks_count(b), BLOCKS_MAX);
	unsigned number = b->n_free ? b->free[--b->n_free] : b->used++;
	fill(&b->entries[number], h, one);
	atomic_store_explicit(way, tag_of(hash) << 16 | number, memory_order_release);
	hold(b, bit_of(hash));
	atomic_fetch_add_explicit(&b->n, 1, memory_order_release);
	return 0;
}

static void forget(struct blocks *b, _Atomic uint32_t *way, uint64_t hash)
{
	unsigned number = *way & 0xffff;
	atomic_store_explicit(&b->entries[number].until_ns, 0, memory_order_release);
	atomic_store_explicit(way, 0, memory_order_release);
	let_go(b, bit_of(hash));
	b->free[b->n_free++] = (uint16_t)number;
	atomic_fetch_sub_explicit(&b->n, 1, memory_order_release);
}

bool blocks_remove(struct blocks *b, const uint8_t addr[16])
{
	struct halves h = halves_of(6, addr);
	uint64_t hash = hash_of(b, h);
	_Atomic uint32_t *way = find(b, h, hash);
	if (way)
		forget(b, way, hash);
	return way != NULL;
}

static void say(const struct entry *n, struct block *ret)
{
	const struct halves h = {{n->addr[0], n->addr[1]}};
	memcpy(ret->addr, h.v, sizeof(ret->addr));
	ret->until_ns = n->until_ns;
	ret->list = n->list;
}

void blocks_sweep(struct blocks *b, uint64_t now_ns, void (*gone)(void *ctx, const struct block *one),
		  void *ctx)
{
	for (unsigned i = 0; blocks_any(b) && i < b->used; i++) {
		struct block one;
		say(&b->entries[i], &one);
		if (!one.until_ns || one.until_ns > now_ns)
			continue;
		blocks_remove(b, one.addr);
		if (gone)
			gone(ctx, &one);
	}
}

unsigned blocks_read(const struct blocks *b, unsigned from, struct block *ret, unsigned n, unsigned *ret_next)
{
	unsigned found = 0, i = from;
	for (; i < b->used && found < n; i++)
		if (b->entries[i].until_ns)
			say(&b->entries[i], &ret[found++]);
	*ret_next = i < b->used ? i : 0;
	return found;
}
