/* SPDX-License-Identifier: BSD-3-Clause */
/* roja-audit diff: do two checkpoints belong to one history? */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/dir.h"
#include "audit/tool/tool.h"

struct options {
	const char *file[2], *folder, *state;
	struct opt_list keys;
	bool json;
};

static const struct opt rows[] = {
    {.name = "first",
     .operand = true,
     .required = true,
     .type = OPT_STRING,
     .arg = "CHECKPOINT",
     .off = offsetof(struct options, file[0]),
     .help = "A checkpoint's file."},
    {.name = "second",
     .operand = true,
     .required = true,
     .type = OPT_STRING,
     .arg = "CHECKPOINT",
     .off = offsetof(struct options, file[1]),
     .help = "Another one; which is the older does not matter."},
    {.name = "folder",
     .operand = true,
     .type = OPT_STRING,
     .arg = "FOLDER",
     .off = offsetof(struct options, folder),
     .help = "The log: it proves that the longer one goes on from the shorter one."},
    {.name = "key",
     .letter = 'k',
     .type = OPT_LIST,
     .arg = "VKEY",
     .off = offsetof(struct options, keys),
     .help = "Keys of the log, each that signed one of them; otherwise those that verify kept."},
    {.name = "state",
     .type = OPT_STRING,
     .arg = "FOLDER",
     .off = offsetof(struct options, state),
     .help = "Where verify keeps keys."},
    {.name = "json",
     .letter = 'j',
     .type = OPT_FLAG,
     .off = offsetof(struct options, json),
     .help = "Print one JSON object."},
};

struct side {
	const char *file;
	char bytes[NOTE_MAX_BYTES + 1];
	struct note note;
	struct checkpoint c;
	bool checked;	       /* it is signed by a key that is known */
	const char *signature; /* what is said of that */
};

/* What is found: X(NAME, word, exit code). */
#define FINDINGS(X)                                  \
	X(SAME, "same", TOOL_GOOD)                   \
	X(EXTENDS, "extends", TOOL_GOOD)             \
	X(FORKED, "forked", TOOL_BAD)                \
	X(OTHER, "other log", TOOL_BAD)              \
	X(UNSIGNED, "signature", TOOL_BAD)           \
	X(UNCHECKED, "not checked", TOOL_UNREADABLE) \
	X(UNPROVED, "not proved", TOOL_UNREADABLE)

enum finding {
#define X(NAME, word, code) NAME,
	FINDINGS(X)
#undef X
};
static const char *const words[] = {
#define X(NAME, word, code) word,
    FINDINGS(X)
#undef X
};
static const int codes[] = {
#define X(NAME, word, code) code,
    FINDINGS(X)
#undef X
};

static int load(struct side *s, const char *file, struct err *e)
{
	struct err why = {""};
	FILE *f = fopen(file, "re");
	s->file = file;
	if (!f)
		return err_set(e, -errno, "%s: %s", file, strerror(errno));
	size_t n = fread(s->bytes, 1, sizeof(s->bytes), f);
	int err = ferror(f) ? err_set(e, -EIO, "%s: cannot be read", file) : 0;
	fclose(f);
	if (err)
		return err;
	err = note_parse((struct span){(const uint8_t *)s->bytes, n}, &s->note, &why);
	if (!err)
		err = checkpoint_parse(s->note.text, &s->c, &why);
	return err ? err_set(e, err, "%s: it is no checkpoint: %s", file, why.text) : 0;
}

static bool same_span(struct span a, struct span b)
{
	return a.len == b.len && !memcmp(a.p, b.p, a.len);
}

/* false: a signature of a known key is wrong. */
static bool check_signature(struct side *s, const struct verifier *keys, unsigned n)
{
	uint64_t mask = 0;
	int err = n ? note_verify(&s->note, keys, n, &mask, NULL, NULL) : -ENOKEY;
	s->checked = !err && mask;
	s->signature = err == -EKEYREJECTED ? "wrong"
		       : s->checked	    ? "good"
					    : "not checked: no key of it is known";
	return err != -EKEYREJECTED;
}

/* The folder's tree proves it, whatever else it holds: the proof stands alone. */
static enum finding consistent(const char *folder, const struct side *old, const struct side *new, char *why,
			       size_t room)
{
	struct log_dir *d = NULL;
	struct err e = {""};
	struct hash proof[TREE_PROOF_MAX], root;
	unsigned n = 0;
	enum finding f = UNPROVED;
	int err = dir_open(folder, &d, &e);
	if (!err) {
		struct tree_source s = dir_source(d);
		err = tree_prove_consistency(&s, old->c.size, new->c.size, proof, &n, &e);
		if (!err &&
		    tree_check_consistency(old->c.size, &old->c.root, new->c.size, &new->c.root, proof, n))
			f = EXTENDS;
		else if (!err && !tree_root(&s, new->c.size, &root, &e) && hash_equal(&root, &new->c.root))
			f = FORKED;
	}
	if (f == UNPROVED)
		snprintf(why, room, "%s does not hold the longer one's log, or is damaged: %s", folder,
			 err ? e.text : "its hashes come to another root");
	dir_close(d);
	return f;
}

