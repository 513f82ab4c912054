/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/log_map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/wal.h"

static int compare(const struct map_row *row, struct span key)
{
	size_t n = row->key_bytes < key.len ? row->key_bytes : key.len;
	int d = memcmp(row->key, key.p, n);
	return d ? d : (int)row->key_bytes - (int)key.len;
}

size_t map_at(const struct log_map *m, struct span key)
{
	size_t low = 0, high = m->n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (compare(m->rows[mid], key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct map_row *map_find(const struct log_map *m, struct span key)
{
	size_t at = map_at(m, key);
	return at < m->n && !compare(m->rows[at], key) ? m->rows[at] : NULL;
}

static int insert(struct log_map *m, size_t at, struct span key, struct map_row **ret)
{
	if (m->n == LOG_KEYS_MAX)
		return -ENOSPC;
	if (m->n == m->room) {
		size_t room = 2 * m->room + 16;
		struct map_row **rows = realloc(m->rows, room * sizeof(struct map_row *));
		if (!rows)
			return -ENOMEM;
		m->rows = rows;
		m->room = room;
	}
	struct map_row *row = calloc(1, sizeof(*row));
	if (!row)
		return -ENOMEM;
	row->key_bytes = (uint8_t)key.len;
	memcpy(row->key, key.p, key.len);
	memmove(m->rows + at + 1, m->rows + at, (m->n - at) * sizeof(struct map_row *));
	m->rows[at] = row;
	m->n++;
	*ret = row;
	return 0;
}

int map_set(struct log_map *m, struct span key, struct span value, struct map_row **ret)
{
	size_t at = map_at(m, key);
	struct map_row *row = at < m->n && !compare(m->rows[at], key) ? m->rows[at] : NULL;
	int err = row ? 0 : insert(m, at, key, &row);
	if (err)
		return err;
	row->value_bytes = (uint8_t)value.len;
	if (value.len)
		memmove(row->value, value.p, value.len);
	*ret = row;
	return 0;
}

void map_drop(struct log_map *m, struct map_row *row)
{
	size_t at = map_at(m, (struct span){(const uint8_t *)row->key, row->key_bytes});
	memmove(m->rows + at, m->rows + at + 1, (m->n - at - 1) * sizeof(struct map_row *));
	m->n--;
	free(row);
}

void map_free(struct log_map *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->rows[i]);
	free(m->rows);
	*m = (struct log_map){0};
}

int map_apply(struct log_map *m, struct span sets)
{
	struct cursor c = cursor_over(sets.p, sets.len);
	struct span key, value;
	while (wal_set_next(&c, &key, &value)) {
		struct map_row *row = NULL;
		int err = map_set(m, key, value, &row);
		if (err)
			return err;
		if (!value.len)
			map_drop(m, row);
	}
	return 0;
}
