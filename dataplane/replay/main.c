/* SPDX-License-Identifier: BSD-3-Clause */
/* roja-replay: what would be blocked in a capture, why, and what would leave on the wire. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/opt.h"
#include "dataplane/replay/replay.h"
#include "rules/compile.h"
#include "rules/page.h"

#define REJECTED_TOLD 100 /* lines; the rest are counted */

struct options {
	struct opt_list lists;
	const char *ruleset, *write, *page;
	bool json, stats, monitor, quiet;
	unsigned checksums;
};

static const char *const checksum_words[] = {
    [CHECKSUM_POLICY_VERIFY] = "verify",
    [CHECKSUM_POLICY_AUTO] = "auto",
    [CHECKSUM_POLICY_IGNORE] = "ignore",
    NULL,
};

static const struct opt rows[] = {
    {.name = "list",
     .letter = 'l',
     .type = OPT_LIST,
     .arg = "FILE",
     .off = offsetof(struct options, lists),
     .help = "Block what this plain list says; may be given several times, earlier lists come first."},
    {.name = "ruleset",
     .letter = 'r',
     .type = OPT_STRING,
     .arg = "FILE",
     .off = offsetof(struct options, ruleset),
     .help = "Block what this compiled ruleset says (rojactl compile) instead of lists."},
    {.name = "write",
     .letter = 'w',
     .type = OPT_STRING,
     .arg = "FILE",
     .off = offsetof(struct options, write),
     .help =
	 "Write what would leave, forwarded frames and injected answers, as pcapng; - is standard output."},
    {.name = "json",
     .letter = 'j',
     .type = OPT_FLAG,
     .off = offsetof(struct options, json),
     .help = "Print a JSON line a hit and one summary instead of a table."},
    {.name = "stats",
     .letter = 's',
     .type = OPT_FLAG,
     .off = offsetof(struct options, stats),
     .help = "Print every counter with its meaning."},
    {.name = "checksums",
     .type = OPT_ENUM,
     .arg = "HOW",
     .values = checksum_words,
     .off = offsetof(struct options, checksums),
     .help =
	 "verify: segments with a bad checksum are not inspected, as their receiver drops them. auto (default): the "
	 "same, but not for flows whose first packet has a bad one, since those were captured on their sender. "
	 "ignore: inspect all."},
    {.name = "page",
     .type = OPT_STRING,
     .arg = "FILE",
     .off = offsetof(struct options, page),
     .help = "Template of the block page instead of the one built in."},
    {.name = "monitor",
     .type = OPT_FLAG,
     .off = offsetof(struct options, monitor),
     .help = "Report hits, block nothing."},
    {.name = "quiet",
     .letter = 'q',
     .type = OPT_FLAG,
     .off = offsetof(struct options, quiet),
     .help = "No progress line and no notes on rejected list lines."},
};

static const struct opt_program program = {
    .name = "roja-replay",
    .synopsis = "[OPTION]... CAPTURE...",
    .about =
	"Runs pcap and pcapng captures through the inspection pipeline and shows what would be blocked, by which rule "
	"of which list, and what would leave on the wire. Needs no root. CAPTURE - is standard input.",
    .opts = rows,
    .n_opts = sizeof(rows) / sizeof(*rows),
    .more = "Exit codes: 0 every capture was processed (also one that ends early, which is said),\n"
	    "2 wrong usage, or an input that cannot be read.\n",
};

static int fail(const struct err *e)
{
	fprintf(stderr, "roja-replay: %s\n", e->text);
	return 2;
}

static void tell_rejected(const struct compiler *c, const struct opt_list *files)
{
	const struct report *r = compiler_report(c);
	unsigned told = 0;
	for (unsigned i = 0; i < r->n_notes && told < REJECTED_TOLD; i++) {
		const struct report_note *n = &r->notes[i];
		if (n->kind != NOTE_REJECTED)
			continue;
		fprintf(stderr, "roja-replay: %s:%u: skipped: %s\n", files->v[n->list], n->line, n->text);
		told++;
	}
	if (r->notes_total[NOTE_REJECTED] > told)
		fprintf(stderr, "roja-replay: %llu lines were skipped in all; rojactl compile lists them\n",
			(unsigned long long)r->notes_total[NOTE_REJECTED]);
}

