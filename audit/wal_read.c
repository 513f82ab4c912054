/* SPDX-License-Identifier: BSD-3-Clause */
/* wal_read: one segment's bytes into frames; and which of torn and damaged an end is. */
#include <errno.h>
#include <inttypes.h>

#include "audit/tile.h"
#include "audit/wal.h"
#include "audit/wal_format.h"

static int bad(const struct wal_reader *r, int code, struct err *e, const char *what)
{
	char name[WAL_NAME_BYTES];
	wal_name(r->number, name);
	return err_set(e, code, "wal/%s, byte %zu: %s", name, r->at, what);
}

bool wal_set_next(struct cursor *c, struct span *ret_key, struct span *ret_value)
{
	struct cursor rest = *c;
	uint8_t key, value;
	if (!cursor_u8(&rest, &key) || !cursor_u8(&rest, &value) || !key ||
	    !cursor_span(&rest, key, ret_key) || !cursor_span(&rest, value, ret_value))
		return false;
	*c = rest;
	return true;
}

static bool sets_are_whole(struct span sets)
{
	struct cursor c = cursor_over(sets.p, sets.len);
	struct span key, value;
	while (cursor_left(&c))
		if (!wal_set_next(&c, &key, &value))
			return false;
	return true;
}

static bool leaves_are_whole(struct span leaves, uint64_t *ret_n)
{
	struct cursor c = cursor_over(leaves.p, leaves.len);
	struct span entry;
	*ret_n = 0;
	for (; cursor_left(&c); ++*ret_n)
		if (!bundle_next(&c, &entry))
			return false;
	return true;
}

/* Is there a frame's head at `at`, made for this place? */
static bool head_at(const struct wal_reader *r, size_t at)
{
	struct wal_place where = {r->salt, r->number, at};
	uint8_t check[WAL_HEAD_CHECK_BYTES];
	const uint8_t *head = r->file.p + at;
	if (r->file.len - at < WAL_HEAD_BYTES || memcmp(head, WAL_FRAME_MAGIC, WAL_MAGIC_BYTES) != 0)
		return false;
	wal_check_head(&where, head, check);
	return !memcmp(check, head + WAL_HEAD_CHECK_AT, sizeof(check));
}

/* The frame at r->at is not whole. A later one was only begun once this one was durable: then it is damaged, not torn. */
static int torn_or_bad(const struct wal_reader *r, struct err *e)
{
	for (size_t at = r->at + WAL_ALIGN; at < r->file.len; at += WAL_ALIGN)
		if (head_at(r, at))
			return bad(r, -EBADMSG, e, "the frame is damaged: frames follow behind it");
	return bad(r, -ENODATA, e, "a write was not finished");
}

int wal_begin(struct wal_reader *r, struct span file, uint64_t number, struct err *e)
{
	uint8_t check[WAL_CHECK_BYTES];
	*r = (struct wal_reader){.file = file, .number = number};
	if (file.len < WAL_HEADER_BYTES)
		return bad(r, -EBADMSG, e, "the header is not whole");
	wal_check_header(file.p, check);
	if (memcmp(check, file.p + WAL_HEADER_CHECK_AT, sizeof(check)) != 0 ||
	    memcmp(file.p, WAL_MAGIC, WAL_MAGIC_BYTES) != 0)
		return bad(r, -EBADMSG, e, "the header is damaged, or this is no write-ahead file");
	if (wal_get32(file.p + WAL_FORMAT_AT) != WAL_FORMAT)
		return bad(r, -EBADMSG, e, "written by a later version of the program: use that");
	if (wal_get64(file.p + WAL_NUMBER_AT) != number)
		return bad(r, -EBADMSG, e, "the file has another's name");
	memcpy(r->salt, file.p + WAL_SALT_AT, sizeof(r->salt));
	r->at = WAL_HEADER_BYTES;
	return 0;
}

/* What is wrong with a frame whose checks are right; NULL: nothing. */
static const char *contradiction(const struct wal_reader *r, const struct wal_frame *f)
{
	uint64_t n;
	bool first = r->at == WAL_HEADER_BYTES;
	if (f->type != (first ? WAL_STATE : WAL_BATCH))
		return "a frame of a type that does not belong here";
	if (!sets_are_whole(f->sets))
		return "sets that are not well formed";
	if (first)
		return f->size >> TREE_LEVELS ||
			       f->leaves.len != (unsigned)__builtin_popcountll(f->size) * sizeof(struct hash)
			   ? "a state that is not well formed"
			   : NULL;
	if (!leaves_are_whole(f->leaves, &n))
		return "leaves that are not well formed";
	if (f->size != r->size + n || f->ticket <= r->ticket)
		return "numbers that do not follow the frame's before it";
	return NULL;
}

int wal_next(struct wal_reader *r, struct wal_frame *ret, struct err *e)
{
	size_t left = r->file.len - r->at;
	const uint8_t *head = r->file.p + r->at;
	uint8_t check[WAL_CHECK_BYTES];
	if (!left)
		return 0;
	if (!head_at(r, r->at))
		return torn_or_bad(r, e);
	size_t sets = wal_get32(head + WAL_SETS_AT), leaves = wal_get32(head + WAL_LEAVES_AT),
	       bytes = sets + leaves, padding = wal_padding(bytes);
	if (left - WAL_HEAD_BYTES < bytes + padding)
		return torn_or_bad(r, e);
	struct wal_frame f = {.type = (enum wal_type)wal_get32(head + WAL_TYPE_AT),
			      .ticket = wal_get64(head + WAL_TICKET_AT),
			      .size = wal_get64(head + WAL_SIZE_AT),
			      .sets = {head + WAL_HEAD_BYTES, sets},
			      .leaves = {head + WAL_HEAD_BYTES + sets, leaves}};
	struct wal_place where = {r->salt, r->number, r->at};
	wal_check_frame(&where, head, f.sets, f.leaves, check);
	if (memcmp(check, head + WAL_CHECK_AT, sizeof(check)) != 0)
		return torn_or_bad(r, e);
	for (size_t i = 0; i < padding; i++)
		if (head[WAL_HEAD_BYTES + bytes + i])
			return torn_or_bad(r, e);
	const char *wrong = contradiction(r, &f);
	if (wrong)
		return bad(r, -EBADMSG, e, wrong);
	r->at += WAL_HEAD_BYTES + bytes + padding;
	r->ticket = f.ticket;
	r->size = f.size;
	*ret = f;
	return 1;
}
