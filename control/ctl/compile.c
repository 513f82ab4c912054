/* SPDX-License-Identifier: BSD-3-Clause */
/* rojactl compile: lists in, ruleset file and report out. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "common/quote.h"
#include "control/ctl/ctl.h"
#include "control/ctl/tools.h"

#define KEY_BYTES 16

struct options {
	const char *output, *key;
	bool json, quiet;
};

static const struct opt rows[] = {
    {.name = "output",
     .letter = 'o',
     .type = OPT_STRING,
     .arg = "RULESET",
     .off = offsetof(struct options, output),
     .help =
	 "Write the ruleset there. An existing file is replaced in one step, once the new one is on disk."},
    {.name = "key",
     .letter = 'k',
     .type = OPT_STRING,
     .arg = "FILE",
     .off = offsetof(struct options, key),
     .help =
	 "Key the fingerprints with the 32 hexadecimal digits in this file instead of random ones: the same "
	 "lists then give the same rule ids."},
    {.name = "json",
     .letter = 'j',
     .type = OPT_FLAG,
     .off = offsetof(struct options, json),
     .help = "Print the report as one JSON object."},
    {.name = "quiet",
     .letter = 'q',
     .type = OPT_FLAG,
     .off = offsetof(struct options, quiet),
     .help = "Print no report."},
};

const struct opt_program ctl_compile_program = {
    .name = "rojactl compile",
    .synopsis = "[OPTION]... LIST... -o RULESET",
    .about =
	"Compiles plain lists (docs/lists.md) into one ruleset file and reports on them: entries by kind, lines that "
	"were rejected and why, entries that stand twice or that a wider one holds, and URL rules that only plain HTTP "
	"lets be enforced. Earlier lists come first where two say the same. LIST - is standard input. A list "
	"without one good line stops the compile, and the old file stays.",
    .opts = rows,
    .n_opts = sizeof(rows) / sizeof(*rows),
    .more = "Exit codes: 0 every line was compiled, 1 the ruleset was written but lines were\n"
	    "rejected, 2 wrong usage, or a file that cannot be read or written: nothing was written.\n",
};

static int read_key(const char *path, uint8_t ret[KEY_BYTES], struct err *e)
{
	char text[2 * KEY_BYTES + 2] = "";
	FILE *f = fopen(path, "re");
	if (!f)
		return err_set(e, -errno, "%s: cannot be opened: %s", path, strerror(errno));
	size_t n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	if (n && text[n - 1] == '\n')
		text[--n] = 0;
	for (size_t i = 0; i < n; i++)
		if (!isxdigit((unsigned char)text[i]))
			n = 0;
	if (n != 2 * KEY_BYTES)
		return err_set(e, -EINVAL, "%s: a key is %u hexadecimal digits and nothing else", path,
			       2 * KEY_BYTES);
	for (unsigned i = 0; i < KEY_BYTES; i++)
		sscanf(text + 2 * i, "%2hhx", &ret[i]);
	return 0;
}

static int add_list(struct compiler *c, const char *path, struct err *e)
{
	bool is_stdin = !strcmp(path, "-");
	FILE *f = is_stdin ? stdin : fopen(path, "re");
	if (!f)
		return err_set(e, -errno, "%s: cannot be opened: %s", path, strerror(errno));
	int err = compiler_add_list(c, f, is_stdin ? "stdin" : path, e);
	if (!is_stdin)
		fclose(f);
	return err;
}

static void print_digest(const struct ruleset *rs, FILE *out)
{
	for (unsigned i = 0; i < 32; i++)
		fprintf(out, "%02x", ruleset_digest(rs)[i]);
}

static void print_report(const struct compiler *c, const struct ruleset *rs, const struct options *o,
			 char *const *files)
{
	unsigned long long bytes = ruleset_bytes(rs);
	if (o->json) {
		printf("{\"ruleset\":");
		quote_json(stdout, o->output);
		printf(",\"bytes\":%llu,\"digest\":\"", bytes);
		print_digest(rs, stdout);
		printf("\",");
		ctl_report_json(c, files, stdout);
		printf("}\n");
	} else if (!o->quiet) {
		ctl_report_print(c, files, stdout);
		printf("\n%s: %llu bytes, SHA-256 ", o->output, bytes);
		print_digest(rs, stdout);
		printf("\n");
	}
}

/* Opens the image before it is written: what cannot be loaded never replaces what can. */
static int build(struct compiler *c, const struct options *o, char *const *files, struct err *e)
{
	void *image;
	size_t bytes;
	struct ruleset *rs = NULL;
	int err = compiler_build(c, &image, &bytes, e);
	if (err)
		return err;
	err = ruleset_over(image, bytes, &rs, e);
	if (!err)
		err = ruleset_write(o->output, image, bytes, e);
	if (!err)
		print_report(c, rs, o, files);
	ruleset_free(rs);
	compiler_image_free(image, bytes);
	return err;
}

/* What a refused list held instead of entries. */
static void tell_rejected(const struct compiler *c, char *const *files)
{
	const struct report *r = compiler_report(c);
	unsigned told = 0;
	for (uint32_t i = 0; i < r->n_notes && told < 10; i++) {
		const struct report_note *n = &r->notes[i];
		if (n->kind != NOTE_REJECTED)
			continue;
		fprintf(stderr, "rojactl compile: %s:%u: ", files[n->list], n->line);
		quote_plain(stderr, n->text);
		fputc('\n', stderr);
		told++;
	}
}

int ctl_compile(int argc, char **argv)
{
	struct options o = {0};
	struct compiler *c = NULL;
	struct err e = {""};
	uint8_t key[KEY_BYTES];
	int n = 0, err = opt_parse(&ctl_compile_program, argc, argv, &o, argv, &n, &e);
	if (err == OPT_DONE)
		return CTL_OK;
	if (!err && (!n || !o.output))
		err = err_set(&e, -EINVAL, "%s; see rojactl compile --help",
			      n ? "say where to write the ruleset: -o RULESET" : "no list given");
	if (!err && o.key)
		err = read_key(o.key, key, &e);
	if (!err)
		err = compiler_new(o.key ? key : NULL, &c, &e);
	for (int i = 0; !err && i < n; i++)
		err = add_list(c, argv[i], &e);
	if (err == -ENODATA)
		tell_rejected(c, argv);
	if (!err)
		err = build(c, &o, argv, &e);
	int code = !err && compiler_report(c)->notes_total[NOTE_REJECTED] ? CTL_OTHERWISE : CTL_OK;
	compiler_free(c);
	return err ? ctl_fail("compile", &e) : code;
}
