/* SPDX-License-Identifier: BSD-3-Clause */
/* roja-audit show, key: what a log's leaves say. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/dir.h"
#include "audit/tool/tool.h"
#include "common/quote.h"

struct options {
	const char *folder, *leaves;
	bool json;
};

static const struct opt show_rows[] = {
    {.name = "folder",
     .operand = true,
     .required = true,
     .type = OPT_STRING,
     .arg = "FOLDER",
     .off = offsetof(struct options, folder),
     .help = "The log, as it is published."},
    {.name = "leaves",
     .operand = true,
     .required = true,
     .type = OPT_STRING,
     .arg = "LEAF|FIRST-LAST",
     .off = offsetof(struct options, leaves),
     .help = "One leaf, from 0, or a range."},
    {.name = "json",
     .letter = 'j',
     .type = OPT_FLAG,
     .off = offsetof(struct options, json),
     .help = "Print a JSON object a line."},
};

static const struct opt key_rows[] = {
    {.name = "folder",
     .operand = true,
     .required = true,
     .type = OPT_STRING,
     .arg = "FOLDER",
     .off = offsetof(struct options, folder),
     .help = "The log, as it is published."},
};

/* "12" or "12-34" */
static bool take_range(const char *text, uint64_t *ret_first, uint64_t *ret_last)
{
	char *end;
	errno = 0;
	if (!isdigit((unsigned char)*text))
		return false;
	*ret_first = *ret_last = strtoull(text, &end, 10);
	if (*end == '-' && isdigit((unsigned char)end[1]))
		*ret_last = strtoull(end + 1, &end, 10);
	return !errno && !*end && *ret_first <= *ret_last;
}

static int log_size(struct log_dir *d, uint64_t *ret, struct err *e)
{
	struct note note;
	struct checkpoint c;
	struct span bytes;
	struct err why = {""};
	int err = dir_checkpoint(d, &bytes, e);
	if (err)
		return err;
	err = note_parse(bytes, &note, &why);
	if (!err)
		err = checkpoint_parse(note.text, &c, &why);
	if (err)
		return err_set(e, -EBADMSG, "checkpoint: %s", why.text);
	*ret = c.size;
	return 0;
}

/* Calls for each entry of first..last. */
static int each(struct log_dir *d, uint64_t size, uint64_t first, uint64_t last,
		int (*call)(void *ctx, uint64_t leaf, struct span entry), void *ctx, struct err *e)
{
	struct span entries[TILE_WIDTH];
	for (uint64_t n = first / TILE_WIDTH; n <= last / TILE_WIDTH; n++) {
		uint64_t left = size - n * TILE_WIDTH;
		unsigned width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
		int err = dir_bundle(d, n, width, entries, e);
		for (unsigned i = 0; !err && i < width; i++)
			if (n * TILE_WIDTH + i >= first && n * TILE_WIDTH + i <= last)
				err = call(ctx, n * TILE_WIDTH + i, entries[i]);
		if (err)
			return err;
	}
	return 0;
}

static void print_field(const char *name, const json_t *v)
{
	if (!strcmp(name, "kind") || !strcmp(name, "time"))
		return;
	printf("  %-14s ", name);
	if (json_is_string(v))
		quote_plain(stdout, json_string_value(v));
	else
		json_dumpf(v, stdout, JSON_ENCODE_ANY | JSON_COMPACT);
	putchar('\n');
}

static int show_one(void *ctx, uint64_t leaf, struct span entry)
{
	const struct options *o = ctx;
	static struct entry x;
	struct err e = {""};
	int err = entry.p ? entry_decode(entry, &x, &e) : -ENODATA;
	json_t *j = err ? NULL : entry_json(&x);
	const char *what = err == -ENODATA   ? "removed: its retention was over; its hash is there"
			   : err == -ENOTSUP ? "of a later version's kind"
			   : err	     ? e.text
					     : "";
	if (o->json) {
		json_t *line = json_pack("{s:I}", "leaf", (json_int_t)leaf);
		if (j)
			json_object_update(line, j);
		else
			json_object_set_new(line, "text", json_string(what));
		tool_print_json(line);
	} else if (j) {
		const char *name;
		json_t *v;
		printf("leaf %" PRIu64 ": %s at %s\n", leaf, json_string_value(json_object_get(j, "kind")),
		       json_string_value(json_object_get(j, "time")));
		json_object_foreach(j, name, v) print_field(name, v);
	} else {
		printf("leaf %" PRIu64 ": %s\n", leaf, what);
	}
	json_decref(j);
	return 0;
}

