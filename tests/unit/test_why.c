/* SPDX-License-Identifier: BSD-3-Clause */
/* why, over a store and the rulesets of its plans; the engine is what stands here. */
#include "control/api/why.h"

#include <errno.h>

#include "control/engine/plan.h"
#include "control/store/exempt.h"
#include "control/store/stops.h"
#include "rules/compile.h"
#include "tests/unit/store_fixture.h"

static struct engine_stub {
	struct fixture f;
	struct ruleset *rules;
	json_t *plan;
	struct version version;
	const char *broken; /* why the ruleset cannot be read */
	const char *pending;
	struct call call;
} g;

const struct ruleset *engine_ruleset(struct engine *engine, struct err *e)
{
	(void)engine;
	if (g.broken)
		err_set(e, -EIO, "%s", g.broken);
	return g.broken ? NULL : g.rules;
}

const struct version *engine_active(const struct engine *engine)
{
	(void)engine;
	return &g.version;
}

const json_t *engine_plan(const struct engine *engine)
{
	(void)engine;
	return g.plan;
}

void engine_path(const struct engine *engine, const char *file, char *ret, size_t room)
{
	(void)engine;
	snprintf(ret, room, "%s/%s", g.f.folder, file);
}

const char *engine_pending(const struct engine *engine)
{
	(void)engine;
	return g.pending;
}

unsigned engine_nodes(const struct engine *engine)
{
	(void)engine;
	return 0;
}

struct link *engine_node(const struct engine *engine, unsigned i)
{
	(void)engine, (void)i;
	return NULL;
}

void engine_poke(struct engine *engine)
{
	(void)engine;
}

static void open_world(void)
{
	memset(&g, 0, sizeof(g));
	g.pending = "";
	fixture_open(&g.f);
	g.call = (struct call){.who = ana, .roles = ROLE_VIEWER, .fd = -1, .store = g.f.s};
}

static void close_world(void)
{
	ruleset_free(g.rules);
	json_decref(g.plan);
	fixture_close(&g.f);
}

/* An approved order with an approved list of sorted lines "LINE\tENTRY\n". Returns the order. */
static int64_t give(const char *name, const char *key, json_t *value, const char *lines)
{
	struct fixture *f = &g.f;
	const struct list_source source = {.format = "plain", .options = "{}", .approval = "each"};
	json_t *fields = fixture_fields(NULL);
	int64_t order, list, import, proposal;
	struct seal_writer *w;
	char path[128];
	unsigned n;
	json_object_set_new(fields, "appeal", json_string("appeals@authority.test"));
	if (key)
		json_object_set_new(fields, key, value);
	CU_ASSERT_EQUAL_FATAL(order_add(f->s, &f->e, &ana, fields, &order, &proposal), 0);
	json_decref(fields);
	CU_ASSERT_EQUAL_FATAL(list_add(f->s, &f->e, &ana, order, name, &source, &list, &proposal), 0);
	const struct import_row row = {.list_id = list,
				       .source = "file",
				       .file = "x",
				       .sha256 = "00",
				       .original = "o",
				       .object = name,
				       .serial = -1,
				       .signature = "{}"};
	CU_ASSERT_EQUAL_FATAL(list_import_add(f->s, &f->e, &ana, &row, &import, &proposal), 0);
	CU_ASSERT_EQUAL_FATAL(proposals_decide_order(f->s, &f->e, &ben, order, true, NULL, &n), 0);
	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	CU_ASSERT_EQUAL_FATAL(seal_create(path, store_key(f->s), &w, &f->e), 0);
	CU_ASSERT_EQUAL_FATAL(seal_write(w, lines, strlen(lines), &f->e), 0);
	CU_ASSERT_EQUAL_FATAL(seal_commit(w, &f->e), 0);
	return order;
}

static void add_line(struct compiler *c, const char *text, uint32_t line)
{
	static struct url u;
	struct list_entry le;
	const char *why_not;
	CU_ASSERT_EQUAL_FATAL(list_parse_line((const uint8_t *)text, strlen(text), &u, &le, &why_not), 1);
	le.line = line;
	CU_ASSERT_EQUAL_FATAL(compiler_add_entry(c, &le), 0);
}

static void add_list(struct compiler *c, const struct plan_list *l)
{
	char path[256], text[4096], *save, *line;
	struct seal_reader *r;
	snprintf(path, sizeof(path), "%s/%s", g.f.folder, l->object);
	CU_ASSERT_EQUAL_FATAL(compiler_begin_list(c, l->meta, &g.f.e), 0);
	CU_ASSERT_EQUAL_FATAL(seal_open(path, store_key(g.f.s), &r, &g.f.e), 0);
	ssize_t n = seal_read(r, text, sizeof(text) - 1, &g.f.e);
	CU_ASSERT_FATAL(n > 0);
	text[n] = 0;
	seal_close(r);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		add_line(c, strchr(line, '\t') + 1, (uint32_t)atoi(line));
}

