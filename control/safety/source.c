/* SPDX-License-Identifier: BSD-3-Clause */
/* source: a sealed entries file, row by row. */
#include "control/safety/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/feed/entries.h"

struct sealed {
	struct entries *in;
	char *path;
	uint64_t row;
	struct url scratch;
};

static int next(void *ctx, struct safety_row *ret, struct err *e)
{
	struct sealed *s = ctx;
	struct entry en;
	struct list_entry parsed;
	int got = entries_next(s->in, &en, e);
	if (got <= 0)
		return got;
	s->row++;
	if (entry_parse(&en, &s->scratch, &parsed, e))
		return err_set(e, -EBADMSG, "%s: row %llu is no entry: import the list again", s->path,
			       (unsigned long long)s->row);
	*ret = (struct safety_row){{(const uint8_t *)en.text, en.len}, parsed};
	return 1;
}

static void close_sealed(void *ctx)
{
	struct sealed *s = ctx;
	entries_close(s->in);
	free(s->path);
	explicit_bzero(s, sizeof(*s));
	free(s);
}

int safety_source_open(const char *path, const struct seal_key *key, struct safety_source *ret, struct err *e)
{
	struct sealed *s = calloc(1, sizeof(*s));
	if (!s || !(s->path = strdup(path))) {
		free(s);
		return err_set(e, -ENOMEM, "no memory to read %s", path);
	}
	int err = entries_open(path, key, &s->in, e);
	if (err) {
		free(s->path);
		free(s);
		return err;
	}
	*ret = (struct safety_source){s, next, close_sealed};
	return 0;
}
