/* SPDX-License-Identifier: BSD-3-Clause */
/* The prober against a data plane's real control socket, methods, frames and pipelines; two of these stand for its workers. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/probe/prober.h"
#include "dataplane/core/trial.h"
#include "dataplane/dpdk/control_socket.h"
#include "rules/page.h"
#include "tests/unit/ruleset_fixture.h"
#include "tests/unit/safety_fixture.h"

#define WORKERS 2

static struct safety_fixture f;
static struct {
	uv_loop_t loop;
	uv_async_t end;
	pthread_t thread;
	struct control_socket *socket;
	struct dataplane_view view;
	struct trial_batch *batch;
	struct page_set *pages;
	struct pipeline *pipelines[WORKERS];
	struct ruleset_scratch *scratch[WORKERS];
	const struct ruleset *rulesets[WORKERS];
	struct trial_answer answers[WORKERS][TRIAL_REQUESTS];
	unsigned calls, hung; /* hung: this worker's number + 1; 0: none hangs */
	unsigned blind;	      /* the last worker sees nothing in this enum try_proto - 1 */
	const char *mode;
	char path[96];
} plane;

static void snapshot(void *ctx, struct view_snapshot *ret)
{
	(void)ctx;
	memset(ret, 0, sizeof(*ret));
	ret->instance = "test";
	ret->mode = plane.mode;
	ret->fail = "open";
}

static int probe(void *ctx, const struct trial_ask *v, unsigned n, struct view_probe *ret, struct err *e)
{
	(void)ctx;
	plane.calls++;
	trial_reset(plane.batch, plane.rulesets[0]);
	for (unsigned i = 0; i < n; i++) {
		int err = trial_add(plane.batch, v[i].proto, v[i].text, e);
		if (err)
			return err;
	}
	*ret = (struct view_probe){.n_workers = WORKERS};
	for (unsigned w = 0; w < WORKERS; w++) {
		for (unsigned i = 0; i < n; i++)
			trial_judge(plane.pipelines[w], plane.batch, i, plane.calls, &plane.answers[w][i]);
		for (unsigned i = 0; i < n; i++)
			if (w + 1 == WORKERS && plane.blind == v[i].proto + 1u)
				plane.answers[w][i] = (struct trial_answer){.outcome = TRIAL_PASS};
		ret->workers[w].answered = plane.hung != w + 1;
		ret->workers[w].version = 7;
		ret->workers[w].digest = ruleset_digest(plane.rulesets[w]);
		ret->workers[w].answers = plane.answers[w];
	}
	return 0;
}

static void on_end(uv_async_t *a)
{
	control_socket_close(plane.socket);
	uv_close((uv_handle_t *)a, NULL);
}

static void *serve(void *none)
{
	(void)none;
	uv_run(&plane.loop, UV_RUN_DEFAULT);
	return NULL;
}

/* Worker w judges by these rules from now on. */
static void set_rules(unsigned w, const struct ruleset *rs)
{
	ruleset_scratch_free(plane.scratch[w]);
	CU_ASSERT_EQUAL_FATAL(ruleset_scratch_new(rs, &plane.scratch[w], &f.e), 0);
	plane.rulesets[w] = rs;
	pipeline_set_ruleset(plane.pipelines[w], rs, plane.scratch[w]);
}

static void plane_open(const char *mode)
{
	struct pipeline_config cfg = pipeline_config_default;
	memset(&plane, 0, sizeof(plane));
	plane.mode = mode;
	snprintf(plane.path, sizeof(plane.path), "%s/dataplane.sock", f.folder);
	CU_ASSERT_EQUAL_FATAL(page_set_new(NULL, &plane.pages, &f.e), 0);
	CU_ASSERT_EQUAL_FATAL(trial_batch_new(&plane.batch, &f.e), 0);
	cfg.pages = plane.pages;
	cfg.monitor = !strcmp(mode, "monitor");
	for (unsigned w = 0; w < WORKERS; w++) {
		CU_ASSERT_EQUAL_FATAL(trial_pipeline_new(&cfg, &plane.pipelines[w], &f.e), 0);
		set_rules(w, f.rs);
	}
	plane.view = (struct dataplane_view){.snapshot = snapshot, .probe = probe};
	uv_loop_init(&plane.loop);
	uv_async_init(&plane.loop, &plane.end, on_end);
	CU_ASSERT_EQUAL_FATAL(control_socket_open(&plane.loop, plane.path, &plane.view, &plane.socket, &f.e),
			      0);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&plane.thread, NULL, serve, NULL), 0);
}