/* Makes what the store says now the active version, as the engine does. */
static void activate(void)
{
	static const char *const meta[META_COUNT] = {[META_name] = "exceptions"};
	struct fixture *f = &g.f;
	struct compiler *c;
	struct plan *p;
	void *image;
	size_t bytes;
	char path[256], file[64], text[1024];
	int64_t id, activation;
	CU_ASSERT_EQUAL_FATAL(plan_build(f->s, clock_now(), &p, &f->e), 0);
	CU_ASSERT_EQUAL_FATAL(compiler_new(NULL, &c, &f->e), 0);
	for (unsigned i = 0; i < p->n_lists; i++)
		add_list(c, &p->lists[i]);
	if (p->n_exceptions || !p->n_lists)
		CU_ASSERT_EQUAL_FATAL(compiler_begin_list(c, meta, &f->e), 0);
	for (unsigned i = 0; i < p->n_exceptions; i++) {
		snprintf(text, sizeof(text), "!%s", p->exceptions[i]);
		add_line(c, text, i + 1);
	}
	CU_ASSERT_EQUAL_FATAL(compiler_build(c, &image, &bytes, &f->e), 0);
	CU_ASSERT_EQUAL_FATAL(version_next(f->s, &f->e, &id), 0);
	snprintf(file, sizeof(file), "version-%lld", (long long)id);
	engine_path(NULL, file, path, sizeof(path));
	CU_ASSERT_EQUAL_FATAL(ruleset_write_sealed(path, image, bytes, store_key(f->s), &f->e), 0);
	compiler_image_free(image, bytes);
	compiler_free(c);
	const struct version_new v = {
	    .id = id, .plan = p->text, .plan_digest = p->digest, .file = file, .digest = "d", .report = "{}"};
	CU_ASSERT_EQUAL_FATAL(version_add(f->s, &f->e, &v), 0);
	CU_ASSERT_EQUAL_FATAL(version_activate(f->s, &f->e, id, "test", &activation), 0);
	ruleset_free(g.rules);
	json_decref(g.plan);
	g.plan = json_incref(p->json);
	plan_free(p);
	CU_ASSERT_EQUAL_FATAL(version_active(f->s, &f->e, &g.version), 0);
	CU_ASSERT_EQUAL_FATAL(ruleset_open_sealed(path, store_key(f->s), &g.rules, &f->e), 0);
}

static json_t *asked(const char *subject)
{
	json_t *r = NULL;
	int err = why(&g.call, subject, &r, &g.f.e);
	if (err)
		printf("# %s: %s\n", subject, g.f.e.text);
	CU_ASSERT_EQUAL_FATAL(err, 0);
	return r;
}

/* "a.b" of an answer as compact JSON. */
static bool says(const json_t *r, const char *path, const char *want)
{
	char key[64];
	const char *dot = strchr(path, '.');
	snprintf(key, sizeof(key), "%.*s", dot ? (int)(dot - path) : 60, path);
	const json_t *v = json_object_get(r, key);
	if (dot)
		v = json_object_get(v, dot + 1);
	char *text = v ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS) : strdup("absent");
	bool same = !strcmp(text, want);
	if (!same)
		printf("# %s: %s, not %s\n", path, text, want);
	free(text);
	return same;
}

static bool holds(const json_t *r, const char *key, const char *words)
{
	char *text = json_dumps(json_object_get(r, key), JSON_COMPACT | JSON_ENCODE_ANY);
	bool there = text && strstr(text, words);
	if (!there)
		printf("# %s: %s, without %s\n", key, text ? text : "absent", words);
	free(text);
	return there;
}

#define COURT "7\t192.0.2.0/24\n3\tblocked.test\n5\thttp://pages.test/bad\n"

