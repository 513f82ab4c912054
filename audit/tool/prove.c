/* SPDX-License-Identifier: BSD-3-Clause */
/* roja-audit prove, check */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/proof.h"
#include "audit/tool/tool.h"

struct prove_options {
	const char *folder, *output;
	uint64_t leaf;
};

static const struct opt prove_rows[] = {
    {.name = "folder",
     .operand = true,
     .required = true,
     .type = OPT_STRING,
     .arg = "FOLDER",
     .off = offsetof(struct prove_options, folder),
     .help = "The log, as it is published."},
    {.name = "leaf",
     .operand = true,
     .required = true,
     .type = OPT_U64,
     .arg = "LEAF",
     .max = INT64_MAX,
     .off = offsetof(struct prove_options, leaf),
     .help = "Which leaf, from 0."},
    {.name = "output",
     .letter = 'o',
     .type = OPT_STRING,
     .arg = "FILE",
     .off = offsetof(struct prove_options, output),
     .help = "Where the proof goes, instead of standard output; such files are called NAME.tlog-proof."},
};

static int write_proof(const char *path, const char *text, size_t n, struct err *e)
{
	FILE *f = path ? fopen(path, "we") : stdout;
	if (!f)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	bool bad = fwrite(text, 1, n, f) < n;
	bad |= (path ? fclose(f) : fflush(f)) != 0;
	return bad ? err_set(e, -EIO, "%s: cannot be written: %s", path ? path : "standard output",
			     strerror(errno))
		   : 0;
}

static int prove(const struct tool_command *c, int argc, char **argv)
{
	static struct prove_options o;
	struct err e = {""};
	struct log_dir *d = NULL;
	char *text = NULL;
	size_t n = 0;
	bool go;
	int code = tool_parse(c, argc, argv, &o, &go);
	if (!go)
		return code;
	int err = dir_open(o.folder, &d, &e);
	if (!err)
		err = proof_make(d, o.leaf, NULL, &text, &n, &e);
	if (!err)
		err = write_proof(o.output, text, n, &e);
	free(text);
	dir_close(d);
	if (!err)
		return TOOL_GOOD;
	return tool_failed(c, err == -EBADMSG ? TOOL_BAD : err == -EINVAL ? TOOL_USAGE : TOOL_UNREADABLE, &e);
}

struct check_options {
	const char *file, *state;
	struct opt_list keys;
	bool json;
};

static const struct opt check_rows[] = {
    {.name = "file",
     .operand = true,
     .required = true,
     .type = OPT_STRING,
     .arg = "PROOF",
     .off = offsetof(struct check_options, file),
     .help = "A proof; - is standard input."},
    {.name = "key",
     .letter = 'k',
     .type = OPT_LIST,
     .arg = "VKEY",
     .off = offsetof(struct check_options, keys),
     .help =
	 "The log's key; otherwise the one that verify kept of a log of that name, for a checkpoint of that size. A proof does not bring its own."},
    {.name = "state",
     .type = OPT_STRING,
     .arg = "FOLDER",
     .off = offsetof(struct check_options, state),
     .help = "Where verify keeps keys."},
    {.name = "json",
     .letter = 'j',
     .type = OPT_FLAG,
     .off = offsetof(struct check_options, json),
     .help = "Print one JSON object."},
};

static int read_proof(const char *path, char *ret, size_t room, size_t *ret_n, struct err *e)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	if (!f)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	*ret_n = fread(ret, 1, room, f);
	int err = ferror(f) ? err_set(e, -EIO, "%s: cannot be read", path) : 0;
	if (f != stdin)
		fclose(f);
	return err;
}

/* The key as verify kept it, of the log that the proof's checkpoint names, at its size. */
static int kept_key(const struct proof *p, const char *state, struct verifier *ret, unsigned *ret_n,
		    struct err *e)
{
	struct note note;
	struct checkpoint c;
	*ret_n = 0;
	if (note_parse(p->note, &note, NULL) || checkpoint_parse(note.text, &c, NULL))
		return 0; /* proof_check says so */
	return tool_kept_key(&c, state, ret, ret_n, e);
}

