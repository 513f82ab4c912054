/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_wal: a segment's bytes as they are; and with the checks made right, so that what is behind them is reached too. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/tile.h"
#include "audit/wal_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void walk(struct span file)
{
	struct wal_reader r;
	struct wal_frame f;
	struct err e = {""};
	int err = wal_begin(&r, file, 1, &e);
	uint64_t size = 0;
	for (unsigned n = 0; !err; n++) {
		int more = wal_next(&r, &f, &e);
		if (more <= 0) {
			assert(!more || ((more == -EBADMSG || more == -ENODATA) && e.text[0]));
			return;
		}
		struct cursor c = cursor_over(f.leaves.p, f.leaves.len);
		struct span s, value;
		assert((f.type == WAL_STATE) == !n && r.at <= file.len);
		for (size = n ? size : f.size; n && bundle_next(&c, &s); size++)
			;
		assert(size == f.size && (!n || !cursor_left(&c)));
		for (c = cursor_over(f.sets.p, f.sets.len); wal_set_next(&c, &s, &value);)
			assert(s.len);
		assert(!cursor_left(&c));
	}
	assert(err == -EBADMSG && e.text[0]);
}

/* Makes header and frames pass their checks, as far as their lengths go. */
static void make_right(uint8_t *p, size_t len)
{
	memcpy(p, WAL_MAGIC, WAL_MAGIC_BYTES);
	wal_put32(p + WAL_FORMAT_AT, WAL_FORMAT);
	wal_put64(p + WAL_NUMBER_AT, 1);
	wal_check_header(p, p + WAL_HEADER_CHECK_AT);
	for (size_t at = WAL_HEADER_BYTES; len - at >= WAL_HEAD_BYTES;) {
		uint8_t *head = p + at;
		struct wal_place where = {p + WAL_SALT_AT, 1, at};
		size_t room = len - at - WAL_HEAD_BYTES, sets = wal_get32(head + WAL_SETS_AT),
		       leaves = wal_get32(head + WAL_LEAVES_AT), bytes = sets + leaves;
		memcpy(head, WAL_FRAME_MAGIC, WAL_MAGIC_BYTES);
		wal_check_head(&where, head, head + WAL_HEAD_CHECK_AT);
		if (bytes + wal_padding(bytes) > room)
			return;
		memset(head + WAL_HEAD_BYTES + bytes, 0, wal_padding(bytes));
		wal_check_frame(&where, head, (struct span){head + WAL_HEAD_BYTES, sets},
				(struct span){head + WAL_HEAD_BYTES + sets, leaves}, head + WAL_CHECK_AT);
		at += WAL_HEAD_BYTES + bytes + wal_padding(bytes);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	walk((struct span){p, len});
	if (len < WAL_HEADER_BYTES)
		return 0;
	uint8_t *copy = malloc(len);
	memcpy(copy, p, len);
	make_right(copy, len);
	walk((struct span){copy, len});
	free(copy);
	return 0;
}
