/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/feed/entries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/list_write.h"

#define ROW_MAX (LIST_ENTRY_MAX + 16)

struct entries {
	struct seal_reader *in;
	char *path;
	size_t from, to; /* what of buf is not handed out yet */
	uint64_t row;
	bool at_end;
	uint8_t buf[SEAL_CHUNK + ROW_MAX];
};

int entries_open(const char *path, const struct seal_key *key, struct entries **ret, struct err *e)
{
	struct entries *r = calloc(1, sizeof(*r));
	if (!r || !(r->path = strdup(path))) {
		free(r);
		return err_set(e, -ENOMEM, "no memory to read %s", path);
	}
	int err = seal_open(path, key, &r->in, e);
	if (err)
		entries_close(r);
	else
		*ret = r;
	return err;
}

void entries_close(struct entries *r)
{
	if (!r)
		return;
	seal_close(r->in);
	free(r->path);
	explicit_bzero(r, sizeof(*r));
	free(r);
}

static int broken(const struct entries *r, struct err *e)
{
	return err_set(e, -EBADMSG, "%s: row %llu is no line number and entry: import the list again",
		       r->path, (unsigned long long)r->row);
}

static int fill(struct entries *r, struct err *e)
{
	memmove(r->buf, r->buf + r->from, r->to - r->from);
	r->to -= r->from;
	r->from = 0;
	ssize_t n = seal_read(r->in, r->buf + r->to, sizeof(r->buf) - r->to, e);
	if (n < 0)
		return (int)n;
	r->at_end = !n;
	r->to += (size_t)n;
	return 0;
}

static int take_apart(struct entries *r, uint8_t *p, size_t n, struct entry *ret, struct err *e)
{
	uint64_t line = 0;
	size_t i = 0;
	for (; i < n && p[i] >= '0' && p[i] <= '9' && line <= UINT32_MAX; i++)
		line = line * 10 + (p[i] - '0');
	if (!i || n - i < 2 || p[i] != '\t' || line > UINT32_MAX)
		return broken(r, e);
	p[n] = 0;
	*ret = (struct entry){(uint32_t)line, (const char *)p + i + 1, n - i - 1};
	return 1;
}

int entries_next(struct entries *r, struct entry *ret, struct err *e)
{
	uint8_t *end;
	r->row++;
	while (!(end = memchr(r->buf + r->from, '\n', r->to - r->from)) && !r->at_end) {
		if (r->to - r->from > ROW_MAX)
			return broken(r, e);
		int err = fill(r, e);
		if (err)
			return err;
	}
	if (!end)
		return r->from == r->to ? 0 : broken(r, e);
	uint8_t *row = r->buf + r->from;
	r->from = (size_t)(end - r->buf) + 1;
	return take_apart(r, row, (size_t)(end - row), ret, e);
}

int entry_parse(const struct entry *in, struct url *u, struct list_entry *ret, struct err *e)
{
	const char *why;
	struct list_entry parsed;
	if (list_parse_line((const uint8_t *)in->text, in->len, u, &parsed, &why) != 1)
		return err_set(e, -EBADMSG, "the entry of line %u is none: import the list again", in->line);
	parsed.line = in->line;
	*ret = parsed;
	return 0;
}

struct side {
	struct entries *r;
	struct entry en;
	int got; /* as entries_next returns */
	entries_diff_fn *only;
};

static void side_next(struct side *s, struct err *e)
{
	s->got = s->r ? entries_next(s->r, &s->en, e) : 0;
}

static int compare(const struct side *a, const struct side *b)
{
	if (!a->got || !b->got)
		return b->got - a->got; /* what is at its end comes last */
	size_t n = a->en.len < b->en.len ? a->en.len : b->en.len;
	int order = memcmp(a->en.text, b->en.text, n);
	return order ? order : (a->en.len > b->en.len) - (a->en.len < b->en.len);
}

static int merge(struct side *from, struct side *to, void *ctx, struct err *e)
{
	int err = 0;
	side_next(from, e);
	if (from->got >= 0)
		side_next(to, e);
	while (!err) {
		if (from->got < 0 || to->got < 0)
			return from->got < 0 ? from->got : to->got;
		if (!from->got && !to->got)
			return 0;
		int order = compare(from, to);
		struct side *first = order <= 0 ? from : to;
		if (order && first->only)
			err = first->only(ctx, &first->en);
		if (!err && order <= 0)
			side_next(from, e);
		if (!err && order >= 0 && from->got >= 0)
			side_next(to, e);
	}
	return err;
}

int entries_diff(const char *from, const char *to, const struct seal_key *key, entries_diff_fn *added,
		 entries_diff_fn *removed, void *ctx, struct err *e)
{
	struct side old = {.only = removed}, new = {.only = added};
	int err = from ? entries_open(from, key, &old.r, e) : 0;
	if (!err)
		err = entries_open(to, key, &new.r, e);
	if (!err)
		err = merge(&old, &new, ctx, e);
	entries_close(old.r);
	entries_close(new.r);
	return err;
}
