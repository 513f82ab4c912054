/* SPDX-License-Identifier: BSD-3-Clause */
/* roja-audit verify */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "audit/base64.h"
#include "audit/export.h"
#include "audit/stamp.h"
#include "audit/tool/tool.h"
#include "common/hex.h"

#define WITNESSES_MAX 32
#define CUSTODY_MAX   64
#define WAIT_S	      5

struct options {
	const char *folder, *ca, *state;
	struct opt_list keys, witnesses, custody;
	uint64_t needed, threads, wait_s;
	bool json;
};

static const struct opt rows[] = {
    {.name = "folder",
     .operand = true,
     .required = true,
     .type = OPT_STRING,
     .arg = "FOLDER",
     .off = offsetof(struct options, folder),
     .help =
	 "A log as it is published (STATE/audit/log), a copy of it, an inspection's folder (rojactl report audit), or an export."},
    {.name = "key",
     .letter = 'k',
     .type = OPT_LIST,
     .arg = "VKEY",
     .off = offsetof(struct options, keys),
     .help =
	 "The log's key, as its owner handed it out, or a file of such keys: one of these must be among the log's keys. Without it, the key "
	 "that is seen first is kept and must stay."},
    {.name = "witness",
     .letter = 'w',
     .type = OPT_LIST,
     .arg = "VKEY",
     .off = offsetof(struct options, witnesses),
     .help =
	 "The key of a witness, or a file of such keys, whose cosignature counts. Of an export: of whoever made it or handed it on."},
    {.name = "custody",
     .type = OPT_LIST,
     .arg = "SHA256",
     .off = offsetof(struct options, custody),
     .help =
	 "Of an export: the SHA-256 of a line that the custody record must hold, as export and custody printed it. The line, and those "
	 "before it, are then what they were."},
    {.name = "witnesses",
     .type = OPT_U64,
     .arg = "N",
     .max = WITNESSES_MAX,
     .off = offsetof(struct options, needed),
     .help =
	 "How many of them must have signed: the checkpoint; of an export the manifest, or a line of the custody record, where otherwise "
	 "one must."},
    {.name = "ca",
     .type = OPT_STRING,
     .arg = "FILE",
     .off = offsetof(struct options, ca),
     .help =
	 "Certificates (PEM) of the time-stamp authorities that are trusted; without it, time stamps are counted, not checked."},
    {.name = "state",
     .type = OPT_STRING,
     .arg = "FOLDER",
     .off = offsetof(struct options, state),
     .help =
	 "Where keys and checkpoints that were verified are kept, to find a log that was cut or rewritten since; \"-\" is nowhere. "
	 "Otherwise $XDG_STATE_HOME/roja-audit or ~/.local/state/roja-audit."},
    {.name = "wait",
     .type = OPT_U64,
     .arg = "SECONDS",
     .max = 3600,
     .off = offsetof(struct options, wait_s),
     .help = "How long a log that is being written may take to sign what it wrote; otherwise 5."},
    {.name = "threads",
     .type = OPT_U64,
     .arg = "N",
     .min = 1,
     .max = 64,
     .off = offsetof(struct options, threads),
     .help = "How many threads read and hash; otherwise one a processor."},
    {.name = "json",
     .letter = 'j',
     .type = OPT_FLAG,
     .off = offsetof(struct options, json),
     .help = "Print the verdict as one JSON object."},
};

static void put_base64(const struct hash *h, char ret[BASE64_CHARS(32) + 1])
{
	*base64_put(h->b, sizeof(h->b), ret) = 0;
}

static json_t *kinds(const struct verify_report *r)
{
	json_t *o = json_object();
	for (unsigned k = 0; k < ENTRY_KINDS_END; k++)
		if (r->kinds[k])
			json_object_set_new(o, k ? entry_rows[k].word : "later",
					    json_integer((json_int_t)r->kinds[k]));
	return o;
}

static void set_time(json_t *o, const char *name, uint64_t ns)
{
	char text[ENTRY_TIME_BYTES];
	entry_time(ns, text);
	json_object_set_new(o, name, ns ? json_string(text) : json_null());
}

static json_t *custody_json(const struct verify_report *r)
{
	return json_pack("{s:s, s:i, s:i, s:s, s:b}", "signer", r->signer, "lines", (int)r->custody, "signed",
			 (int)r->custody_signed, "last", r->custody_last, "known", r->custody_known);
}

