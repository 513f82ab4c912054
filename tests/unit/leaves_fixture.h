/* SPDX-License-Identifier: BSD-3-Clause */
/* leaves_fixture: leaves behind log_read, as many as a test likes and with bodies that it removes, without a disk; or, with
 * LEAVES_OF_A_LOG defined, leaves of the log leaves.log. */
#ifndef TESTS_UNIT_LEAVES_FIXTURE_H
#define TESTS_UNIT_LEAVES_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "audit/log.h"
#include "audit/tile.h"

#define LEAVES_NS 1000000000ull
#define LEAVES_T0 (1790000000 * LEAVES_NS)

static struct {
	struct audit_log *log; /* nobody looks into it */
	struct {
		uint8_t *p;
		size_t bytes;
	} * rows;
	uint64_t n, room;
	struct log_status status;
	uint64_t seq;
	char folder[80];
	uint8_t value[256]; /* of the map: one key */
	size_t value_bytes;
} leaves;

#ifndef LEAVES_OF_A_LOG
const struct log_status *log_status(struct audit_log *l)
{
	(void)l;
	return &leaves.status;
}

int log_read(struct audit_log *l, uint64_t first, uint64_t n,
	     bool (*each)(void *ctx, uint64_t index, struct span entry), void *ctx, struct err *e)
{
	(void)l;
	(void)e;
	for (uint64_t i = first; i < first + n && i < leaves.status.durable; i++)
		if (!each(ctx, i, (struct span){leaves.rows[i].p, leaves.rows[i].bytes}))
			break;
	return 0;
}
#endif

static inline void leaves_durable(void)
{
	leaves.status.size = leaves.status.durable = leaves.status.published = leaves.n;
}

#ifdef LEAVES_OF_A_LOG
static inline uint64_t leaves_put(const struct entry *en)
{
	struct err e = {""};
	uint64_t leaf;
	if (log_add(leaves.log, en, &leaf, &e))
		abort();
	return leaf;
}
#else
static inline uint64_t leaves_put(const struct entry *en)
{
	uint8_t bytes[ENTRY_MAX_BYTES];
	size_t n = entry_encode(en, bytes, sizeof(bytes));
	if (!n)
		abort();
	if (leaves.n == leaves.room) {
		leaves.room = 2 * leaves.room + 1024;
		leaves.rows = realloc(leaves.rows, leaves.room * sizeof(*leaves.rows));
	}
	leaves.rows[leaves.n].p = malloc(n);
	leaves.rows[leaves.n].bytes = n;
	memcpy(leaves.rows[leaves.n].p, bytes, n);
	return leaves.n++;
}
#endif

static inline struct entry_value leaves_n(uint64_t n)
{
	return (struct entry_value){.n = n, .i = (int64_t)n};
}

static inline struct entry_value leaves_text(const char *text)
{
	return (struct entry_value){.s = {(const uint8_t *)text, strlen(text)}};
}

static inline struct entry_value leaves_bytes(const void *p, size_t n)
{
	return (struct entry_value){.s = {p, n}};
}

#define LEAF(K, f) en.v[ENTRY_F(K, f)]

static inline uint64_t leaves_source(uint64_t source, const char *node)
{
	struct entry en = {.kind = ENTRY_SOURCE, .time_ns = LEAVES_T0};
	static const uint8_t file[16] = {1};
	LEAF(SOURCE, source) = leaves_n(source);
	LEAF(SOURCE, node) = leaves_text(node);
	LEAF(SOURCE, file) = leaves_bytes(file, sizeof(file));
	return leaves_put(&en);
}

/* By TLS: reset where the rule's number ends in 1, dropped elsewhere. */
static inline uint64_t leaves_hit(uint64_t source, uint64_t order, uint64_t list, uint64_t line,
				  uint64_t rule, uint64_t time_ns)
{
	struct entry en = {.kind = ENTRY_HIT, .time_ns = time_ns};
	uint8_t number[8];
	for (int i = 0; i < 8; i++)
		number[i] = (uint8_t)(rule >> (56 - 8 * i));
	LEAF(HIT, source) = leaves_n(source);
	LEAF(HIT, seq) = leaves_n(++leaves.seq);
	LEAF(HIT, version) = leaves_n(1);
	LEAF(HIT, order) = leaves_n(order);
	LEAF(HIT, list) = leaves_n(list);
	LEAF(HIT, line) = leaves_n(line);
	LEAF(HIT, rule) = leaves_bytes(number, sizeof(number));
	LEAF(HIT, protocol) = leaves_n(ENTRY_PROTOCOL_TLS);
	LEAF(HIT, action) = leaves_n(rule % 10 == 1 ? ENTRY_ACTION_RESET : ENTRY_ACTION_DROP);
	return leaves_put(&en);
}

