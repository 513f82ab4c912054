/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/stream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { CLASSES = 3 };

static const uint32_t class_data[CLASSES] = {2048, 16384, STREAM_MAX_BYTES};

struct block_class {
	uint8_t *memory;
	size_t block_bytes, map_bytes;
	uint32_t blocks, used; /* blocks never used yet lie from `used` on: their pages are untouched */
	uint32_t free_head;    /* handle, linked through `next` */
};

struct stream_pool {
	struct block_class class[CLASSES];
	uint32_t newest[CLASSES], oldest[CLASSES];
};

/* A handle is class << 28 | number, numbers from 1. */
static unsigned class_of(uint32_t handle)
{
	return handle >> 28;
}

struct stream *stream_at(struct stream_pool *p, uint32_t handle)
{
	struct block_class *c = &p->class[class_of(handle)];
	return (struct stream *)(c->memory + (size_t)((handle & 0xfffffff) - 1) * c->block_bytes);
}

struct stream_pool *stream_pool_new(const struct stream_pool_size *size)
{
	const unsigned blocks[CLASSES] = {size->small, size->medium, size->large};
	struct stream_pool *p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	for (unsigned i = 0; i < CLASSES; i++) {
		struct block_class *c = &p->class[i];
		c->block_bytes = (sizeof(struct stream) + class_data[i] + 63) & ~(size_t)63;
		c->blocks = blocks[i];
		c->map_bytes = c->block_bytes * (blocks[i] ? blocks[i] : 1);
		c->memory = mmap(NULL, c->map_bytes, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (c->memory == MAP_FAILED) {
			c->memory = NULL;
			stream_pool_free(p);
			return NULL;
		}
		madvise(c->memory, c->map_bytes, MADV_HUGEPAGE);
		if (size->populate)
			madvise(c->memory, c->map_bytes, MADV_POPULATE_WRITE);
	}
	return p;
}

void stream_pool_free(struct stream_pool *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < CLASSES; i++)
		if (p->class[i].memory)
			munmap(p->class[i].memory, p->class[i].map_bytes);
	free(p);
}

static void unlink_stream(struct stream_pool *p, struct stream *s)
{
	unsigned c = class_of(s->handle);
	*(s->prev ? &stream_at(p, s->prev)->next : &p->newest[c]) = s->next;
	*(s->next ? &stream_at(p, s->next)->prev : &p->oldest[c]) = s->prev;
}

static void link_newest(struct stream_pool *p, struct stream *s)
{
	unsigned c = class_of(s->handle);
	s->prev = 0;
	s->next = p->newest[c];
	*(s->next ? &stream_at(p, s->next)->prev : &p->oldest[c]) = s->handle;
	p->newest[c] = s->handle;
}

void stream_touch(struct stream_pool *p, struct stream *s)
{
	if (p->newest[class_of(s->handle)] == s->handle)
		return;
	unlink_stream(p, s);
	link_newest(p, s);
}

static struct stream *take(struct stream_pool *p, unsigned class)
{
	struct block_class *c = &p->class[class];
	uint32_t handle = c->free_head;
	if (handle)
		c->free_head = stream_at(p, handle)->next;
	else if (c->used < c->blocks)
		handle = class << 28 | ++c->used;
	else
		return NULL;
	struct stream *s = stream_at(p, handle);
	memset(s, 0, sizeof(*s));
	s->handle = handle;
	s->cap = class_data[class];
	link_newest(p, s);
	return s;
}

void stream_close(struct stream_pool *p, uint32_t handle)
{
	struct stream *s = stream_at(p, handle);
	struct block_class *c = &p->class[class_of(handle)];
	unlink_stream(p, s);
	s->next = c->free_head;
	c->free_head = handle;
}

/* A block of the given class, the least recently used one where none is free; NULL where the class has none.
 */
static struct stream *take_or_evict(struct stream_pool *p, unsigned class, uint32_t *ret_owner)
{
	*ret_owner = STREAM_NO_OWNER;
	struct stream *s = take(p, class);
	if (s || !p->oldest[class])
		return s;
	*ret_owner = stream_at(p, p->oldest[class])->owner;
	stream_close(p, p->oldest[class]);
	return take(p, class);
}

struct stream *stream_open(struct stream_pool *p, uint32_t owner, uint32_t *ret_owner)
{
	struct stream *s = take_or_evict(p, 0, ret_owner);
	s->owner = owner;
	return s;
}

/* Moves a stream into a block of at least `bytes`. */
static bool grow(struct stream_pool *p, struct stream **s, uint32_t bytes, uint32_t *ret_owner)
{
	for (unsigned c = class_of((*s)->handle) + 1; c < CLASSES; c++) {
		struct stream *old = *s,
			      *new = class_data[c] >= bytes ? take_or_evict(p, c, ret_owner) : NULL;
		if (!new)
			continue;
		struct stream head = *new;
		uint32_t top = old->n_ranges ? old->range[old->n_ranges - 1].to : 0;
		memcpy(new, old, sizeof(*old) + top);
		new->handle = head.handle;
		new->cap = head.cap;
		new->prev = head.prev;
		new->next = head.next;
		stream_close(p, old->handle);
		*s = new;
		return true;
	}
	return false;
}

static bool differs(const struct stream *s, uint32_t from, uint32_t to, const uint8_t *bytes)
{
	uint32_t a = s->opaque_from, b = s->opaque_to; /* known bytes lie in [from, a) and [b, to) */
	if (a >= b || to <= a || from >= b)
		return memcmp(s->data + from, bytes, to - from);
	return (from < a && memcmp(s->data + from, bytes, a - from)) ||
	       (b < to && memcmp(s->data + b, bytes + (b - from), to - b));
}