static json_t *entry_of(const struct proof *p)
{
	static struct entry x;
	struct span entry;
	struct hash leaf;
	if (!proof_entry(p, &entry, &leaf) || !entry.p || entry_decode(entry, &x, NULL))
		return json_null();
	return entry_json(&x);
}

static int verdict(const struct check_options *o, const struct proof *p, int err, const struct checkpoint *cp,
		   const struct verifier *key, const char *why)
{
	char vkey[NOTE_VKEY_BYTES] = "";
	if (!err)
		verifier_print(key, vkey);
	if (o->json) {
		tool_print_json(json_pack("{s:s, s:I, s:I, s:s, s:s, s:o}", "verdict", err ? "bad" : "good",
					  "leaf", (json_int_t)p->index, "size",
					  (json_int_t)(err ? 0 : cp->size), "key", vkey, "text",
					  err ? why : "", "entry", err ? json_null() : entry_of(p)));
	} else if (err) {
		printf("BAD: %s\n", why);
	} else {
		json_t *entry = entry_of(p);
		printf("GOOD: leaf %" PRIu64 " is in the log %.*s of %" PRIu64 " leaves, signed by\n  %s\n",
		       p->index, (int)cp->origin.len, (const char *)cp->origin.p, cp->size, vkey);
		if (json_is_null(entry))
			printf("its body was removed, or is a later version's; the proof is of its hash\n");
		else
			json_dumpf(entry, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII),
			    putchar('\n');
		json_decref(entry);
	}
	return err ? TOOL_BAD : TOOL_GOOD;
}

static int check(const struct tool_command *c, int argc, char **argv)
{
	static struct check_options o;
	static struct verifier keys[VERIFY_PINNED_MAX];
	static char text[PROOF_MAX_BYTES + 1], state[4096];
	static struct proof p;
	struct err e = {""};
	struct checkpoint cp = {.size = 0};
	unsigned key = 0, n_keys;
	size_t n = 0;
	bool go;
	int code = tool_parse(c, argc, argv, &o, &go);
	if (!go)
		return code;
	if (tool_keys(&o.keys, keys, VERIFY_PINNED_MAX, &n_keys, "key", &e))
		return tool_failed(c, TOOL_USAGE, &e);
	if (read_proof(o.file, text, sizeof(text), &n, &e))
		return tool_failed(c, TOOL_UNREADABLE, &e);
	int err = proof_parse((struct span){(const uint8_t *)text, n}, &p, &e);
	if (!err && !n_keys && kept_key(&p, tool_state(o.state, state), keys, &n_keys, &e))
		return tool_failed(c, TOOL_UNREADABLE, &e);
	if (!err && !n_keys) {
		err_set(
		    &e, 0,
		    "no key is known of this log: give --key, or verify the log first; a proof does not bring its own");
		return tool_failed(c, TOOL_USAGE, &e);
	}
	if (!err)
		err = proof_check(&p, keys, n_keys, &cp, &key, &e);
	return verdict(&o, &p, err, &cp, &keys[key], e.text);
}

const struct tool_command tool_prove = {
    .word = "prove",
    .program =
	{.name = "roja-audit prove",
	 .about =
	     "Writes a proof that one leaf is in the log. It is a C2SP tlog-proof with the entry itself, to be checked "
	     "without the log.",
	 .opts = prove_rows,
	 .n_opts = sizeof(prove_rows) / sizeof(*prove_rows),
	 .more = TOOL_EXIT_CODES},
    .run = prove,
};

const struct tool_command tool_check = {
    .word = "check",
    .program = {.name = "roja-audit check",
		.about = "Checks a proof and shows the entry. Needs the log's key, and nothing else.",
		.opts = check_rows,
		.n_opts = sizeof(check_rows) / sizeof(*check_rows),
		.more = TOOL_EXIT_CODES},
    .run = check,
};
