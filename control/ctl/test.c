/* SPDX-License-Identifier: BSD-3-Clause */
/* rojactl test: what a ruleset does with a name, URL or address, and why. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/quote.h"
#include "control/ctl/ctl.h"
#include "control/ctl/tools.h"
#include "rules/subject.h"

struct options {
	bool json;
	unsigned expect;
};

enum expect { EXPECT_ANY, EXPECT_BLOCK, EXPECT_ALLOW };
static const char *const expect_words[] = {"any", "block", "allow", NULL};

static const struct opt rows[] = {
    {.name = "json",
     .letter = 'j',
     .type = OPT_FLAG,
     .off = offsetof(struct options, json),
     .help = "Print a JSON line a question."},
    {.name = "expect",
     .letter = 'e',
     .type = OPT_ENUM,
     .arg = "ANSWER",
     .values = expect_words,
     .off = offsetof(struct options, expect),
     .help = "block or allow: exit with 1 unless this is the answer to every question."},
};

const struct opt_program ctl_test_program = {
    .name = "rojactl test",
    .synopsis = "[OPTION]... RULESET NAME-OR-URL...",
    .about =
	"Asks a compiled ruleset what it does with host names, addresses and URLs, and says why: the canonical form, the "
	"rule with its list and line, the exception that won, or that nothing matches. Of a URL with https:// only "
	"the name is seen on the wire, so only the name is judged; what its URL rules would do on plain HTTP is "
	"said beside it.",
    .opts = rows,
    .n_opts = sizeof(rows) / sizeof(*rows),
    .more = "Exit codes: 0 every question was answered, whatever the answers; 1 an answer is not\n"
	    "what --expect says; 2 wrong usage, a ruleset that cannot be read, or a question that is\n"
	    "no name, address or URL.\n",
};

struct answer {
	const char *question;
	struct subject subject;
	struct match match;
	struct match http; /* SUBJECT_HTTPS: of the URL on plain HTTP */
};

struct asker {
	struct ruleset *rs;
	struct ruleset_scratch *scratch;
	struct answer answer;
};

static int ask_one(struct asker *a, const char *question, struct err *e)
{
	struct answer *to = &a->answer;
	enum name_error bad = subject_read(question, &to->subject);
	to->question = question;
	if (bad)
		return err_set(e, -EINVAL, "%s: %s", question, name_strerror(bad));
	subject_match(&to->subject, a->rs, a->scratch, &to->match, &to->http);
	return 0;
}

static const char *verdict(const struct match *m)
{
	return m->block ? "block" : "allow";
}

static void print_rule(const struct asker *a, const char *word, const struct rule_ref *r)
{
	static const enum meta_field shown[] = {META_authority, META_reference, META_legal_basis};
	if (!r->is_set)
		return;
	printf("  %-10s %s, list ", word, rule_kind_names[r->kind]);
	quote_plain(stdout, ruleset_meta(a->rs, r->list, META_name));
	printf(", line %u, rule %016" PRIx64 "\n", r->line, r->id);
	for (unsigned i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
		const char *value = ruleset_meta(a->rs, r->list, shown[i]);
		if (!*value)
			continue;
		printf("  %-10s %s: ", "", meta_rows[shown[i]].key);
		quote_plain(stdout, value);
		putchar('\n');
	}
}

static void print_match(const struct asker *a, const struct match *m)
{
	print_rule(a, "rule", &m->rule);
	if (m->rule.is_set)
		print_rule(a, "exception", &m->exception);
	else
		printf("  %-10s nothing matches\n", "rule");
}

static void print_answer(const struct asker *a)
{
	const struct answer *x = &a->answer;
	printf("%s ", verdict(&x->match));
	quote_plain(stdout, x->question);
	printf("\n  %-10s ", "canonical");
	quote_plain(stdout, subject_canonical(&x->subject));
	printf("\n  %-10s %s\n", "judged as", subject_help[x->subject.kind]);
	print_match(a, &x->match);
	if (x->subject.kind == SUBJECT_HTTPS && x->http.rule.id != x->match.rule.id) {
		printf("  %-10s %s\n", "plain HTTP", verdict(&x->http));
		print_match(a, &x->http);
	}
}

static void print_rule_json(const struct asker *a, const char *key, const struct rule_ref *r)
{
	if (!r->is_set)
		return;
	printf(",\"%s\":{\"kind\":\"%s\",\"list\":", key, rule_kind_names[r->kind]);
	quote_json(stdout, ruleset_meta(a->rs, r->list, META_name));
	printf(",\"line\":%u,\"rule\":\"%016" PRIx64 "\",\"authority\":", r->line, r->id);
	quote_json(stdout, ruleset_meta(a->rs, r->list, META_authority));
	fputs(",\"reference\":", stdout);
	quote_json(stdout, ruleset_meta(a->rs, r->list, META_reference));
	putchar('}');
}

static void print_match_json(const struct asker *a, const struct match *m)
{
	printf("\"verdict\":\"%s\"", verdict(m));
	print_rule_json(a, "rule", &m->rule);
	if (m->rule.is_set)
		print_rule_json(a, "exception", &m->exception);
}

static void print_answer_json(const struct asker *a)
{
	const struct answer *x = &a->answer;
	fputs("{\"question\":", stdout);
	quote_json(stdout, x->question);
	fputs(",\"canonical\":", stdout);
	quote_json(stdout, subject_canonical(&x->subject));
	printf(",\"judged_as\":\"%s\",", subject_words[x->subject.kind]);
	print_match_json(a, &x->match);
	if (x->subject.kind == SUBJECT_HTTPS) {
		fputs(",\"plain_http\":{", stdout);
		print_match_json(a, &x->http);
		putchar('}');
	}
	puts("}");
}

static int ask_all(struct asker *a, const struct options *o, char **questions, int n, struct err *e)
{
	int code = CTL_OK;
	for (int i = 0; i < n; i++) {
		int err = ask_one(a, questions[i], e);
		if (err)
			return err;
		if (o->json)
			print_answer_json(a);
		else
			print_answer(a);
		if (o->expect != EXPECT_ANY && a->answer.match.block != (o->expect == EXPECT_BLOCK))
			code = CTL_OTHERWISE;
	}
	return code;
}

int ctl_test(int argc, char **argv)
{
	static struct asker a;
	struct options o = {0};
	struct err e = {""};
	int n = 0, rc = opt_parse(&ctl_test_program, argc, argv, &o, argv, &n, &e);
	if (rc == OPT_DONE)
		return CTL_OK;
	if (!rc && n < 2)
		rc = err_set(&e, -EINVAL, "%s; see rojactl test --help",
			     n ? "no name or URL to judge" : "no ruleset given");
	if (!rc)
		rc = ruleset_open(argv[0], &a.rs, &e);
	if (!rc)
		rc = ruleset_scratch_new(a.rs, &a.scratch, &e);
	if (!rc)
		rc = ask_all(&a, &o, argv + 1, n - 1, &e);
	ruleset_scratch_free(a.scratch);
	ruleset_free(a.rs);
	return rc < 0 ? ctl_fail("test", &e) : rc;
}
