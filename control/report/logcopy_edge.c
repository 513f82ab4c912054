/* SPDX-License-Identifier: BSD-3-Clause */
/* Narrower tiles of a partial one. The log removes them as soon as the full one is there, which may be now: then those of the sizes that were signed
 * are cut from that. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/entry.h"
#include "control/report/logcopy_state.h"

#define BUNDLE_MOST (TILE_WIDTH * (BUNDLE_ENTRY_HEAD + UINT64_C(65535)))

static int short_of(const struct copying *c, const char *name, unsigned width, struct err *e)
{
	return err_set(e, -EBADMSG, "%s/%s: has fewer than %u entries", c->path, name, width);
}

/* Of level 0: a leaf `head` is behind each size that was signed, and the full bundle has it. */
static int mark_signed(const struct copying *c, const struct tile *t, bool must[TILE_WIDTH], struct err *e)
{
	const struct tile full = {TILE_ENTRIES, t->n, TILE_WIDTH};
	char name[TILE_PATH_BYTES];
	uint8_t *bytes = NULL;
	size_t n = 0, at = 0;
	tile_path(&full, name);
	int err = logcopy_read(c, name, BUNDLE_MOST, &bytes, &n, e);
	if (err == -ENOENT)
		err = err_set(e, -EAGAIN,
			      "%s/%s: retention removes bodies of the log just now: try again in a minute",
			      c->path, name);
	for (unsigned i = 0; i < t->width && !err; i++) {
		enum entry_kind kind;
		uint64_t time_ns;
		if (n - at < BUNDLE_ENTRY_HEAD) {
			err = short_of(c, name, t->width, e);
			break;
		}
		size_t len = (size_t)(bytes[at] << 8 | bytes[at + 1]);
		at += BUNDLE_ENTRY_HEAD;
		if (n - at < len) {
			err = short_of(c, name, t->width, e);
			break;
		}
		must[i] = entry_peek((struct span){bytes + at, len}, &kind, &time_ns) && kind == ENTRY_HEAD;
		at += len;
	}
	free(bytes);
	return err;
}

static int copy_listed(const struct copying *c, const struct tile *t, bool ret_has[TILE_WIDTH], struct err *e)
{
	char name[TILE_PATH_BYTES], folder[TILE_PATH_BYTES], file[NAME_BYTES];
	struct dirent **names;
	struct tile found;
	int n, err;
	tile_path(t, name);
	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(name, '/') - name), name);
	err = logcopy_list(c, folder, &names, &n, e);
	for (int i = 0; i < n && !err; i++) {
		int bytes = snprintf(file, sizeof(file), "%s/%.60s", folder, names[i]->d_name);
		if (bytes >= (int)sizeof(file) || !tile_parse(file, &found) || found.width >= t->width)
			continue;
		ret_has[found.width] = true;
		err = logcopy_tile(c, &found, e);
	}
	logcopy_list_free(names, n);
	return err;
}

int logcopy_narrower(const struct copying *c, const struct tile *t, struct err *e)
{
	const struct tile full = {t->level > 0 ? t->level : TILE_ENTRIES, t->n, TILE_WIDTH};
	bool has[TILE_WIDTH] = {false}, must[TILE_WIDTH] = {false};
	char name[TILE_PATH_BYTES];
	int err = copy_listed(c, t, has, e);
	tile_path(&full, name);
	if (err || faccessat(c->folder, name, F_OK, 0))
		return err;
	if (t->level > 0) /* which were signed is not looked up among 65,536 leaves: all of them */
		memset(must, true, sizeof(must));
	else
		err = mark_signed(c, t, must, e);
	for (unsigned i = 1; i < t->width && !err; i++)
		if (must[i] && !has[i])
			err = logcopy_tile(c, &(struct tile){t->level, t->n, i}, e);
	return err;
}
