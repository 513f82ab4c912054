/* SPDX-License-Identifier: BSD-3-Clause */
/* A list kept by hand: its last import with an entry more, or one less, as an import of its own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/engine/engine_state.h"
#include "control/feed/entries.h"
#include "control/feed/temp.h"
#include "control/store/lists.h"
#include "rules/list_write.h"

struct editing {
	int fd;
	bool add, found;
	const char *entry; /* canonical */
	size_t len;
	char text[65536]; /* not written yet */
	size_t used;
};

static int canonical(const char *entry, char ret[LIST_ENTRY_MAX], struct err *e)
{
	static struct url u;
	struct list_entry le;
	const char *why = "it is empty, or a comment";
	if (strlen(entry) > LIST_LINE_MAX || strpbrk(entry, "\r\n") ||
	    list_parse_line((const uint8_t *)entry, strlen(entry), &u, &le, &why) != 1)
		return err_set(e, -EINVAL, "this is no entry of a list: %s", why);
	list_entry_write(&le, ret, LIST_ENTRY_MAX);
	return 0;
}

static int flush(struct editing *d, struct err *e)
{
	size_t n = d->used;
	d->used = 0;
	return temp_write(d->fd, d->text, n, e);
}

static int write_line(struct editing *d, const char *text, size_t len, struct err *e)
{
	if (d->used + len + 1 > sizeof(d->text)) {
		int err = flush(d, e);
		if (err)
			return err;
	}
	memcpy(d->text + d->used, text, len);
	d->text[d->used + len] = '\n';
	d->used += len + 1;
	return 0;
}

static int write_others(struct editing *d, struct entries *r, struct err *e)
{
	struct entry en;
	int more, err = 0;
	while (!err && (more = entries_next(r, &en, e)) > 0) {
		bool same = en.len == d->len && !memcmp(en.text, d->entry, en.len);
		d->found |= same;
		if (!same)
			err = write_line(d, en.text, en.len, e);
	}
	return err ? err : more;
}

static int edit(struct engine *g, struct editing *d, int64_t list, struct err *e)
{
	struct entries *r;
	char path[ENGINE_PATH + 160];
	char *object = NULL;
	int err =
	    store_str(g->store, &object, e,
		      "SELECT object FROM imports WHERE list_id = ? AND state IN ('proposed','approved')"
		      " ORDER BY id DESC LIMIT 1",
		      "i", list);
	if (!err && object) {
		engine_path(g, object, path, sizeof(path));
		err = entries_open(path, store_key(g->store), &r, e);
		if (!err) {
			err = write_others(d, r, e);
			entries_close(r);
		}
	} else if (err == -ENOENT) {
		err = 0;
	}
	free(object);
	if (!err && d->add && d->found)
		err = err_set(e, -EEXIST, "the list has this entry already");
	if (!err && !d->add && !d->found)
		err = err_set(e, -ENOENT, "the list has no such entry; write it as the list has it");
	if (!err && d->add)
		err = write_line(d, d->entry, d->len, e);
	if (!err)
		err = flush(d, e);
	return err ? err : temp_finish(d->fd, e);
}

static int may_edit(struct engine *g, int64_t list, struct err *e)
{
	struct list_row l;
	int err = list_find(g->store, e, list, NULL, &l);
	if (err)
		return err;
	if (strcmp(l.format, "plain"))
		err = err_set(e, -EPERM, "list %s is read from files of format %s: import a file", l.name,
			      l.format);
	list_row_free(&l);
	return err;
}

int engine_rule(struct engine *g, const struct who *who, int64_t list_id, const char *entry, bool add,
		uint64_t *ret_job, struct err *e)
{
	char text[LIST_ENTRY_MAX];
	struct editing *d = NULL;
	int err = may_edit(g, list_id, e);
	if (!err)
		err = canonical(entry, text, e);
	if (!err && !(d = calloc(1, sizeof(*d))))
		err = err_set(e, -ENOMEM, "no memory for an entry");
	if (err)
		return err;
	*d = (struct editing){.fd = -1, .add = add, .entry = text, .len = strlen(text)};
	err = temp_open(*g->config->limits.temp ? g->config->limits.temp : NULL, &d->fd, e);
	if (!err)
		err = edit(g, d, list_id, e);
	const struct engine_import in = {.list_id = list_id,
					 .uid = who->uid,
					 .who = who->name,
					 .fd = d->fd,
					 .file = add ? "an entry added by hand" : "an entry removed by hand",
					 .source = "rule"};
	if (!err)
		err = engine_import(g, &in, ret_job, e);
	else if (d->fd >= 0)
		close(d->fd);
	explicit_bzero(d, sizeof(*d));
	free(d);
	return err;
}
