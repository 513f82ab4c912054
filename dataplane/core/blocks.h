/* SPDX-License-Identifier: BSD-3-Clause */
/* blocks: addresses of which nothing passes for a time, whatever the rules say.
 *
 * Model:    one table for all workers. A filter of bits tells nearly every other address at once. A bucket is a cache line of
 *           tags, each of which leads to an entry: an address and when its time is over. From then on it matches no more,
 *           whether or not it was swept away. Entries do not move.
 * Owner:    blocks_new/free.
 * Threads:  one writer. blocks_any, _suspect and _match are lock-free for any number of workers, and see a change with the
 *           next frame.
 * Limits:   BLOCKS_MAX addresses. Keyed, so that nobody outside can fill one bucket.
 * Errors:   0 or -errno with a sentence; it names no address.
 * Cost:     two bits of the filter's 64 KiB a frame; where one is set, which it is by chance for one address in 8 of a full
 *           table, a cache line more, and an entry where its tag is met. 6 MB, zero pages until used. No clock: the time is
 *           an argument.
 */
#ifndef DATAPLANE_CORE_BLOCKS_H
#define DATAPLANE_CORE_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

#define BLOCKS_MAX 65536

struct blocks;

/* Addresses are of 16 bytes, IPv4 as ::ffff:a.b.c.d. Times are of the clock that blocks_match is given. */
struct block {
	uint8_t addr[16];
	uint64_t until_ns;
	uint16_t list; /* whose hit caused it, last */
};

/* secret: random. */
int blocks_new(const uint64_t secret[2], struct blocks **ret, struct err *e);
void blocks_free(struct blocks *b);

/* One that is there already lasts until the later of both times, which one->until_ns then is. -ENOSPC: the table is full. */
int blocks_put(struct blocks *b, struct block *one, struct err *e);
/* false: it was not there. */
bool blocks_remove(struct blocks *b, const uint8_t addr[16]);
/* Removes those whose time is over; gone may be NULL. */
void blocks_sweep(struct blocks *b, uint64_t now_ns, void (*gone)(void *ctx, const struct block *one),
		  void *ctx);
unsigned blocks_count(const struct blocks *b);
/* Up to n of them, from place `from` on (0: the first). *ret_next: where to go on; 0: that was all. */
unsigned blocks_read(const struct blocks *b, unsigned from, struct block *ret, unsigned n,
		     unsigned *ret_next);

/* Whether there is one at all. */
bool blocks_any(const struct blocks *b);
/* Both ends of a frame, 4 or 16 bytes each by version. blocks_suspect finds out which of them may be blocked, and asks for the
 * lines that blocks_match will read of those. */
struct blocks_ends {
	const uint8_t *addr[2];
	uint64_t hash[2];
	uint8_t version;
	uint8_t suspect; /* out: bits 0 and 1 */
};
void blocks_suspect(const struct blocks *b, struct blocks_ends *ends);
/* Whether one of the ends is blocked. For those that are suspect; false for others. */
bool blocks_match(const struct blocks *b, const struct blocks_ends *ends, uint64_t now_ns);

#endif