static void plane_close(void)
{
	uv_async_send(&plane.end);
	pthread_join(plane.thread, NULL);
	uv_loop_close(&plane.loop);
	for (unsigned w = 0; w < WORKERS; w++) {
		pipeline_free(plane.pipelines[w]);
		ruleset_scratch_free(plane.scratch[w]);
	}
	trial_batch_free(plane.batch);
	page_set_free(plane.pages);
}

/* Lists of orders 1, 2 ... in force, a data plane that judges by them. */
static struct prober_list lists[FIXTURE_FILES];
static unsigned n_lists;

static void open_lists(const char *const *texts, unsigned n, const uint32_t *skipped, unsigned n_skipped,
		       const char *mode)
{
	static const enum action blocks[HIT_PROTOS_N] = {ACTION_ALERT, ACTION_CLOSE, ACTION_PAGE,
							 ACTION_NXDOMAIN, ACTION_ICMP};
	safety_open(&f);
	safety_compile(&f, texts, n, skipped, n_skipped);
	n_lists = n;
	for (unsigned i = 0; i < n; i++) {
		lists[i] = (struct prober_list){.order = i + 1, .path = safety_write(&f, texts[i])};
		memcpy(lists[i].actions, blocks, sizeof(blocks));
	}
	lists[0].skipped = skipped;
	lists[0].n_skipped = n_skipped;
	plane_open(mode);
}

static void close_lists(struct prober_result *r)
{
	prober_result_free(r);
	plane_close();
	safety_close(&f);
}

static atomic_bool aborted;

static int run(struct prober_result *ret)
{
	const struct prober_node nodes[] = {{"left", plane.path}};
	struct prober_request q = {.lists = lists,
				   .n_lists = n_lists,
				   .nodes = nodes,
				   .n_nodes = 1,
				   .key = &f.key,
				   .abort = &aborted};
	memcpy(q.digest, ruleset_digest(f.rs), sizeof(q.digest));
	return prober_run(&q, ret, &f.e);
}

static const struct prober_tally *tally(const struct prober_result *r, unsigned order)
{
	CU_ASSERT_FATAL(order < r->n_orders && r->nodes[0].answered);
	return &r->nodes[0].orders[order];
}

static void check(const struct prober_tally *t, uint64_t enforced, uint64_t missed, uint64_t unenforceable,
		  uint64_t harmed)
{
	bool same = t->enforced == enforced && t->missed == missed && t->entries == enforced + missed &&
		    t->unenforceable == unenforceable && t->harmed == harmed;
	CU_ASSERT_TRUE(same);
	if (!same)
		printf("# enforced %lu missed %lu unenforceable %lu neighbours %lu harmed %lu\n", t->enforced,
		       t->missed, t->unenforceable, t->neighbours, t->harmed);
}

static const char mixed[] = "name.test\n=host.test\n*.sub.test\nhttp://url.test/a?b=c\nport.test:8080/x\n"
			    "prefix.test/a/*\nglob.test/*/x.jpg\nads*.glob.test\n/^re\\.test\\/x[0-9]{3}$/\n"
			    "/needle/\n203.0.113.7\n203.0.113.128/25\n2001:db8:9::/64\nxn--bcher-kva.test\n"
			    "http://203.0.113.9/x\nhttps://url.test/secure\n!free.name.test\n";

static void test_prober_finds_every_entry_on_every_worker(void)
{
	struct prober_result r;
	char text[PROBER_TEXT_MAX];
	open_lists((const char *const[]){mixed}, 1, NULL, 0, "inline");
	CU_ASSERT_EQUAL_FATAL(run(&r), 0);
	check(tally(&r, 0), 15, 0, 1, 0);
	CU_ASSERT(tally(&r, 0)->neighbours > 20);
	CU_ASSERT(r.nodes[0].workers == WORKERS && r.nodes[0].version == 7 && !r.nodes[0].foreign);
	prober_text(&r.nodes[0], tally(&r, 0), text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "1 URLs on HTTPS"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "seen on plain HTTP alone"));
	CU_ASSERT_PTR_NULL(strstr(text, "test"));
	close_lists(&r);
}