/* Compiles the lists in memory. */
static int compile_lists(const struct options *o, void **ret_image, size_t *ret_bytes, struct err *e)
{
	struct compiler *c = NULL;
	int err = compiler_new(NULL, &c, e);
	for (unsigned i = 0; !err && i < o->lists.n; i++) {
		FILE *f = fopen(o->lists.v[i], "rb");
		if (!f) {
			err = err_set(e, -errno, "%s: cannot open it: %s", o->lists.v[i], strerror(errno));
			break;
		}
		err = compiler_add_list(c, f, o->lists.v[i], e);
		fclose(f);
	}
	if (!err)
		err = compiler_build(c, ret_image, ret_bytes, e);
	if (c && !o->quiet)
		tell_rejected(c, &o->lists);
	compiler_free(c);
	return err;
}

struct session {
	struct replay replay;
	struct ruleset *rules;
	struct ruleset_scratch *scratch;
	struct page_set *pages;
	void *image;
	size_t image_bytes;
};

static int open_rules(struct session *s, const struct options *o, struct err *e)
{
	int err;
	if (o->ruleset) {
		err = ruleset_open(o->ruleset, &s->rules, e);
	} else {
		err = compile_lists(o, &s->image, &s->image_bytes, e);
		if (!err)
			err = ruleset_over(s->image, s->image_bytes, &s->rules, e);
	}
	return err ? err : ruleset_scratch_new(s->rules, &s->scratch, e);
}

static int open_session(struct session *s, const struct options *o, struct err *e)
{
	struct pipeline_config cfg = pipeline_config_default;
	int err = open_rules(s, o, e);
	if (err)
		return err;
	err = page_set_new(o->page, &s->pages, e);
	if (err)
		return err;
	cfg.pages = s->pages;
	cfg.monitor = o->monitor;
	cfg.checksums = (enum checksum_policy)o->checksums;
	if (getrandom(cfg.secret, sizeof(cfg.secret), 0) != sizeof(cfg.secret))
		return err_set(e, -errno, "no random bytes: %s", strerror(errno));
	err = pipeline_new(&cfg, &s->replay.pipeline, e);
	if (err)
		return err;
	pipeline_set_ruleset(s->replay.pipeline, s->rules, s->scratch);
	s->replay.hits = hits_new(o->write && !strcmp(o->write, "-") ? stderr : stdout, s->rules, o->json);
	if (!s->replay.hits)
		return err_set(e, -ENOMEM, "no memory");
	s->replay.progress = !o->quiet && isatty(STDERR_FILENO);
	return o->write ? capture_out_open(o->write, &s->replay.out, e) : 0;
}

static void close_session(struct session *s)
{
	hits_free(s->replay.hits);
	pipeline_free(s->replay.pipeline);
	page_set_free(s->pages);
	ruleset_scratch_free(s->scratch);
	ruleset_free(s->rules);
	if (s->image)
		compiler_image_free(s->image, s->image_bytes);
}

static int run(struct session *s, const struct options *o, char **captures, int n, struct err *e)
{
	int err = open_session(s, o, e);
	for (int i = 0; !err && i < n; i++)
		err = replay_capture(&s->replay, captures[i], e);
	if (s->replay.out) {
		int closed = capture_out_close(s->replay.out, !err, err ? NULL : e);
		err = err ? err : closed;
	}
	if (err)
		return err;
	const struct counters *c = pipeline_counters(s->replay.pipeline);
	hits_summary(s->replay.hits, c, s->replay.frames, s->replay.bytes);
	hits_table(s->replay.hits, c);
	if (o->stats)
		hits_stats(o->json ? stderr : stdout, c);
	if (s->replay.skipped)
		fprintf(stderr, "roja-replay: %llu frames of unsupported link types were skipped\n",
			(unsigned long long)s->replay.skipped);
	return 0;
}

int main(int argc, char **argv)
{
	static struct options o = {.checksums = CHECKSUM_POLICY_AUTO};
	static struct session s;
	struct err e = {""};
	int n = 0;
	int r = opt_parse(&program, argc, argv, &o, argv, &n, &e);
	if (r == OPT_DONE)
		return 0;
	if (r < 0)
		return fail(&e);
	if (!n || (!o.lists.n == !o.ruleset)) {
		err_set(&e, 0, "%s; see roja-replay --help",
			!n ? "no capture given" : "give either --list or --ruleset");
		return fail(&e);
	}
	r = run(&s, &o, argv, n, &e);
	close_session(&s);
	if (r)
		return fail(&e);
	if (fflush(stdout)) {
		err_set(&e, 0, "standard output: %s", strerror(errno));
		return fail(&e);
	}
	return 0;
}