static const struct {
	const char *subject, *verdict, *line, *kind, *actions, *canonical;
} questions[] = {
    {"blocked.test", "\"blocked\"", "3", "\"domain\"",
     "{\"dns\":\"nxdomain\",\"http\":\"page\",\"quic\":\"close\",\"tls\":\"alert\"}", "\"blocked.test\""},
    {"A.BLOCKED.test.", "\"blocked\"", "3", "\"domain\"",
     "{\"dns\":\"nxdomain\",\"http\":\"page\",\"quic\":\"close\",\"tls\":\"alert\"}", "\"a.blocked.test\""},
    {"http://blocked.test/any", "\"blocked\"", "3", "\"domain\"", "{\"http\":\"page\"}",
     "\"blocked.test/any\""},
    {"https://blocked.test/any", "\"blocked\"", "3", "\"domain\"",
     "{\"dns\":\"nxdomain\",\"quic\":\"close\",\"tls\":\"alert\"}", "\"blocked.test/any\""},
    {"http://pages.test/bad", "\"blocked\"", "5", "\"url\"", "{\"http\":\"page\"}", "\"pages.test/bad\""},
    {"https://pages.test/bad", "\"passes\"", "5", "\"url\"", "{}", "\"pages.test/bad\""},
    {"192.0.2.9", "\"blocked\"", "7", "\"prefix\"", "{\"ip\":\"icmp\"}", "\"192.0.2.9\""},
    {"http://192.0.2.9/x", "\"blocked\"", "7", "\"prefix\"", "{\"ip\":\"icmp\"}", "\"192.0.2.9/x\""},
    {"ok.blocked.test", "\"excepted\"", "3", "\"domain\"", "{}", "\"ok.blocked.test\""},
    {"pages.test", "\"passes\"", "absent", "absent", "{}", "\"pages.test\""},
    {"http://pages.test/good", "\"passes\"", "absent", "absent", "{}", "\"pages.test/good\""},
    {"notblocked.test", "\"passes\"", "absent", "absent", "{}", "\"notblocked.test\""},
    {"198.51.100.1", "\"passes\"", "absent", "absent", "{}", "\"198.51.100.1\""},
};

static void test_why_says_verdict_rule_and_actions(void)
{
	int64_t id, proposal;
	open_world();
	give("court", NULL, NULL, COURT);
	CU_ASSERT_EQUAL(exception_add(g.f.s, &g.f.e, &ana, "ok.blocked.test", "a reason", 0, &id, &proposal),
			0);
	CU_ASSERT_EQUAL(proposal_approve(g.f.s, &g.f.e, &ben, proposal, NULL), 0);
	activate();
	for (unsigned i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
		json_t *r = asked(questions[i].subject);
		bool good =
		    says(r, "verdict", questions[i].verdict) && says(r, "rule.line", questions[i].line) &&
		    says(r, "rule.kind", questions[i].kind) && says(r, "actions", questions[i].actions) &&
		    says(r, "canonical", questions[i].canonical);
		if (!good)
			printf("# of %s\n", questions[i].subject);
		CU_ASSERT(good);
		json_decref(r);
	}
	close_world();
}

static void test_why_names_order_list_and_exception(void)
{
	int64_t id, proposal;
	open_world();
	give("court", NULL, NULL, COURT);
	CU_ASSERT_EQUAL(exception_add(g.f.s, &g.f.e, &ana, "ok.blocked.test", "a reason", 0, &id, &proposal),
			0);
	CU_ASSERT_EQUAL(proposal_approve(g.f.s, &g.f.e, &ben, proposal, NULL), 0);
	activate();
	json_t *r = asked("ok.blocked.test");
	CU_ASSERT(says(r, "rule.list", "\"court\"") && says(r, "rule.entry", "\"blocked.test\""));
	CU_ASSERT(says(r, "exception.list", "\"exceptions\"") &&
		  says(r, "exception.entry", "\"ok.blocked.test\""));
	CU_ASSERT(says(r, "order.reference", "\"1196\"") && says(r, "order.order", "1"));
	CU_ASSERT(says(r, "order.appeal", "\"appeals@authority.test\"") && says(r, "version", "1"));
	json_decref(r);
	close_world();
}

static void test_why_never_names_an_entry_of_a_confidential_list(void)
{
	open_world();
	give("secret", "confidential", json_true(), "4\tsecret.test\n");
	activate();
	json_t *r = asked("a.secret.test");
	CU_ASSERT(says(r, "verdict", "\"blocked\"") && says(r, "rule.line", "4") &&
		  says(r, "rule.entry", "absent"));
	json_decref(r);
	close_world();
}

static void test_why_tells_shadow_mode(void)
{
	open_world();
	give("shade", "mode", json_string("shadow"), "1\tshade.test\n");
	activate();
	json_t *r = asked("shade.test");
	CU_ASSERT(says(r, "verdict", "\"shadow\""));
	CU_ASSERT(holds(r, "actions", "\"tls\":\"count\""));
	json_decref(r);
	close_world();
}

static void test_why_says_that_https_hides_a_url(void)
{
	open_world();
	give("court", NULL, NULL, COURT);
	activate();
	json_t *r = asked("https://pages.test/bad");
	CU_ASSERT(holds(r, "notes", "enforced on plain HTTP only"));
	CU_ASSERT(holds(r, "judged_as", "the name alone"));
	json_decref(r);
	r = asked("https://blocked.test/bad");
	CU_ASSERT(holds(r, "notes", "enforced for HTTP, TLS, QUIC and DNS"));
	json_decref(r);
	close_world();
}

