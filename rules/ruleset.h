/* SPDX-License-Identifier: BSD-3-Clause */
/* ruleset: the compiled rules, immutable, and the look-ups the packet path makes in them.
 *
 * Model:    one position-independent image of checked sections (docs/ruleset.md), mapped read-only from a file or
 *           built in memory by ruleset_build. Names and URLs are keyed 128-bit fingerprints; an exception of any kind
 *           wins over every block; among blocks the most specific wins: URL over name, longer suffix over shorter,
 *           then the lower list and line.
 * Owner:    ruleset_open/ruleset_build allocate, ruleset_free frees; matches point at nothing.
 * Threads:  look-ups are const and lock-free from any number of workers; each worker has its own ruleset_scratch
 *           (Hyperscan's) made for this ruleset.
 * Limits:   RULESET_MAX_LISTS lists, 2^31 entries, 65,536 patterns.
 * Errors:   0 or -errno with a sentence that says what is wrong with the file.
 * Cost:     a name: one fingerprint and at most one cache line a label, all prefetched together; a URL: the name, then
 *           only where its host has URL rules one fingerprint a distinct prefix length. No heap, no lock.
 */
#ifndef RULES_RULESET_H
#define RULES_RULESET_H

#include "common/err.h"
#include "rules/list.h"
#include "rules/seal.h"

#define RULESET_MAX_LISTS 65535

struct ruleset;
struct ruleset_scratch;

struct rule_ref {
	uint64_t id;   /* opaque; the same for the same rule as long as the ruleset key is the same */
	uint32_t line; /* 1-based, of list `list` */
	uint16_t list;
	uint8_t kind;	/* enum rule_kind */
	uint8_t is_set; /* 0: no such rule */
};

struct match {
	bool block;		   /* rule.is_set and no exception */
	struct rule_ref rule;	   /* the block rule that matched, also where an exception won */
	struct rule_ref exception; /* the exception that won */
};

/* Reads a ruleset file into read-only memory and checks its magic, version, size, digest and every section. */
int ruleset_open(const char *path, struct ruleset **ret, struct err *e);
/* The same of a file that may be sealed (seal.h) with k; k NULL: a sealed one is -EKEYREJECTED. */
int ruleset_open_sealed(const char *path, const struct seal_key *k, struct ruleset **ret, struct err *e);
/* The same over an image in memory, which the ruleset borrows (64-byte aligned). For tests and fuzzing. */
int ruleset_over(const void *image, size_t bytes, struct ruleset **ret, struct err *e);
void ruleset_free(struct ruleset *rs);

int ruleset_scratch_new(const struct ruleset *rs, struct ruleset_scratch **ret, struct err *e);
void ruleset_scratch_free(struct ruleset_scratch *s);

/* Judges a name seen in TLS, QUIC or DNS. An address literal is judged by the prefixes. Returns ret->block;
 * ret is always set. */
bool ruleset_match_name(const struct ruleset *rs, struct ruleset_scratch *s, const struct name *n,
			struct match *ret);
/* Judges a request: its host as a name, and its URL. */
bool ruleset_match_url(const struct ruleset *rs, struct ruleset_scratch *s, const struct url *u,
		       struct match *ret);
/* Judges an address: 16 bytes, IPv4 as ::ffff:a.b.c.d. */
bool ruleset_match_addr(const struct ruleset *rs, const uint8_t addr[16], struct match *ret);
/* The same for an IPv4 address in host byte order. */
bool ruleset_match_addr4(const struct ruleset *rs, uint32_t addr, struct match *ret);
/* Whether there is any IPv4 (IPv6) prefix rule: lets the packet path skip the look-up. */
bool ruleset_has_addr4(const struct ruleset *rs);
bool ruleset_has_addr6(const struct ruleset *rs);

/* Calls each(ctx, address, bits of its 128, list) for the fewest prefixes that hold exactly the addresses that are blocked,
 * exceptions taken out; disjoint, ascending, IPv4 (as ::ffff:a.b.c.d, bits 96 to 128) first. A return other than 0 ends the
 * walk and is returned. */
typedef int ruleset_prefix_fn(void *ctx, const uint8_t addr[16], unsigned bits, unsigned list);
int ruleset_prefixes(const struct ruleset *rs, ruleset_prefix_fn *each, void *ctx);

unsigned ruleset_lists(const struct ruleset *rs);
/* A value of list i, never NULL; its default where the list does not say. */
const char *ruleset_meta(const struct ruleset *rs, unsigned list, enum meta_field f);
/* The action of list i for field META_action_*. O(1). */
enum action ruleset_action(const struct ruleset *rs, unsigned list, enum meta_field f);
/* The version that its sealed file says (ruleset_write_version), or 0. */
uint64_t ruleset_version(const struct ruleset *rs);
/* SHA-256 of the image, 32 bytes. */
const uint8_t *ruleset_digest(const struct ruleset *rs);
/* Entries by kind and exception. */
uint64_t ruleset_count(const struct ruleset *rs, enum rule_kind kind, bool exception);
uint64_t ruleset_bytes(const struct ruleset *rs);

#endif
