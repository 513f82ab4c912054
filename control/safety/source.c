/* SPDX-License-Identifier: BSD-3-Clause */
/* source: a sealed entries file, "LINE<TAB>ENTRY<LF>", row by row. */
#include "control/safety/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/seal.h"

#define ROW_MAX (LIST_LINE_MAX + 32)

struct sealed {
	struct seal_reader *in;
	char *path;
	struct url scratch;
	size_t from, to; /* what of buf is not read yet */
	uint64_t row;
	bool at_end;
	uint8_t buf[SEAL_CHUNK + ROW_MAX];
};

static int fill(struct sealed *s, struct err *e)
{
	memmove(s->buf, s->buf + s->from, s->to - s->from);
	s->to -= s->from;
	s->from = 0;
	ssize_t n = seal_read(s->in, s->buf + s->to, sizeof(s->buf) - s->to, e);
	if (n < 0)
		return (int)n;
	s->at_end = !n;
	s->to += (size_t)n;
	return 0;
}

static int broken(const struct sealed *s, struct err *e, const char *why)
{
	return err_set(e, -EBADMSG, "%s: row %llu is no entry (%s): import the list again", s->path,
		       (unsigned long long)s->row, why);
}

static int read_row(struct sealed *s, struct span row, struct safety_row *ret, struct err *e)
{
	uint64_t line = 0;
	size_t i = 0;
	const char *why = "empty";
	for (; i < row.len && row.p[i] >= '0' && row.p[i] <= '9' && line <= UINT32_MAX; i++)
		line = line * 10 + (row.p[i] - '0');
	if (!i || i == row.len || row.p[i] != '\t' || line > UINT32_MAX)
		return broken(s, e, "no line number and tab in front");
	ret->text = (struct span){row.p + i + 1, row.len - i - 1};
	if (list_parse_line(ret->text.p, ret->text.len, &s->scratch, &ret->entry, &why) != 1)
		return broken(s, e, why);
	ret->entry.line = (uint32_t)line;
	return 1;
}

static int next(void *ctx, struct safety_row *ret, struct err *e)
{
	struct sealed *s = ctx;
	const uint8_t *end;
	while (!(end = memchr(s->buf + s->from, '\n', s->to - s->from)) && !s->at_end) {
		if (s->to - s->from > ROW_MAX)
			return broken(s, e, "too long");
		int err = fill(s, e);
		if (err)
			return err;
	}
	s->row++;
	if (!end)
		return s->from == s->to ? 0 : broken(s, e, "cut off");
	struct span row = {s->buf + s->from, (size_t)(end - s->buf) - s->from};
	s->from += row.len + 1;
	return read_row(s, row, ret, e);
}

static void close_sealed(void *ctx)
{
	struct sealed *s = ctx;
	seal_close(s->in);
	explicit_bzero(s->buf, sizeof(s->buf));
	free(s->path);
	free(s);
}

int safety_source_open(const char *path, const struct seal_key *key, struct safety_source *ret, struct err *e)
{
	struct sealed *s = calloc(1, sizeof(*s));
	if (!s || !(s->path = strdup(path))) {
		free(s);
		return err_set(e, -ENOMEM, "no memory to read %s", path);
	}
	int err = seal_open(path, key, &s->in, e);
	if (err) {
		free(s->path);
		free(s);
		return err;
	}
	*ret = (struct safety_source){s, next, close_sealed};
	return 0;
}
