/* SPDX-License-Identifier: BSD-3-Clause */
/* wal_fixture: a folder of write-ahead files; bytes of a file forth and back; what a recovery tells, as one line of text. */
#ifndef TESTS_UNIT_WAL_FIXTURE_H
#define TESTS_UNIT_WAL_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/wal.h"
#include "common/bytes.h"
#include "tests/unit/harness.h"

#define TOLD_BYTES 4096

struct told {
	char text[TOLD_BYTES];
	size_t len;
	struct wal_found found;
	struct err e;
	int err;
};

static inline struct span span_of(const char *text)
{
	return (struct span){(const uint8_t *)text, strlen(text)};
}

/* "[ticket:size key=value ,entry ,entry]" */
static inline int told_frame(struct told *t, const struct wal_frame *f)
{
	struct cursor sets = cursor_over(f->sets.p, f->sets.len);
	struct span key, value;
	t->len += (size_t)snprintf(t->text + t->len, TOLD_BYTES - t->len, "%c%d:%d",
				   f->type == WAL_STATE ? '(' : '[', (int)f->ticket, (int)f->size);
	while (wal_set_next(&sets, &key, &value))
		t->len += (size_t)snprintf(t->text + t->len, TOLD_BYTES - t->len, " %.*s=%.*s", (int)key.len,
					   key.p, (int)value.len, value.p ? (const char *)value.p : "");
	const uint8_t *p = f->leaves.p, *end = p + f->leaves.len;
	while (f->type == WAL_BATCH && p < end) {
		t->len += (size_t)snprintf(t->text + t->len, TOLD_BYTES - t->len, " ,%.*s", be16(p), p + 2);
		p += 2 + be16(p);
	}
	t->len +=
	    (size_t)snprintf(t->text + t->len, TOLD_BYTES - t->len, "%c", f->type == WAL_STATE ? ')' : ']');
	return 0;
}

static inline int told_any(void *ctx, const struct wal_frame *f, struct err *e)
{
	(void)e;
	return told_frame(ctx, f);
}

static inline int told_segment(void *ctx, uint64_t number, struct err *e)
{
	struct told *t = ctx;
	(void)e;
	t->len += (size_t)snprintf(t->text + t->len, TOLD_BYTES - t->len, "#%d", (int)number);
	return 0;
}

static inline struct told recovered(int folder)
{
	static struct told t;
	memset(&t, 0, sizeof(t));
	struct wal_visitor v = {&t, told_any, told_any, told_segment};
	t.err = wal_recover(folder, &v, &t.found, &t.e);
	return t;
}

static inline size_t get_file(int folder, const char *name, uint8_t *p, size_t room)
{
	int fd = openat(folder, name, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, p, room);
	close(fd);
	return n < 0 ? 0 : (size_t)n;
}

static inline void put_file(int folder, const char *name, const uint8_t *p, size_t n)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CU_ASSERT_EQUAL_FATAL(write(fd, p, n), (ssize_t)n);
	close(fd);
}

#endif