static void test_prober_says_what_is_excepted_and_left_out(void)
{
	static const uint32_t skipped[] = {2};
	struct prober_result r;
	open_lists((const char *const[]){"name.test\nout.test\nfree.test\n", "!free.test\n=other.test\n"}, 2,
		   skipped, 1, "inline");
	CU_ASSERT_EQUAL_FATAL(run(&r), 0);
	check(tally(&r, 0), 1, 0, 2, 0);
	CU_ASSERT(tally(&r, 0)->remarks[PROBER_SKIPPED] == 1 && tally(&r, 0)->remarks[PROBER_EXCEPTED] == 1);
	check(tally(&r, 1), 1, 0, 0, 0);
	close_lists(&r);
}

/* A neighbour that another order covers is as it should be. */
static void test_prober_counts_as_harmed_only_what_no_entry_covers(void)
{
	struct prober_result r;
	open_lists((const char *const[]){"a.wide.test\n=zq7name.test\n198.51.100.7\nurl.test/x/y\n",
					 "wide.test\n=name.test\n198.51.100.0/24\nurl.test/*\n*.zq7n*.test\n"
					 "/^url\\.test\\/$/\n"},
		   2, NULL, 0, "inline");
	CU_ASSERT_EQUAL_FATAL(run(&r), 0);
	check(tally(&r, 0), 4, 0, 0, 0);
	check(tally(&r, 1), 6, 0, 0, 0);
	close_lists(&r);
}

/* The list says =name.test where the ruleset was made of name.test: what it blocks besides is harm. */
static void test_prober_finds_what_is_blocked_beyond_the_entry(void)
{
	struct prober_result r;
	open_lists((const char *const[]){"name.test\n203.0.113.0/24\nwide.test/*\n/^yy/\n"}, 1, NULL, 0,
		   "inline");
	lists[0].path = safety_write(&f, "=name.test\n203.0.113.16/28\nwide.test/page\n/needle/\n");
	CU_ASSERT_EQUAL_FATAL(run(&r), 0);
	/* zq7.name.test; the addresses before and behind; wide.test/, /pagezq7, /page?zq7, and wide.test itself where it is asked in HTTP;
	   the rule of line 4 finds no needle */
	CU_ASSERT(tally(&r, 0)->harmed >= 6 && tally(&r, 0)->harmed <= 7);
	CU_ASSERT(tally(&r, 0)->enforced == 3 && tally(&r, 0)->missed == 1);
	CU_ASSERT_EQUAL(tally(&r, 0)->missed_line, 4);
	close_lists(&r);
}

/* Each pattern of the list was made wider in the ruleset; the text that it finds itself is blocked by both. */
static void test_prober_finds_what_a_pattern_blocks_beyond_itself(void)
{
	static const struct {
		const char *list, *ruleset;
	} wider[] = {
	    {"ads*.glob.test\n", "*.glob.test\n"},
	    {"ads*.glob.test\n", "ads*.glob.*\n"},
	    {"*.all*.test\n", "*.test\n"},
	    {"glob.test/*/x.jpg\n", "glob.test/*\n"},
	    {"glob.test/*/x.jpg\n", "glob.test\n"},
	    {"glob.test/*/x.jpg\n", "/^glob\\.test\\/.*\\/x\\.jpg$/\n"},
	    {"/^re\\.test\\/x[0-9]{3}$/\n", "/^re\\.test\\/x[0-9]{3}/\n"},
	    {"/^re\\.test\\/x[0-9]{3}$/\n", "/re\\.test/\n"},
	    {"/needle/\n", "/needl/\n"},
	};
	struct prober_result r;
	for (unsigned i = 0; i < sizeof(wider) / sizeof(*wider); i++) {
		open_lists((const char *const[]){wider[i].ruleset}, 1, NULL, 0, "inline");
		lists[0].path = safety_write(&f, wider[i].list);
		CU_ASSERT_EQUAL_FATAL(run(&r), 0);
		CU_ASSERT_EQUAL(tally(&r, 0)->enforced, 1);
		CU_ASSERT(tally(&r, 0)->harmed > 0);
		if (!tally(&r, 0)->harmed)
			printf("# %s: nothing is harmed\n", wider[i].list);
		close_lists(&r);
	}
}

