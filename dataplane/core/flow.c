/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/flow.h"

#include <emmintrin.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/bytes.h"

#define WAYS	     8
#define IDLE_MANY_MS 30000u

struct bucket {
	uint16_t tag[WAYS];
};

struct flow_table {
	struct bucket *buckets;
	struct flow *entries;
	uint64_t mask; /* of buckets */
	uint64_t secret[2];
	size_t count;
};

/* Faulted in now rather than by the packet that first needs a page. */
static void *map_zeroed(size_t bytes)
{
	void *m = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m == MAP_FAILED)
		return NULL;
	madvise(m, bytes, MADV_HUGEPAGE);
	madvise(m, bytes, MADV_POPULATE_WRITE);
	return m;
}

struct flow_table *flow_table_new(unsigned capacity, const uint64_t secret[2])
{
	uint64_t buckets = 1;
	while (buckets * WAYS < capacity)
		buckets *= 2;
	struct flow_table *t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->mask = buckets - 1;
	memcpy(t->secret, secret, sizeof(t->secret));
	t->buckets = map_zeroed(buckets * sizeof(*t->buckets));
	t->entries = map_zeroed(buckets * WAYS * sizeof(*t->entries));
	if (!t->buckets || !t->entries) {
		flow_table_free(t);
		return NULL;
	}
	return t;
}

void flow_table_free(struct flow_table *t)
{
	if (!t)
		return;
	if (t->buckets)
		munmap(t->buckets, (t->mask + 1) * sizeof(*t->buckets));
	if (t->entries)
		munmap(t->entries, (t->mask + 1) * WAYS * sizeof(*t->entries));
	free(t);
}

/* A key is written and read in whole words, so that what was just stored can be forwarded to the hash. */
struct key_words {
	uint64_t w[5];
};

static uint64_t word(const void *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof(v));
	return v;
}

/* The low half of ::ffff:a.b.c.d as it lies in memory. */
static uint64_t mapped(const uint8_t *addr)
{
	uint32_t v;
	memcpy(&v, addr, sizeof(v));
	return 0xffff0000u | (uint64_t)v << 32;
}

static uint64_t ports_word(uint16_t lo, uint16_t hi, uint8_t proto)
{
	return lo | (uint64_t)hi << 16 | (uint64_t)proto << 32;
}

bool flow_key_of(const struct decoded *d, struct flow_key *ret)
{
	struct key_words k;
	bool src_lo;
	if (d->version == 4) {
		uint32_t s = be32(d->src), t = be32(d->dst);
		src_lo = s != t ? s < t : d->sport <= d->dport;
		const uint8_t *lo = src_lo ? d->src : d->dst, *hi = src_lo ? d->dst : d->src;
		k.w[0] = k.w[2] = 0;
		k.w[1] = mapped(lo);
		k.w[3] = mapped(hi);
	} else {
		int order = memcmp(d->src, d->dst, 16);
		src_lo = order ? order < 0 : d->sport <= d->dport;
		const uint8_t *lo = src_lo ? d->src : d->dst, *hi = src_lo ? d->dst : d->src;
		k.w[0] = word(lo);
		k.w[1] = word(lo + 8);
		k.w[2] = word(hi);
		k.w[3] = word(hi + 8);
	}
	k.w[4] = src_lo ? ports_word(d->sport, d->dport, d->proto) : ports_word(d->dport, d->sport, d->proto);
	memcpy(ret, &k, sizeof(k));
	return src_lo;
}

_Static_assert(sizeof(struct flow_key) == sizeof(struct key_words), "a key is five words");

