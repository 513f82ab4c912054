/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/fingerprint.h"

#include <string.h>

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static inline void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 = rotate(s->v2, 32);
}

static inline void absorb(struct sip *s, uint64_t block)
{
	s->v3 ^= block;
	sip_round(s);
	sip_round(s);
	s->v0 ^= block;
}

static inline uint64_t le64(const uint8_t *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof(v));
	return v;
}

/* Bytes [at, at + n) of text[0..len) as the low bytes of a block, n < 8, in whole loads that stay inside the text. */
static inline uint64_t few_bytes(const uint8_t *text, size_t len, size_t at, size_t n)
{
	if (!n)
		return 0;
	if (at + n >= 8)
		return le64(text + at + n - 8) >> (64 - 8 * n);
	uint64_t first = 0;
	if (len >= 8)
		first = le64(text);
	else
		for (size_t i = 0; i < len; i++)
			first |= (uint64_t)text[i] << 8 * i;
	return first >> 8 * at & ((1ull << 8 * n) - 1);
}

static inline struct sip begin(const uint8_t key[FINGERPRINT_KEY_BYTES])
{
	uint64_t k0 = le64(key), k1 = le64(key + 8);
	return (struct sip){k0 ^ 0x736f6d6570736575ull, k1 ^ 0x646f72616e646f6dull ^ 0xee,
			    k0 ^ 0x6c7967656e657261ull, k1 ^ 0x7465646279746573ull};
}

static inline struct sip begin_domain(const uint8_t key[FINGERPRINT_KEY_BYTES],
				      enum fingerprint_domain domain)
{
	struct sip s = begin(key);
	absorb(&s, (uint64_t)domain);
	return s;
}

/* On a copy, so that the caller's state can go on. */
static inline struct fingerprint finish(struct sip s)
{
	struct fingerprint f;
	s.v2 ^= 0xee;
	for (int i = 0; i < 4; i++)
		sip_round(&s);
	f.a = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
	s.v1 ^= 0xdd;
	for (int i = 0; i < 4; i++)
		sip_round(&s);
	f.b = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
	return f;
}

/* Bytes [at, at + n) of text[0..len), closed by a block that holds n. */
static inline void absorb_part(struct sip *s, const uint8_t *text, size_t len, size_t at, size_t n)
{
	uint64_t close = (uint64_t)n << 56;
	for (; n >= 8; n -= 8, at += 8)
		absorb(s, le64(text + at));
	absorb(s, few_bytes(text, len, at, n) | close);
}

struct fingerprint fingerprint_plain(const uint8_t key[FINGERPRINT_KEY_BYTES], const void *p, size_t len)
{
	struct sip s = begin(key);
	absorb_part(&s, p, len, 0, len);
	return finish(s);
}

struct fingerprint fingerprint_of(const uint8_t key[FINGERPRINT_KEY_BYTES], enum fingerprint_domain domain,
				  const void *p, size_t len)
{
	struct sip s = begin_domain(key, domain);
	absorb_part(&s, p, len, 0, len);
	return finish(s);
}

unsigned fingerprint_suffixes(const uint8_t key[FINGERPRINT_KEY_BYTES], const char *name, size_t len,
			      uint64_t wanted, struct fingerprint *ret, uint8_t *ret_labels, unsigned cap,
			      unsigned *ret_total)
{
	struct sip s = begin_domain(key, FINGERPRINT_NAME);
	const uint8_t *p = (const uint8_t *)name;
	unsigned labels = 0, n = 0;
	for (size_t end = len; end;) {
		size_t start = end;
		while (start && p[start - 1] != '.')
			start--;
		absorb_part(&s, p, len, start, end - start);
		unsigned bit = labels < 63 ? labels : 63;
		labels++;
		if (wanted >> bit & 1 && n < cap) {
			ret[n] = finish(s);
			ret_labels[n++] = (uint8_t)labels;
		}
		end = start ? start - 1 : 0;
	}
	*ret_total = labels;
	return n;
}

void fingerprint_prefixes(const uint8_t key[FINGERPRINT_KEY_BYTES], const char *text, const uint16_t *lens,
			  unsigned n, struct fingerprint *ret)
{
	struct sip s = begin_domain(key, FINGERPRINT_URL_PREFIX);
	const uint8_t *p = (const uint8_t *)text;
	size_t at = 0;
	for (unsigned i = 0; i < n; i++) {
		for (; at + 8 <= lens[i]; at += 8)
			absorb(&s, le64(p + at));
		struct sip copy = s;
		absorb(&copy, few_bytes(p, lens[i], at, lens[i] - at) | (uint64_t)lens[i] << 56);
		ret[i] = finish(copy);
	}
}
