/* SPDX-License-Identifier: BSD-3-Clause */
/* roja-audit export, custody */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/export.h"
#include "audit/tool/tool.h"

struct options {
	const char *folder, *order, *from, *to, *out, *note, *key, *signer;
};

static const struct opt rows[] = {
    {.name = "folder",
     .operand = true,
     .required = true,
     .type = OPT_STRING,
     .arg = "FOLDER",
     .off = offsetof(struct options, folder),
     .help = "The log, as it is published. Verify it first."},
    {.name = "order",
     .required = true,
     .type = OPT_STRING,
     .arg = "REFERENCE",
     .off = offsetof(struct options, order),
     .help = "The order's reference, as the authority wrote it."},
    {.name = "from",
     .type = OPT_STRING,
     .arg = "TIME",
     .off = offsetof(struct options, from),
     .help = "Entries from then on: 2026-11-26 or 2026-11-26T17:00:00Z, UTC."},
    {.name = "to",
     .type = OPT_STRING,
     .arg = "TIME",
     .off = offsetof(struct options, to),
     .help = "Entries before then."},
    {.name = "output",
     .letter = 'o',
     .required = true,
     .type = OPT_STRING,
     .arg = "OUT",
     .off = offsetof(struct options, out),
     .help = "The folder that is made."},
    {.name = "note",
     .letter = 'n',
     .type = OPT_STRING,
     .arg = "TEXT",
     .off = offsetof(struct options, note),
     .help = "For the custody record: for whom, why."},
    {.name = "sign",
     .type = OPT_STRING,
     .arg = "PEM",
     .off = offsetof(struct options, key),
     .help = "Sign the manifest, and the custody record's first line, with this Ed25519 key (PKCS #8)."},
    {.name = "signer",
     .type = OPT_STRING,
     .arg = "NAME",
     .off = offsetof(struct options, signer),
     .help = "The name that the signature bears; otherwise \"export\"."},
};

/* A day, or a second, in UTC. */
static bool take_time(const char *text, uint64_t *ret)
{
	struct tm tm = {.tm_isdst = 0};
	if (!text) {
		*ret = 0;
		return true;
	}
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end) {
		memset(&tm, 0, sizeof(tm));
		end = strptime(text, "%Y-%m-%d", &tm);
	}
	time_t t = end && !*end ? timegm(&tm) : -1;
	*ret = (uint64_t)t * 1000000000u;
	return t >= 0 && t < INT64_MAX / 1000000000;
}

/* For the paper that goes with it. */
static void print_line(const char *digest, const char *signer)
{
	printf("  SHA-256 of the custody record's last line: %s\n", digest);
	if (signer[0])
		printf("  signed by %s\n", signer);
}

static int run(const struct tool_command *c, int argc, char **argv)
{
	static struct options o = {.signer = "export"};
	struct export_result r;
	struct err e = {""};
	uint64_t from, to;
	bool go;
	int code = tool_parse(c, argc, argv, &o, &go);
	if (!go)
		return code;
	if (!take_time(o.from, &from) || !take_time(o.to, &to)) {
		err_set(
		    &e, 0,
		    "--from, --to: not a day such as 2026-11-26, or a second such as 2026-11-26T17:00:00Z");
		return tool_failed(c, TOOL_USAGE, &e);
	}
	struct export_request q = {.folder = o.folder,
				   .out = o.out,
				   .reference = o.order,
				   .from_ns = from,
				   .to_ns = to,
				   .note = o.note,
				   .key = o.key,
				   .signer = o.signer};
	int err = export_write(&q, &r, &e);
	if (err)
		return tool_failed(c, err == -EBADMSG ? TOOL_BAD : TOOL_UNREADABLE, &e);
	printf("%s: %" PRIu64 " leaves about order %" PRIu64 ", of a log of %" PRIu64
	       "\n  SHA-256 of manifest.json: %s\n",
	       o.out, r.leaves, r.order, r.size, r.manifest);
	print_line(r.custody, r.signer);
	return TOOL_GOOD;
}

struct custody_options {
	const char *folder, *note, *key, *signer;
};

static const struct opt custody_rows[] = {
    {.name = "folder",
     .operand = true,
     .required = true,
     .type = OPT_STRING,
     .arg = "EXPORT",
     .off = offsetof(struct custody_options, folder),
     .help = "An export."},
    {.name = "note",
     .letter = 'n',
     .required = true,
     .type = OPT_STRING,
     .arg = "TEXT",
     .off = offsetof(struct custody_options, note),
     .help = "What happened to it: handed to whom, copied where."},
    {.name = "sign",
     .type = OPT_STRING,
     .arg = "PEM",
     .off = offsetof(struct custody_options, key),
     .help = "Sign the line with this Ed25519 key (PKCS #8)."},
    {.name = "signer",
     .type = OPT_STRING,
     .arg = "NAME",
     .off = offsetof(struct custody_options, signer),
     .help = "The name that the signature bears; otherwise \"custody\"."},
};

static int custody(const struct tool_command *c, int argc, char **argv)
{
	static struct custody_options o = {.signer = "custody"};
	struct signer *by = NULL;
	struct err e = {""};
	char digest[65], vkey[NOTE_VKEY_BYTES] = "";
	bool go;
	int code = tool_parse(c, argc, argv, &o, &go);
	if (!go)
		return code;
	int err = o.key ? signer_load(o.key, o.signer, &by, &e) : 0;
	if (!err)
		err = export_custody(o.folder, "noted", o.note, by, digest, &e);
	if (by)
		verifier_print(signer_verifier(by), vkey);
	signer_free(by);
	if (err)
		return tool_failed(c, TOOL_UNREADABLE, &e);
	printf("%s: a line was added\n", o.folder);
	print_line(digest, vkey);
	return TOOL_GOOD;
}

const struct tool_command tool_export = {
    .word = "export",
    .program =
	{.name = "roja-audit export",
	 .about =
	     "Writes what a log says of one order into a folder that verify accepts without the log. Besides the leaves it "
	     "holds their proofs, what it proves and what not, and a record of who had it.",
	 .opts = rows,
	 .n_opts = sizeof(rows) / sizeof(*rows),
	 .more = TOOL_EXIT_CODES},
    .run = run,
};

const struct tool_command tool_custody = {
    .word = "custody",
    .program =
	{.name = "roja-audit custody",
	 .about =
	     "Adds a line to an export's custody record, and prints the line's SHA-256. Note it down where the export is "
	     "handed over: verify --custody finds with it that the line, or one before it, was changed or cut off.",
	 .opts = custody_rows,
	 .n_opts = sizeof(custody_rows) / sizeof(*custody_rows),
	 .more = TOOL_EXIT_CODES},
    .run = custody,
};