static void test_prober_harms_nothing_beside_patterns_as_they_are(void)
{
	struct prober_result r;
	open_lists((const char *const[]){"ads*.glob.test\n*.all*.test\nglob.test/*/x.jpg\nglob.test/deep/*x\n"
					 "/^re\\.test\\/x[0-9]{3}$/\n/needle/\n",
					 "/./\n"},
		   2, NULL, 0, "inline");
	lists[1].order = 1; /* what finds everything has no neighbour, and covers all that the others' are */
	CU_ASSERT_EQUAL_FATAL(run(&r), 0);
	check(tally(&r, 0), 7, 0, 0, 0);
	uint64_t of_all = tally(&r, 0)->neighbours;
	close_lists(&r);
	open_lists((const char *const[]){"ads*.glob.test\n*.all*.test\nglob.test/*/x.jpg\nglob.test/deep/*x\n"
					 "/^re\\.test\\/x[0-9]{3}$/\n/needle/\n"},
		   1, NULL, 0, "inline");
	CU_ASSERT_EQUAL_FATAL(run(&r), 0);
	check(tally(&r, 0), 6, 0, 0, 0);
	CU_ASSERT(tally(&r, 0)->neighbours > 24);
	CU_ASSERT_EQUAL(tally(&r, 0)->neighbours, of_all);
	close_lists(&r);
}

static void test_prober_finds_what_one_worker_lets_pass(void)
{
	struct prober_result r;
	struct fixture lacking;
	open_lists((const char *const[]){"name.test\nother.test\n203.0.113.7\n"}, 1, NULL, 0, "inline");
	fixture_open_one(&lacking, "name.test\n\n203.0.113.7\n");
	set_rules(1, lacking.rs);
	plane.rulesets[1] = f.rs; /* so it says */
	CU_ASSERT_EQUAL_FATAL(run(&r), 0);
	check(tally(&r, 0), 2, 1, 0, 0);
	CU_ASSERT(tally(&r, 0)->missed_line == 2 && tally(&r, 0)->missed_proto == TRY_TLS);
	close_lists(&r);
	fixture_close(&lacking);
}

/* Each protocol is asked in, and the one in which a name passes is named. */
static void test_prober_finds_the_protocol_in_which_one_passes(void)
{
	static const enum try_proto protos[] = {TRY_TLS, TRY_QUIC, TRY_DNS, TRY_DNS_TCP, TRY_HTTP};
	struct prober_result r;
	open_lists((const char *const[]){"name.test\nother.test\n"}, 1, NULL, 0, "inline");
	for (unsigned i = 0; i < sizeof(protos) / sizeof(*protos); i++) {
		plane.blind = protos[i] + 1u;
		CU_ASSERT_EQUAL_FATAL(run(&r), 0);
		check(tally(&r, 0), 0, 2, 0, 0);
		CU_ASSERT_EQUAL(tally(&r, 0)->missed_proto, (int)protos[i]);
		prober_result_free(&r);
	}
	plane.blind = 0;
	CU_ASSERT_EQUAL_FATAL(run(&r), 0);
	check(tally(&r, 0), 2, 0, 0, 0);
	close_lists(&r);
}

static void test_prober_finds_another_ruleset(void)
{
	struct prober_result r;
	char text[PROBER_TEXT_MAX];
	open_lists((const char *const[]){"name.test\nother.test\n"}, 1, NULL, 0, "inline");
	const struct prober_node nodes[] = {{"left", plane.path}};
	struct prober_request q = {
	    .lists = lists, .n_lists = 1, .nodes = nodes, .n_nodes = 1, .key = &f.key, .digest = {1}};
	CU_ASSERT_EQUAL_FATAL(prober_run(&q, &r, &f.e), 0);
	CU_ASSERT_TRUE(r.nodes[0].foreign);
	prober_text(&r.nodes[0], tally(&r, 0), text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "judged by another ruleset"));
	close_lists(&r);
}

