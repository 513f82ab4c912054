/* SPDX-License-Identifier: BSD-3-Clause */
/* image: the layout of a ruleset in memory and in its file (docs/ruleset.md).
 *
 * Model:    a head, then sections at 64-byte bounds, all offsets from the image's first byte. image_check proves every bound
 *           and index, so that look-ups need not; what it accepts cannot make them read outside.
 * Limits:   IMAGE_SECTIONS sections.
 * Errors:   0 or -EINVAL with a sentence.
 */
#ifndef RULES_IMAGE_H
#define RULES_IMAGE_H

#include "rules/fingerprint.h"
#include "rules/ruleset.h"

#define IMAGE_MAGIC   "ROJARULE"
#define IMAGE_VERSION 1u
#define IMAGE_ORDER   0x01020304u
#define IMAGE_ALIGN   64

/* X(name, bytes an element) */
#define IMAGE_SECTIONS_X(X)                              \
	X(LISTS, sizeof(struct image_list))              \
	X(STRINGS, 1)                                    \
	X(ROLES, sizeof(struct image_role))              \
	X(NAME_KEYS, sizeof(struct image_bucket))        \
	X(NAME_VALUES, sizeof(uint64_t))                 \
	X(URL_KEYS, sizeof(struct image_bucket))         \
	X(URL_VALUES, sizeof(uint64_t))                  \
	X(HOST_KEYS, sizeof(struct image_bucket))        \
	X(HOST_VALUES, sizeof(uint64_t))                 \
	X(PREFIX_LENS, sizeof(uint16_t))                 \
	X(BITS4, 1)                                      \
	X(BLOCKS4, sizeof(struct image_range4))          \
	X(EXCEPTIONS4, sizeof(struct image_range4))      \
	X(BITS6, 1)                                      \
	X(BLOCKS6, sizeof(struct image_range6))          \
	X(EXCEPTIONS6, sizeof(struct image_range6))      \
	X(URL_PATTERN_ROLES, sizeof(struct image_role))  \
	X(NAME_PATTERN_ROLES, sizeof(struct image_role)) \
	X(URL_PATTERNS, 1)                               \
	X(NAME_PATTERNS, 1)

enum image_section {
#define X(name, size) IMAGE_##name,
	IMAGE_SECTIONS_X(X)
#undef X
	    IMAGE_SECTIONS
};

#define IMAGE_SLOTS	 4
#define IMAGE_MAX_PROBES 256  /* buckets in a row that may be full */
#define IMAGE_SPILL	 1ull /* bit 0 of slot 0's b: a key of this bucket is in one that follows */
#define IMAGE_MAX_LENS	 1024
#define IMAGE_BITS_BYTES 8192

struct image_bucket {
	struct fingerprint slot[IMAGE_SLOTS]; /* all zero: free; bit 0 of b is not the fingerprint's */
} __attribute__((aligned(IMAGE_ALIGN)));

/* A rule as it is kept: in a value, or where a key has several, in a chain of ROLES. */
struct image_role {
	uint32_t line;
	uint16_t list;
	uint8_t kind, exception;
	uint32_t next; /* a later index, 0: the last */
	uint32_t zero;
	uint64_t id;
};

struct image_list {
	uint32_t meta[META_COUNT]; /* offsets into STRINGS */
	uint8_t action[META_COUNT];
};

struct image_range4 {
	uint32_t from, to, role; /* both inclusive; role: index into ROLES */
};

struct image_range6 {
	uint64_t from[2], to[2]; /* high half first, host byte order */
	uint32_t role, zero;
};

struct image_head {
	char magic[8];
	uint32_t version, order;
	uint64_t bytes;
	uint8_t digest[32]; /* SHA-256 of the image with this field zero */
	uint8_t key[FINGERPRINT_KEY_BYTES];
	uint64_t label_counts; /* bit n-1: names of n labels are there (bit 63: of 64 and more) */
	uint64_t counts[RULE_KINDS_N][2];
	struct {
		uint64_t off, count;
	} section[IMAGE_SECTIONS];
};

/* A value of one rule: 1 << 62 | kind << 49 | exception << 48 | list << 32 | line; of several: index into ROLES. HOST_VALUES:
 * 1 << 62 | count << 32 | index into PREFIX_LENS. */
#define IMAGE_SINGLE (1ull << 62)

static inline const void *image_at(const struct image_head *h, enum image_section s)
{
	return (const uint8_t *)h + h->section[s].off;
}

int image_check(const void *image, size_t bytes, struct err *e);
void image_digest(const void *image, size_t bytes, uint8_t ret[32]);

/* The id of a rule: opaque, the same in every ruleset of one key. */
static inline uint64_t image_rule_id(struct fingerprint f, enum rule_kind kind, bool exception)
{
	return f.a ^ f.b ^ (uint64_t)kind << 1 ^ (uint64_t)exception;
}

static inline uint64_t image_bucket_of(struct fingerprint f, uint64_t buckets)
{
	return (uint64_t)(((__uint128_t)f.a * buckets) >> 64);
}

/* Whether a slot holds a fingerprint. */
static inline bool image_holds(struct fingerprint slot, struct fingerprint f)
{
	return slot.a == f.a && (slot.b | IMAGE_SPILL) == (f.b | IMAGE_SPILL);
}

/* The value of a key, or 0. */
uint64_t image_find(const struct image_bucket *keys, const uint64_t *values, uint64_t buckets,
		    struct fingerprint f);

#endif
