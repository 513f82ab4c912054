/* SPDX-License-Identifier: BSD-3-Clause */
/* log_map: the log's small map of keys and values, sorted by key.
 *
 * Model:    a row whose value is empty was removed: it stays until it is dropped, so that its removal can be told to the disk.
 * Owner:    rows are allocated; map_free frees them. A row stays where it is until it is dropped.
 * Limits:   LOG_KEYS_MAX rows; LOG_VALUE_MAX bytes a key, a value.
 * Errors:   -ENOSPC: that many keys; -ENOMEM.
 * Cost:     O(log n) a look-up; a new key moves pointers behind it.
 */
#ifndef AUDIT_LOG_MAP_H
#define AUDIT_LOG_MAP_H

#include "audit/log.h"

struct map_row {
	uint8_t key_bytes, value_bytes;
	bool changed; /* the owner's: to be told with the next batch */
	char key[LOG_VALUE_MAX + 1];
	uint8_t value[LOG_VALUE_MAX];
};

struct log_map {
	struct map_row **rows;
	size_t n, room;
};

/* The first row whose key is not below `key`. */
size_t map_at(const struct log_map *m, struct span key);
struct map_row *map_find(const struct log_map *m, struct span key);
/* Sets, or (no value) marks as removed. */
int map_set(struct log_map *m, struct span key, struct span value, struct map_row **ret);
void map_drop(struct log_map *m, struct map_row *row);
void map_free(struct log_map *m);
/* Sets and drops as a frame's sets say. */
int map_apply(struct log_map *m, struct span sets);

#endif