static inline uint64_t leaves_count(const char *node, uint64_t order, uint64_t list, uint64_t hits,
				    uint64_t minute)
{
	struct entry en = {.kind = ENTRY_COUNT, .time_ns = (minute + 1) * 60 * LEAVES_NS};
	LEAF(COUNT, minute) = leaves_n(minute);
	LEAF(COUNT, node) = leaves_text(node);
	LEAF(COUNT, order) = leaves_n(order);
	LEAF(COUNT, list) = leaves_n(list);
	LEAF(COUNT, protocol) = leaves_n(ENTRY_PROTOCOL_TLS);
	LEAF(COUNT, action) = leaves_n(ENTRY_ACTION_RESET);
	LEAF(COUNT, hits) = leaves_n(hits);
	return leaves_put(&en);
}

static inline uint64_t leaves_order(uint64_t order, const char *authority, const char *category)
{
	struct entry en = {.kind = ENTRY_ORDER, .time_ns = LEAVES_T0};
	static const uint8_t digest[32] = {2};
	LEAF(ORDER, order) = leaves_n(order);
	LEAF(ORDER, state) = leaves_text("approved");
	LEAF(ORDER, authority) = leaves_text(authority);
	LEAF(ORDER, reference) = leaves_text("ref");
	LEAF(ORDER, category) = leaves_text(category);
	LEAF(ORDER, records) = leaves_text("events");
	LEAF(ORDER, digest) = leaves_bytes(digest, sizeof(digest));
	return leaves_put(&en);
}

static inline uint64_t leaves_outage(uint64_t source, uint64_t began, uint64_t ended, uint64_t frames)
{
	struct entry en = {.kind = ENTRY_OUTAGE, .time_ns = ended};
	LEAF(OUTAGE, source) = leaves_n(source);
	LEAF(OUTAGE, reason) = leaves_n(ENTRY_OUTAGE_STALL);
	LEAF(OUTAGE, began) = leaves_n(began);
	LEAF(OUTAGE, ended) = leaves_n(ended);
	LEAF(OUTAGE, frames) = leaves_n(frames);
	return leaves_put(&en);
}

static inline uint64_t leaves_gap(uint64_t source, uint64_t first, uint64_t last)
{
	struct entry en = {.kind = ENTRY_GAP, .time_ns = LEAVES_T0};
	LEAF(GAP, source) = leaves_n(source);
	LEAF(GAP, first) = leaves_n(first);
	LEAF(GAP, last) = leaves_n(last);
	return leaves_put(&en);
}

static inline void leaves_prune(uint64_t from, uint64_t n)
{
	for (uint64_t i = from; i < from + n; i++) {
		free(leaves.rows[i].p);
		leaves.rows[i].p = NULL;
		leaves.rows[i].bytes = 0;
	}
}

static inline void leaves_cut(uint64_t n)
{
	leaves_prune(n, leaves.n - n);
	leaves.n = n;
	leaves_durable();
}

/* Full bundles become files, as a log publishes them. */
static inline void leaves_publish(void)
{
	char command[160], path[160], name[TILE_PATH_BYTES];
	leaves_durable();
	snprintf(command, sizeof(command), "mkdir -p %s/tile/entries", leaves.folder);
	if (system(command))
		abort();
	for (uint64_t n = 0; n < leaves.n / TILE_WIDTH; n++) {
		tile_path(&(struct tile){TILE_ENTRIES, n, TILE_WIDTH}, name);
		snprintf(path, sizeof(path), "%s/%s", leaves.folder, name);
		FILE *f = fopen(path, "w");
		for (uint64_t i = n * TILE_WIDTH; f && i < (n + 1) * TILE_WIDTH; i++) {
			fputc((int)(leaves.rows[i].bytes >> 8), f);
			fputc((int)(leaves.rows[i].bytes & 255), f);
			fwrite(leaves.rows[i].p, 1, leaves.rows[i].bytes, f);
		}
		if (!f || fclose(f))
			abort();
	}
}

static inline void leaves_open(const char *folder)
{
	memset(&leaves, 0, sizeof(leaves));
	snprintf(leaves.folder, sizeof(leaves.folder), "%s/log", folder);
}

static inline void leaves_close(void)
{
	leaves_prune(0, leaves.n);
	free(leaves.rows);
}

#endif