static void print_json(const struct verify_report *r)
{
	char root[BASE64_CHARS(32) + 1];
	put_base64(&r->root, root);
	json_t *o =
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:b, s:b}", "verdict",
		      r->fault ? "bad" : "good", "fault", verify_fault_words[r->fault], "file", r->file,
		      "text", r->text, "origin", r->origin, "size", (json_int_t)r->size, "root", root, "key",
		      r->key, "first_key", r->first_key, "pinned", r->pinned, "first_use", r->first_use);
	if (r->has_leaf) {
		json_object_set_new(o, "leaf", json_integer((json_int_t)r->leaf));
		json_object_set_new(o, "last", json_integer((json_int_t)r->last));
	}
	json_object_set_new(o, "entries", kinds(r));
	const struct {
		const char *name;
		uint64_t n;
	} figures[] = {
	    {"bytes", r->bytes},
	    {"removed", r->removed},
	    {"lost", r->lost},
	    {"keys", r->keys},
	    {"witnesses", r->witnesses},
	    {"stamps", r->stamps},
	    {"kept", r->kept},
	    {"stamps_checked", r->stamps_checked},
	    {"stamp_size", r->stamp_size},
	    {"kept_size", r->kept_size},
	};
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		json_object_set_new(o, figures[i].name, json_integer((json_int_t)figures[i].n));
	if (r->custody)
		json_object_set_new(o, "custody", custody_json(r));
	set_time(o, "first", r->first_ns);
	set_time(o, "last_time", r->last_ns);
	set_time(o, "stamped", (uint64_t)r->stamp_s * 1000000000u);
	tool_print_json(o);
}

static void print_bad(const struct verify_report *r)
{
	printf("BAD: %s\n", r->text);
	printf("  fault       %s\n", verify_fault_words[r->fault]);
	if (r->has_leaf && r->leaf == r->last)
		printf("  leaf        %" PRIu64 "\n", r->leaf);
	else if (r->has_leaf)
		printf("  leaf        one of %" PRIu64 " to %" PRIu64 "\n", r->leaf, r->last);
	if (r->file[0])
		printf("  file        %s\n", r->file);
	if (r->origin[0])
		printf("  log         %s, %" PRIu64 " leaves by its checkpoint\n", r->origin, r->size);
}

static void print_trust(const struct verify_report *r)
{
	if (r->pinned && !r->first_use)
		printf("  key         %s: known\n", r->key);
	else if (r->pinned)
		printf("  key         %s: as given\n", r->key);
	else
		printf(
		    "  key         %s\n              NOT KNOWN from elsewhere: %s. Compare it with what the log's owner handed\n"
		    "              out, or give --key.\n",
		    r->key,
		    r->first_use ? "trusted on first use, and kept" : "nothing is kept with --state -");
	if (r->kept)
		printf("  before      goes on from all %u checkpoints that were kept, the longest of %" PRIu64
		       " leaves\n",
		       r->kept, r->kept_size);
	else
		printf(
		    "  before      nothing is kept of this log: whether it was cut or rewritten before now, only others'\n"
		    "              checkpoints, witnesses and time stamps can tell\n");
}

static void print_stamps(const struct verify_report *r)
{
	char when[32] = "";
	struct tm tm;
	time_t at = (time_t)r->stamp_s;
	if (!r->stamps)
		return;
	if (!r->stamps_checked) {
		printf("  time stamps %u, not checked: give --ca\n", r->stamps);
		return;
	}
	if (gmtime_r(&at, &tm))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	printf("  time stamps %u, all good; the first %" PRIu64 " leaves were there by %s\n",
	       r->stamps_checked, r->stamp_size, when);
}

static void print_witnesses(const struct verify_report *r)
{
	if (r->witnesses)
		printf("  witnesses   %u of those that were given have signed\n", r->witnesses);
}

static void print_entries(const struct verify_report *r)
{
	printf("  entries    ");
	for (unsigned k = 1; k < ENTRY_KINDS_END; k++)
		if (r->kinds[k])
			printf(" %s %" PRIu64, entry_rows[k].word, r->kinds[k]);
	if (r->kinds[0])
		printf(" of later versions %" PRIu64, r->kinds[0]);
	putchar('\n');
}

static void print_custody(const struct verify_report *r)
{
	if (r->signer[0])
		printf("  signed      %s%s\n", r->signer,
		       r->vouched ? "" : ": NOT KNOWN from elsewhere, give --witness");
	if (r->witnesses)
		printf("  vouched     by %u of the keys that were given\n", r->witnesses);
	printf("  custody     %u line%s, %u signed; SHA-256 of the last one:\n              %s\n", r->custody,
	       r->custody == 1 ? "" : "s", r->custody_signed, r->custody_last);
	if (!r->custody_known)
		printf(
		    "              Whether lines behind it were cut off, only who handed it on can tell: compare, or give "
		    "--custody.\n");
}

static void print_package(const struct verify_report *r)
{
	printf(
	    "GOOD: every leaf of the export was in the log, unchanged since, and every file is as the manifest says\n");
	printf("  log         %s, %" PRIu64 " leaves\n", r->origin, r->size);
	if (r->pinned)
		printf("  key         %s: known\n", r->key);
	else
		printf(
		    "  key         %s\n              NOT KNOWN from elsewhere: compare it with what the log's owner handed out, or give "
		    "--key.\n",
		    r->key);
	print_stamps(r);
	print_custody(r);
	print_entries(r);
	printf("That nothing else about the order is in the log, only the log itself can show.\n");
}

