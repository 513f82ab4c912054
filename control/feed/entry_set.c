/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/feed/entry_set.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#define FIRST_BYTES UINT64_C(1 << 20)
#define UNIT	    4 /* a text begins at a multiple of it: its length in 2 bytes, the text, a NUL */
#define HEAD	    2

void entry_set_init(struct entry_set *s, uint64_t max_entries)
{
	*s = (struct entry_set){.max = max_entries};
}

static void unmap(void *p, uint64_t bytes)
{
	if (p)
		munmap(p, bytes);
}

void entry_set_fini(struct entry_set *s)
{
	unmap(s->text, s->text_room);
	unmap(s->records, s->room);
	*s = (struct entry_set){.max = s->max};
}

/* Makes a mapping twice as large. Pages that were never written take no memory. */
static int grow(void **p, uint64_t *room)
{
	uint64_t bytes = *room ? *room * 2 : FIRST_BYTES;
	void *at = *p ? mremap(*p, *room, bytes, MREMAP_MAYMOVE)
		      : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		return -ENOMEM;
	madvise(at, bytes, MADV_DONTDUMP);
	*p = at;
	*room = bytes;
	return 0;
}

static const char *text_of(const struct entry_set *s, const struct entry_record *r, size_t *ret_len)
{
	const uint8_t *p = s->text + (uint64_t)r->at * UNIT;
	uint16_t len;
	memcpy(&len, p, HEAD);
	*ret_len = len;
	return (const char *)p + HEAD;
}

/* Bytes depth to depth + 8 of a text, zeros behind its end. */
static uint64_t key_at(const char *text, size_t len, size_t depth)
{
	uint64_t key = 0;
	if (depth < len)
		memcpy(&key, text + depth, len - depth < 8 ? len - depth : 8);
	return be64toh(key);
}

int entry_set_add(struct entry_set *s, uint32_t line, const char *text, size_t len, struct err *e)
{
	uint64_t bytes = (HEAD + len + 1 + UNIT - 1) & ~(uint64_t)(UNIT - 1);
	if (s->n == s->max)
		return err_set(e, -E2BIG, "more than %llu entries: split the list",
			       (unsigned long long)s->max);
	if (len > UINT16_MAX || s->text_bytes + bytes > ENTRY_SET_TEXT_MAX)
		return err_set(e, -E2BIG, "entries of more than %llu bytes in all: split the list",
			       (unsigned long long)ENTRY_SET_TEXT_MAX);
	void *records = s->records, *texts = s->text;
	if (((s->n + 1) * sizeof(*s->records) > s->room && grow(&records, &s->room)) ||
	    (s->text_bytes + bytes > s->text_room && grow(&texts, &s->text_room))) {
		s->records = records;
		return err_set(e, -ENOMEM, "no memory for its entries");
	}
	s->records = records;
	s->text = texts;
	uint8_t *p = s->text + s->text_bytes;
	memcpy(p, &(uint16_t){(uint16_t)len}, HEAD);
	memcpy(p + HEAD, text, len);
	p[HEAD + len] = 0;
	s->records[s->n++] =
	    (struct entry_record){key_at(text, len, 0), (uint32_t)(s->text_bytes / UNIT), line};
	s->text_bytes += bytes;
	return 0;
}

void entry_set_cut(struct entry_set *s, uint64_t n)
{
	if (n >= s->n)
		return;
	s->text_bytes = (uint64_t)s->records[n].at * UNIT;
	s->n = n;
}

static void swap(struct entry_record *a, struct entry_record *b)
{
	struct entry_record r = *a;
	*a = *b;
	*b = r;
}

static void sort_few(struct entry_record *r, uint64_t n)
{
	for (uint64_t i = 1; i < n; i++)
		for (uint64_t k = i; k && r[k - 1].key > r[k].key; k--)
			swap(r + k - 1, r + k);
}

/* Puts keys below a random one first and those above it last: nobody can write a list that is slow to sort. */
static void split(struct entry_record *r, uint64_t n, uint64_t *random, uint64_t *ret_below,
		  uint64_t *ret_above)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	uint64_t pivot = r[*random % n].key, below = 0, i = 0, above = n;
	while (i < above) {
		if (r[i].key < pivot)
			swap(r + i++, r + below++);
		else if (r[i].key > pivot)
			swap(r + i, r + --above);
		else
			i++;
	}
	*ret_below = below;
	*ret_above = above;
}

static void sort(const struct entry_set *s, struct entry_record *r, uint64_t n, size_t depth,
		 uint64_t *random);

/* Records of one key: alike where their texts end in it (a NUL is no byte of a text), else sorted by what follows. */
static void sort_alike(const struct entry_set *s, struct entry_record *r, uint64_t n, size_t depth,
		       uint64_t *random)
{
	if (n < 2 || !(r->key & 0xff))
		return;
	for (uint64_t i = 0; i < n; i++) {
		size_t len;
		const char *text = text_of(s, r + i, &len);
		r[i].key = key_at(text, len, depth + 8);
	}
	sort(s, r, n, depth + 8, random);
}

static void sort(const struct entry_set *s, struct entry_record *r, uint64_t n, size_t depth,
		 uint64_t *random)
{
	while (n > 16) {
		uint64_t below, above;
		split(r, n, random, &below, &above);
		sort_alike(s, r + below, above - below, depth, random);
		/* the smaller part on the stack: its depth is logarithmic */
		if (below < n - above) {
			sort(s, r, below, depth, random);
			r += above;
			n -= above;
		} else {
			sort(s, r + above, n - above, depth, random);
			n = below;
		}
	}
	sort_few(r, n);
	for (uint64_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && r[end].key == r[i].key; end++)
			;
		sort_alike(s, r + i, end - i, depth, random);
	}
}

void entry_set_sort(struct entry_set *s)
{
	uint64_t random = 0;
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random) || !random)
		random = 0x9e3779b97f4a7c15;
	sort(s, s->records, s->n, 0, &random);
}

bool entry_set_next(const struct entry_set *s, uint64_t *at, struct entry *ret)
{
	if (*at == s->n)
		return false;
	const struct entry_record *r = s->records + *at;
	ret->text = text_of(s, r, &ret->len);
	ret->line = r->line;
	for (++*at; *at < s->n; ++*at) {
		size_t len;
		const char *text = text_of(s, ++r, &len);
		if (len != ret->len || memcmp(text, ret->text, len))
			break;
		if (r->line < ret->line)
			ret->line = r->line;
	}
	return true;
}