static void test_why_finds_what_a_stop_lets_pass(void)
{
	int64_t stop;
	open_world();
	int64_t order = give("court", NULL, NULL, COURT);
	give("other", NULL, NULL, "1\tother.test\n");
	activate();
	CU_ASSERT_EQUAL(stop_add(g.f.s, &g.f.e, &ana, STOP_ORDER, order, "too wide", 3600, &stop), 0);
	activate();
	json_t *r = asked("blocked.test");
	CU_ASSERT(says(r, "verdict", "\"stopped\"") && says(r, "rule.list", "\"court\"") &&
		  says(r, "version", "2"));
	CU_ASSERT(holds(r, "stops", "stop 1 of order") && holds(r, "stops", "too wide"));
	json_decref(r);
	r = asked("other.test");
	CU_ASSERT(says(r, "verdict", "\"blocked\"") && says(r, "stops", "[]"));
	json_decref(r);
	r = asked("free.test");
	CU_ASSERT(says(r, "verdict", "\"passes\"") && says(r, "stops", "[]") && says(r, "rule", "null"));
	json_decref(r);
	CU_ASSERT_EQUAL(stop_end(g.f.s, &g.f.e, &ana, stop, "over"), 0);
	activate();
	r = asked("blocked.test");
	CU_ASSERT(says(r, "verdict", "\"blocked\""));
	json_decref(r);
	close_world();
}

static void test_why_says_that_an_earlier_version_is_gone(void)
{
	int64_t stop;
	char path[128];
	open_world();
	give("court", NULL, NULL, COURT);
	activate();
	engine_path(NULL, "version-1", path, sizeof(path));
	CU_ASSERT_EQUAL(stop_add(g.f.s, &g.f.e, &ana, STOP_ALL, 0, "too wide", 3600, &stop), 0);
	ruleset_free(g.rules);
	g.rules = NULL;
	CU_ASSERT_EQUAL(unlink(path), 0);
	json_t *r = asked("blocked.test");
	CU_ASSERT(says(r, "verdict", "\"passes\"") && holds(r, "notes", "cannot be told"));
	json_decref(r);
	close_world();
}

static void test_why_without_a_version_says_so(void)
{
	open_world();
	json_t *r = asked("name.test");
	CU_ASSERT(says(r, "verdict", "\"passes\"") && says(r, "version", "null") &&
		  holds(r, "notes", "nothing is enforced"));
	json_decref(r);
	close_world();
}

static void test_why_says_that_a_compile_is_not_done(void)
{
	open_world();
	give("court", NULL, NULL, COURT);
	activate();
	json_t *r = asked("blocked.test");
	CU_ASSERT_EQUAL(json_array_size(json_object_get(r, "notes")), 1);
	json_decref(r);
	g.pending = "a plan is being compiled";
	r = asked("blocked.test");
	CU_ASSERT(holds(r, "notes", "not enforced yet: a plan is being compiled"));
	json_decref(r);
	close_world();
}

static void test_why_refuses_what_is_no_subject(void)
{
	json_t *r = NULL;
	open_world();
	CU_ASSERT_EQUAL(why(&g.call, "", &r, &g.f.e), -EINVAL);
	CU_ASSERT_EQUAL(why(&g.call, "a b", &r, &g.f.e), -EINVAL);
	CU_ASSERT(!strncmp(g.f.e.text, "subject: ", 9));
	CU_ASSERT_EQUAL(why(&g.call, "ftp://name.test/", &r, &g.f.e), -EINVAL);
	g.broken = "version-1: changed on disk";
	CU_ASSERT_EQUAL(why(&g.call, "name.test", &r, &g.f.e), -EIO);
	CU_ASSERT_PTR_NOT_NULL(strstr(g.f.e.text, "changed on disk"));
	CU_ASSERT_PTR_NULL(r);
	close_world();
}

static const struct test tests[] = {
    TEST(test_why_says_verdict_rule_and_actions),
    TEST(test_why_names_order_list_and_exception),
    TEST(test_why_never_names_an_entry_of_a_confidential_list),
    TEST(test_why_tells_shadow_mode),
    TEST(test_why_says_that_https_hides_a_url),
    TEST(test_why_finds_what_a_stop_lets_pass),
    TEST(test_why_says_that_an_earlier_version_is_gone),
    TEST(test_why_without_a_version_says_so),
    TEST(test_why_says_that_a_compile_is_not_done),
    TEST(test_why_refuses_what_is_no_subject),
};

HARNESS_MAIN("why", tests)
