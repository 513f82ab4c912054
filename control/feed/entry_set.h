/* SPDX-License-Identifier: BSD-3-Clause */
/* entry_set: many entries in memory, sorted by their bytes, each once with its first line.
 *
 * Model:    texts lie behind one another in one mapping, 16 bytes an entry in another. First all are added, then sorted once, then
 *           handed out.
 * Owner:    embedded; entry_set_fini gives the mappings back, which also wipes them; no core dump holds them.
 * Threads:  one.
 * Limits:   entries and bytes given to entry_set_init, at most ENTRY_SET_TEXT_MAX; a text holds no NUL.
 * Errors:   0, -ENOMEM or -E2BIG, with a sentence but without the name of the list.
 * Cost:     sort: O(n log n) comparisons of 8 bytes, expected, whatever the texts; no memory but a stack.
 */
#ifndef CONTROL_FEED_ENTRY_SET_H
#define CONTROL_FEED_ENTRY_SET_H

#include <stdint.h>

#include "common/err.h"
#include "control/feed/entries.h"

#define ENTRY_SET_TEXT_MAX (UINT64_C(8) << 30) /* bytes; texts begin at multiples of 4 */

struct entry_record {
	uint64_t key; /* 8 bytes of the text, first byte highest; which ones is the sort's */
	uint32_t at;  /* where the text is, in units of 4 bytes */
	uint32_t line;
};

struct entry_set {
	struct entry_record *records;
	uint8_t *text;
	uint64_t n, room, max;
	uint64_t text_bytes, text_room;
};

void entry_set_init(struct entry_set *s, uint64_t max_entries);
void entry_set_fini(struct entry_set *s);
int entry_set_add(struct entry_set *s, uint32_t line, const char *text, size_t len, struct err *e);
/* Forgets all but the first n, which were added before. */
void entry_set_cut(struct entry_set *s, uint64_t n);
void entry_set_sort(struct entry_set *s);
/* After the sort: in order, each once; *at begins with 0. Returns false at the end. */
bool entry_set_next(const struct entry_set *s, uint64_t *at, struct entry *ret);

#endif