static void print_good(const struct verify_report *r)
{
	char root[BASE64_CHARS(32) + 1], first[ENTRY_TIME_BYTES], last[ENTRY_TIME_BYTES];
	put_base64(&r->root, root);
	entry_time(r->first_ns, first);
	entry_time(r->last_ns, last);
	printf("GOOD: every leaf, hash, key and signature is right\n");
	printf("  log         %s\n  leaves      %" PRIu64 ", from %s to %s\n  root        %s\n", r->origin,
	       r->size, first, last, root);
	print_trust(r);
	print_witnesses(r);
	print_stamps(r);
	if (r->keys > 1)
		printf("  keys        %u, each signed by the one before it\n", r->keys);
	if (r->removed)
		printf("  removed     %" PRIu64 " bodies, as prune entries say; their hashes are there\n",
		       r->removed);
	if (r->lost)
		printf("  lost        %" PRIu64
		       " events that data planes could not tell, as gap and tally entries say\n",
		       r->lost);
	print_entries(r);
}

/* SHA-256, hexadecimal, each. */
static int take_custody(const struct opt_list *list, struct err *e)
{
	uint8_t digest[32];
	for (unsigned i = 0; i < list->n; i++)
		if (list->n > CUSTODY_MAX || !hex_read(list->v[i], digest, sizeof(digest)))
			return err_set(
			    e, -EINVAL,
			    "--custody: not the SHA-256 of a line, 64 small hexadecimal digits; %d at most",
			    CUSTODY_MAX);
	return 0;
}

/* The log of a folder that rojactl report audit wrote is in its folder "log". */
static const char *log_of(const char *folder, char room[4096])
{
	struct stat st;
	if (snprintf(room, 4096, "%s/checkpoint", folder) < 4096 && !lstat(room, &st))
		return folder;
	if (snprintf(room, 4096, "%s/log/checkpoint", folder) >= 4096 || lstat(room, &st))
		return folder;
	*strrchr(room, '/') = 0;
	return room;
}

static int run(const struct tool_command *c, int argc, char **argv)
{
	static struct options o = {.wait_s = WAIT_S};
	static struct verifier keys[VERIFY_PINNED_MAX], witnesses[WITNESSES_MAX];
	static struct verify_report r;
	struct stamp_trust *trust = NULL;
	struct err e = {""};
	char state[4096], log[4096];
	unsigned n_keys, n_witnesses;
	bool go;
	int code = tool_parse(c, argc, argv, &o, &go);
	if (!go)
		return code;
	if (tool_keys(&o.keys, keys, VERIFY_PINNED_MAX, &n_keys, "key", &e) ||
	    tool_keys(&o.witnesses, witnesses, WITNESSES_MAX, &n_witnesses, "witness", &e) ||
	    take_custody(&o.custody, &e))
		return tool_failed(c, TOOL_USAGE, &e);
	bool package = export_is(o.folder);
	if (o.custody.n && !package) {
		err_set(&e, 0, "--custody: %s is no export", o.folder);
		return tool_failed(c, TOOL_USAGE, &e);
	}
	if (o.ca && stamp_trust_load(o.ca, &trust, &e))
		return tool_failed(c, TOOL_UNREADABLE, &e);
	struct verify_options how = {.keys = keys,
				     .n_keys = n_keys,
				     .witnesses = witnesses,
				     .n_witnesses = n_witnesses,
				     .witnesses_needed = (unsigned)o.needed,
				     .trust = trust,
				     .custody = o.custody.v,
				     .n_custody = o.custody.n,
				     .state = tool_state(o.state, state),
				     .threads = (unsigned)o.threads,
				     .wait_ms = (unsigned)o.wait_s * 1000};
	int err = package ? export_verify(log_of(o.folder, log), &how, &r, &e)
			  : verify_folder(log_of(o.folder, log), &how, &r, &e);
	stamp_trust_free(trust);
	if (err)
		return tool_failed(c, TOOL_UNREADABLE, &e);
	if (o.json)
		print_json(&r);
	else if (r.fault)
		print_bad(&r);
	else if (package)
		print_package(&r);
	else
		print_good(&r);
	return r.fault ? TOOL_BAD : TOOL_GOOD;
}

const struct tool_command tool_verify = {
    .word = "verify",
    .program =
	{.name = "roja-audit verify",
	 .about =
	     "Checks a whole log, or an export: every entry, hash, key and signature, and that it goes on from what "
	     "was verified before. A log that is being written may be checked too. The verdict names the first "
	     "leaf that is wrong.",
	 .opts = rows,
	 .n_opts = sizeof(rows) / sizeof(*rows),
	 .more = TOOL_EXIT_CODES},
    .run = run,
};