/* Compares what is already there with the new bytes. */
static enum stream_put compare(const struct stream *s, uint32_t at, const uint8_t *bytes, uint32_t len)
{
	uint32_t end = at + len, same = 0;
	for (unsigned i = 0; i < s->n_ranges; i++) {
		uint32_t from = s->range[i].from > at ? s->range[i].from : at;
		uint32_t to = s->range[i].to < end ? s->range[i].to : end;
		if (from >= to)
			continue;
		if (differs(s, from, to, bytes + (from - at)))
			return STREAM_CONFLICT;
		same += to - from;
	}
	return same == len ? STREAM_DUPLICATE : STREAM_STORED;
}

/* Adds [from, to) to the ranges; false where there is no room for another. */
static bool add_range(struct stream *s, uint32_t from, uint32_t to)
{
	unsigned first = 0;
	while (first < s->n_ranges && s->range[first].to < from)
		first++;
	unsigned last = first; /* ranges first..last-1 touch the new one */
	while (last < s->n_ranges && s->range[last].from <= to) {
		if (s->range[last].from < from)
			from = s->range[last].from;
		if (s->range[last].to > to)
			to = s->range[last].to;
		last++;
	}
	if (last == first && s->n_ranges == STREAM_MAX_RANGES)
		return false;
	memmove(&s->range[first + 1], &s->range[last], (s->n_ranges - last) * sizeof(s->range[0]));
	s->range[first].from = from;
	s->range[first].to = to;
	s->n_ranges = (uint8_t)(s->n_ranges - (last - first) + 1);
	return true;
}

enum stream_put stream_put(struct stream_pool *p, struct stream **sp, uint32_t at, const uint8_t *bytes,
			   uint32_t len, uint32_t *ret_owner)
{
	*ret_owner = STREAM_NO_OWNER;
	struct stream *s = *sp;
	if (at > STREAM_MAX_BYTES || len > STREAM_MAX_BYTES - at)
		return STREAM_BEYOND;
	enum stream_put r = compare(s, at, bytes, len);
	if (r != STREAM_STORED)
		return r;
	if (at + len > s->cap && !grow(p, sp, at + len, ret_owner))
		return STREAM_NO_BLOCK;
	s = *sp;
	if (!add_range(s, at, at + len))
		return STREAM_HOLES;
	memcpy(s->data + at, bytes, len);
	stream_touch(p, s);
	return STREAM_STORED;
}

void stream_release(struct stream *s, uint32_t n)
{
	if (!n || !s->n_ranges)
		return;
	uint32_t top = s->range[s->n_ranges - 1].to;
	memmove(s->data, s->data + n, top - n);
	if (s->range[0].to <= n) {
		s->n_ranges--;
		memmove(&s->range[0], &s->range[1], s->n_ranges * sizeof(s->range[0]));
	}
	for (unsigned i = 0; i < s->n_ranges; i++) {
		s->range[i].from = s->range[i].from > n ? s->range[i].from - n : 0;
		s->range[i].to -= n;
	}
	unsigned kept = 0;
	for (unsigned i = 0; i < s->n_urgent; i++)
		if (s->urgent[i] >= n)
			s->urgent[kept++] = s->urgent[i] - n;
	s->n_urgent = (uint8_t)kept;
	s->urgent_from = s->urgent_from > n ? s->urgent_from - n : 0;
	s->opaque_from = s->opaque_from > n ? s->opaque_from - n : 0;
	s->opaque_to = s->opaque_to > n ? s->opaque_to - n : 0;
	s->parsed -= n;
	s->need = s->need > n ? s->need - n : 0;
	s->seq0 += n;
}

void stream_pass_over(struct stream *s, uint32_t to)
{
	uint32_t from = stream_contiguous(s);
	if (s->opaque_to < from)
		s->opaque_from = from;
	s->opaque_to = to;
	add_range(s, from, to); /* joins the first range, so there is always room */
}

bool stream_skip_hole(struct stream *s)
{
	unsigned next = s->n_ranges && s->range[0].from == 0;
	if (next >= s->n_ranges)
		return false;
	s->parsed = s->range[next].from;
	if (next) {
		s->range[0].to = s->parsed; /* so that release drops the first range whole */
		next = 0;
	}
	stream_release(s, s->parsed);
	s->need = s->scanned = 0;
	s->names_judged = 0;
	return true;
}

void stream_reset(struct stream *s)
{
	s->n_ranges = s->n_urgent = s->names_judged = 0;
	s->parsed = s->need = s->scanned = s->opaque_from = s->opaque_to = 0;
}

uint32_t stream_alternate(const struct stream *s, uint32_t at, const uint8_t *bytes, uint32_t len,
			  uint8_t *out)
{
	uint32_t contiguous = stream_contiguous(s), end = at + len;
	if (at > contiguous || len > STREAM_MAX_BYTES - at)
		return 0;
	memcpy(out, s->data, contiguous);
	memcpy(out + at, bytes, len);
	uint32_t total = end > contiguous ? end : contiguous;
	for (unsigned i = 0; i < s->n_ranges; i++) { /* what lies behind the new end and is now joined */
		if (s->range[i].from > total || s->range[i].to <= total)
			continue;
		memcpy(out + total, s->data + total, s->range[i].to - total);
		total = s->range[i].to;
	}
	return total;
}

uint32_t stream_without_urgent(const struct stream *s, uint32_t before, uint8_t *out)
{
	uint32_t n = 0, contiguous = stream_contiguous(s);
	for (uint32_t i = s->urgent_from; i < contiguous; i++) {
		bool urgent = false;
		for (unsigned u = 0; u < s->n_urgent; u++)
			urgent |= s->urgent[u] == i + before;
		if (!urgent)
			out[n++] = s->data[i];
	}
	return n;
}