static void test_prober_counts_a_hung_worker_as_one_that_lets_pass(void)
{
	struct prober_result r;
	open_lists((const char *const[]){"name.test\n"}, 1, NULL, 0, "inline");
	plane.hung = 2;
	CU_ASSERT_EQUAL_FATAL(run(&r), 0);
	CU_ASSERT_TRUE(r.nodes[0].hangs);
	check(tally(&r, 0), 0, 1, 0, 0);
	close_lists(&r);
}

static void test_prober_in_monitor_mode_and_shadow(void)
{
	struct prober_result r;
	open_lists((const char *const[]){"name.test\n203.0.113.7\n"}, 1, NULL, 0, "monitor");
	CU_ASSERT_EQUAL_FATAL(run(&r), 0);
	check(tally(&r, 0), 0, 0, 2, 0);
	CU_ASSERT_EQUAL(tally(&r, 0)->remarks[PROBER_MONITOR], 2);
	prober_result_free(&r);
	memset(lists[0].actions, 0, sizeof(lists[0].actions)); /* count */
	CU_ASSERT_EQUAL_FATAL(run(&r), 0);
	check(tally(&r, 0), 2, 0, 0, 0);
	CU_ASSERT_EQUAL(tally(&r, 0)->remarks[PROBER_COUNTED], 2);
	close_lists(&r);
}

static void test_prober_of_many_and_long_entries(void)
{
	size_t room = 4000000, at = 0;
	char *text = malloc(room), *big = malloc(8000);
	struct prober_result r;
	CU_ASSERT_FATAL(text && big);
	for (unsigned i = 0; i < 3000; i++)
		at += (size_t)sprintf(text + at, "n%u.test\nhttp://u%u.test/p?q=%u\n", i, i, i);
	memset(big, 'x', 7999);
	big[7999] = '\0';
	for (unsigned i = 0; i < 40; i++)
		at += (size_t)sprintf(text + at, "http://long%u.test/%s\n", i, big);
	open_lists((const char *const[]){text}, 1, NULL, 0, "inline");
	CU_ASSERT_EQUAL_FATAL(run(&r), 0);
	check(tally(&r, 0), 6040, 0, 0, 0);
	CU_ASSERT(plane.calls > 100);
	close_lists(&r);
	free(text);
	free(big);
}

static void test_prober_gives_up_when_it_is_told(void)
{
	struct prober_result r;
	open_lists((const char *const[]){"name.test\n"}, 1, NULL, 0, "inline");
	atomic_store(&aborted, true);
	CU_ASSERT_EQUAL(run(&r), -ECANCELED);
	atomic_store(&aborted, false);
	unlink(plane.path);
	CU_ASSERT_EQUAL_FATAL(run(&r), 0);
	CU_ASSERT_FALSE(r.nodes[0].answered);
	CU_ASSERT(r.nodes[0].why[0] != '\0');
	close_lists(&r);
}

static const struct test tests[] = {
    TEST(test_prober_finds_every_entry_on_every_worker),
    TEST(test_prober_says_what_is_excepted_and_left_out),
    TEST(test_prober_counts_as_harmed_only_what_no_entry_covers),
    TEST(test_prober_finds_what_is_blocked_beyond_the_entry),
    TEST(test_prober_finds_what_a_pattern_blocks_beyond_itself),
    TEST(test_prober_harms_nothing_beside_patterns_as_they_are),
    TEST(test_prober_finds_what_one_worker_lets_pass),
    TEST(test_prober_finds_the_protocol_in_which_one_passes),
    TEST(test_prober_finds_another_ruleset),
    TEST(test_prober_counts_a_hung_worker_as_one_that_lets_pass),
    TEST(test_prober_in_monitor_mode_and_shadow),
    TEST(test_prober_of_many_and_long_entries),
    TEST(test_prober_gives_up_when_it_is_told),
};

HARNESS_MAIN("prober", tests)