static int code_of(int err)
{
	return err == -EINVAL ? TOOL_USAGE : err == -EBADMSG || err == -ENOENT ? TOOL_BAD : TOOL_UNREADABLE;
}

static int show(const struct tool_command *c, int argc, char **argv)
{
	static struct options o;
	struct err e = {""};
	struct log_dir *d = NULL;
	uint64_t first, last, size;
	bool go;
	int code = tool_parse(c, argc, argv, &o, &go);
	if (!go)
		return code;
	if (!take_range(o.leaves, &first, &last)) {
		err_set(&e, 0, "not a leaf or a range of leaves, such as 12 or 12-34");
		return tool_failed(c, TOOL_USAGE, &e);
	}
	int err = dir_open(o.folder, &d, &e);
	code = TOOL_UNREADABLE;
	if (!err) {
		err = log_size(d, &size, &e);
		if (!err && last >= size)
			err =
			    err_set(&e, -EINVAL, "the log has %" PRIu64 " leaves, the first is leaf 0", size);
		if (!err)
			err = each(d, size, first, last, show_one, &o, &e);
		code = code_of(err);
	}
	dir_close(d);
	return err ? tool_failed(c, code, &e) : TOOL_GOOD;
}

static int show_key(void *ctx, uint64_t leaf, struct span entry)
{
	static struct entry x;
	enum entry_kind kind;
	uint64_t time_ns;
	(void)ctx;
	if (!entry.p || !entry_peek(entry, &kind, &time_ns) || (kind != ENTRY_LOG && kind != ENTRY_KEY) ||
	    entry_decode(entry, &x, NULL))
		return 0;
	struct span vkey = x.v[kind == ENTRY_LOG ? ENTRY_F(LOG, vkey) : ENTRY_F(KEY, vkey)].s;
	char since[ENTRY_TIME_BYTES];
	entry_time(time_ns, since);
	printf("%.*s\n", (int)vkey.len, (const char *)vkey.p);
	fprintf(stderr, "  from leaf %" PRIu64 ", %s\n", leaf, since);
	return 0;
}

static int key(const struct tool_command *c, int argc, char **argv)
{
	static struct options o;
	struct err e = {""};
	struct log_dir *d = NULL;
	uint64_t size = 0;
	bool go;
	int code = tool_parse(c, argc, argv, &o, &go);
	if (!go)
		return code;
	int err = dir_open(o.folder, &d, &e);
	code = TOOL_UNREADABLE;
	if (!err) {
		err = log_size(d, &size, &e);
		if (!err && size)
			err = each(d, size, 0, size - 1, show_key, NULL, &e);
		code = code_of(err);
	}
	dir_close(d);
	return err ? tool_failed(c, code, &e) : TOOL_GOOD;
}

const struct tool_command tool_show = {
    .word = "show",
    .program = {.name = "roja-audit show",
		.about = "Shows what leaves say. It checks nothing: verify does.",
		.opts = show_rows,
		.n_opts = sizeof(show_rows) / sizeof(*show_rows),
		.more = TOOL_EXIT_CODES},
    .run = show,
};

const struct tool_command tool_key = {
    .word = "key",
    .program =
	{.name = "roja-audit key",
	 .about =
	     "Prints the keys that a log says it has, a line each, the first one first. What they prove is no more than where "
	     "they come from: compare them with what the log's owner handed out, then give one to verify --key.",
	 .opts = key_rows,
	 .n_opts = sizeof(key_rows) / sizeof(*key_rows),
	 .more = TOOL_EXIT_CODES},
    .run = key,
};