static enum finding compare(const struct options *o, const struct side *old, const struct side *new,
			    char *why, size_t room)
{
	if (!same_span(old->c.origin, new->c.origin)) {
		snprintf(why, room, "they are of two logs");
		return OTHER;
	}
	if (old->c.size == new->c.size) {
		bool same = hash_equal(&old->c.root, &new->c.root);
		snprintf(why, room,
			 same ? "they are the same"
			      : "they have the same number of leaves and two roots: there are two histories");
		return same ? SAME : FORKED;
	}
	enum finding f = UNPROVED;
	snprintf(why, room,
		 "which of two histories they are of cannot be told from them alone: give the log's folder");
	if (!old->c.size)
		f = EXTENDS;
	else if (o->folder)
		f = consistent(o->folder, old, new, why, room);
	if (f == EXTENDS)
		snprintf(why, room, "the longer one goes on from the shorter one");
	if (f == FORKED)
		snprintf(why, room,
			 "the longer one does not go on from the shorter one: there are two histories");
	return f;
}

/* Signed or not, they fit or they do not: but nobody is told GOOD of what anybody could have written. */
static enum finding unchecked(enum finding f, const struct side *old, const struct side *new, char *why,
			      size_t room)
{
	const bool both = !old->checked && !new->checked;
	size_t n = strlen(why);
	if ((old->checked && new->checked) || f == OTHER || f == UNPROVED)
		return f;
	snprintf(why + n, room - n,
		 ", but the signature%s of %s%s%s %s not checked: give --key, of each the key that signed it "
		 "(roja-audit key FOLDER prints those that a log names)",
		 both ? "s" : "", old->checked ? new->file : old->file, both ? " and " : "",
		 both ? new->file : "", both ? "were" : "was");
	return f == FORKED ? f : UNCHECKED;
}

static int tell(const struct options *o, enum finding f, const struct side *old, const struct side *new,
		const char *why)
{
	if (o->json) {
		tool_print_json(json_pack("{s:s, s:s, s:I, s:I, s:s, s:s}", "finding", words[f], "text", why,
					  "old_size", (json_int_t)old->c.size, "new_size",
					  (json_int_t) new->c.size, "old_signature", old->signature,
					  "new_signature", new->signature));
		return codes[f];
	}
	printf("%s: %s\n", codes[f] == TOOL_GOOD ? "GOOD" : codes[f] == TOOL_BAD ? "BAD" : "NOT PROVED", why);
	for (int i = 0; i < 2; i++) {
		const struct side *s = i ? new : old;
		printf("  %s: %.*s, %" PRIu64 " leaves, signature %s\n", s->file, (int)s->c.origin.len,
		       (const char *)s->c.origin.p, s->c.size, s->signature);
	}
	return codes[f];
}

static int run(const struct tool_command *c, int argc, char **argv)
{
	static struct options o;
	static struct side side[2];
	static struct verifier keys[VERIFY_PINNED_MAX];
	struct err e = {""};
	char state[4096], why[ERR_BYTES + 8192];
	unsigned n_given, n;
	bool good = true;
	bool go;
	int code = tool_parse(c, argc, argv, &o, &go);
	if (!go)
		return code;
	if (tool_keys(&o.keys, keys, VERIFY_PINNED_MAX, &n_given, "key", &e))
		return tool_failed(c, TOOL_USAGE, &e);
	for (int i = 0; i < 2; i++) {
		int err = load(&side[i], o.file[i], &e);
		if (err)
			return tool_failed(c, err == -EBADMSG ? TOOL_BAD : TOOL_UNREADABLE, &e);
		n = n_given;
		if (!n && tool_kept_key(&side[i].c, tool_state(o.state, state), keys, &n, &e))
			return tool_failed(c, TOOL_UNREADABLE, &e);
		good &= check_signature(&side[i], keys, n);
	}
	struct side *old = &side[side[0].c.size > side[1].c.size],
		    *new = &side[side[0].c.size <= side[1].c.size];
	enum finding f = good ? compare(&o, old, new, why, sizeof(why)) : UNSIGNED;
	if (f == UNSIGNED)
		snprintf(why, sizeof(why), "a signature is wrong: that checkpoint was changed");
	else
		f = unchecked(f, old, new, why, sizeof(why));
	return tell(&o, f, old, new, why);
}

const struct tool_command tool_diff = {
    .word = "diff",
    .program =
	{.name = "roja-audit diff",
	 .about =
	     "Says whether two checkpoints are of one history of a log: the longer one goes on from the shorter one, or "
	     "somebody signed two histories.",
	 .opts = rows,
	 .n_opts = sizeof(rows) / sizeof(*rows),
	 .more =
	     "Two checkpoints of two histories, both signed, are the proof against whoever signed them: keep both.\n\n" TOOL_EXIT_CODES
	     "3 too where it is not proved: the log is needed, or a signature was not checked.\n"},
    .run = run,
};