static uint64_t mix(uint64_t a, uint64_t b)
{
	__uint128_t m = (__uint128_t)a * b;
	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

uint64_t flow_hash(const struct flow_table *t, const struct flow_key *k)
{
	uint64_t w[5];
	memcpy(w, k, sizeof(w));
	w[4] &= 0x000000ffffffffffull; /* without the epoch: all epochs share a bucket */
	uint64_t a = mix(w[0] ^ t->secret[0], w[1] ^ t->secret[1]);
	uint64_t b = mix(w[2] ^ t->secret[1], w[3] ^ t->secret[0]);
	return mix(a ^ w[4] ^ 0x9e3779b97f4a7c15ull, b ^ t->secret[1] ^ 0xd6e8feb86659fd93ull);
}

void flow_prefetch(const struct flow_table *t, uint64_t hash)
{
	__builtin_prefetch(&t->buckets[hash & t->mask]);
}

static uint16_t tag_of(uint64_t hash)
{
	return (uint16_t)(hash >> 48 | 1); /* 0 is free */
}

static unsigned ways_with(const struct bucket *b, uint16_t tag)
{
	__m128i tags = _mm_loadu_si128((const __m128i *)b->tag);
	__m128i same = _mm_cmpeq_epi16(tags, _mm_set1_epi16((short)tag));
	return (unsigned)_mm_movemask_epi8(same) & 0x5555u; /* one bit a way, at twice its number */
}

void flow_prefetch_entry(const struct flow_table *t, uint64_t hash)
{
	uint64_t b = hash & t->mask;
	unsigned m = ways_with(&t->buckets[b], tag_of(hash));
	if (m)
		__builtin_prefetch(&t->entries[b * WAYS + (unsigned)__builtin_ctz(m) / 2]);
}

struct flow *flow_find(struct flow_table *t, const struct flow_key *k, uint64_t hash)
{
	uint64_t b = hash & t->mask;
	for (unsigned m = ways_with(&t->buckets[b], tag_of(hash)); m; m &= m - 1) {
		struct flow *f = &t->entries[b * WAYS + (unsigned)__builtin_ctz(m) / 2];
		if (!memcmp(&f->key, k, sizeof(*k)))
			return f;
	}
	return NULL;
}

/* How much would be lost with this entry; the least goes first. */
static uint32_t worth(const struct flow *f, uint32_t now)
{
	static const uint8_t by_state[] = {
	    [FLOW_OTHER] = 1, [FLOW_PROBE] = 3, [FLOW_TLS] = 5,	 [FLOW_HTTP] = 4,      [FLOW_CHUNKS] = 4,
	    [FLOW_HTTP2] = 4, [FLOW_DNS] = 2,	[FLOW_QUIC] = 5, [FLOW_QUIC_DONE] = 1, [FLOW_ADDRESS] = 2,
	};
	uint32_t age = now - f->last_seen;
	if (age > 0x7fffffff)
		age = 0;
	if (age > IDLE_MANY_MS)
		age = IDLE_MANY_MS;
	return by_state[f->state] * 2 * IDLE_MANY_MS -
	       age * (age == IDLE_MANY_MS ? by_state[f->state] * 2 : 1);
}

struct flow *flow_insert(struct flow_table *t, const struct flow_key *k, uint64_t hash, uint64_t now_ns,
			 struct flow *ret_evicted)
{
	uint64_t b = hash & t->mask;
	uint32_t now = flow_clock(now_ns);
	unsigned free_ways = ways_with(&t->buckets[b], 0), way = 0;
	ret_evicted->state = FLOW_FREE;
	if (free_ways) {
		way = (unsigned)__builtin_ctz(free_ways) / 2;
	} else {
		uint32_t least = UINT32_MAX;
		for (unsigned i = 0; i < WAYS; i++) {
			uint32_t v = worth(&t->entries[b * WAYS + i], now);
			if (v < least) {
				least = v;
				way = i;
			}
		}
		*ret_evicted = t->entries[b * WAYS + way];
		t->count--;
	}
	struct flow *f = &t->entries[b * WAYS + way];
	memset(f, 0, sizeof(*f));
	f->key = *k;
	f->last_seen = now;
	t->buckets[b].tag[way] = tag_of(hash);
	t->count++;
	return f;
}

bool flow_is_full(const struct flow_table *t, uint64_t hash)
{
	uint64_t b = hash & t->mask;
	if (ways_with(&t->buckets[b], 0))
		return false;
	for (unsigned i = 0; i < WAYS; i++)
		if (flow_is_decided(&t->entries[b * WAYS + i]))
			return false;
	return true;
}

void flow_remove(struct flow_table *t, struct flow *f)
{
	uint32_t i = flow_index(t, f);
	t->buckets[i / WAYS].tag[i % WAYS] = 0;
	f->state = FLOW_FREE;
	t->count--;
}

uint32_t flow_index(const struct flow_table *t, const struct flow *f)
{
	return (uint32_t)(f - t->entries);
}

struct flow *flow_at(struct flow_table *t, uint32_t index)
{
	return &t->entries[index];
}

size_t flow_count(const struct flow_table *t)
{
	return t->count;
}
