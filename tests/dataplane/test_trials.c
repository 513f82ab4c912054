/* SPDX-License-Identifier: BSD-3-Clause */
/* Real workers are asked what they would do: every one answers by its own ruleset, and nothing else is seen of it. */
#include <errno.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dataplane/dpdk/trials.h"
#include "tests/dataplane/bench.h"
#include "tests/unit/frames.h"

enum { LEFT, RIGHT };

static struct bench b;
static struct trials *t;
static uint8_t buffer[65536];

static void load(const char *name)
{
	bench_ruleset(bench_file("trials.roja"), name);
	CU_ASSERT_EQUAL(generations_load(&b.generations, bench_file("trials.roja"), 0, &b.e), 0);
}

static void open_two(enum config_mode mode)
{
	bench_open(&b, &(struct bench_options){.workers = 2, .queues = 2, .spread = true, .mode = mode});
	load("listed.example");
}

static void close_all(void)
{
	bench_stop(&b);
	trials_free(t);
	t = NULL;
	bench_close(&b);
}

static const struct {
	enum try_proto proto;
	const char *text;
	bool hits;
} rows[] = {
    {TRY_TLS, "listed.example", true},
    {TRY_TLS, "www.listed.example", true},
    {TRY_QUIC, "listed.example", true},
    {TRY_HTTP, "listed.example/", true},
    {TRY_DNS, "a.listed.example", true},
    {TRY_TLS, "zq7listed.example", false},
    {TRY_QUIC, "example", false},
    {TRY_HTTP, "zq7listed.example/", false},
    {TRY_DNS, "zq7listed.example", false},
    {TRY_DNS_TCP, "listed.example", true},
    {TRY_DNS_TCP, "zq7listed.example", false},
    {TRY_IP, "203.0.113.9", false},
};
#define ROWS (sizeof(rows) / sizeof(*rows))

static int ask(unsigned n)
{
	struct trial_ask v[TRIAL_REQUESTS + 1];
	for (unsigned i = 0; i < n; i++)
		v[i] =
		    (struct trial_ask){rows[i % ROWS].proto,
				       {(const uint8_t *)rows[i % ROWS].text, strlen(rows[i % ROWS].text)}};
	return trials_run(&t, &b.workers, v, n, &b.e);
}

/* How many answers of all workers are other than the rows say. */
static unsigned wrong(unsigned n, uint64_t version, bool dropped)
{
	unsigned bad = 0;
	for (unsigned w = 0; w < b.workers.n; w++) {
		const struct trial_answers *a = &t->job.by_worker[w];
		bad += !a->whole || a->version != version ||
		       memcmp(a->digest, ruleset_digest(atomic_load(&b.generations.current)->rules), 32);
		for (unsigned i = 0; i < n; i++) {
			const struct trial_answer *one = &a->v[i];
			bool hits = rows[i % ROWS].hits;
			bad +=
			    one->outcome != (hits ? TRIAL_HIT : TRIAL_PASS) ||
			    one->dropped != (hits && dropped) ||
			    (hits && (one->proto != try_protos[rows[i % ROWS].proto].hit || one->line != 3));
		}
	}
	return bad;
}

static uint64_t put_events(void)
{
	uint64_t n = 0;
	for (unsigned i = 0; i <= b.workers.n; i++) {
		struct events_counts c;
		events_producer_counts(b.events, i, &c);
		n += c.put + c.lost;
	}
	return n;
}

static void test_trials_are_answered_by_every_worker_and_leave_no_trace(void)
{
	struct counters before[2];
	open_two(CONFIG_MODE_INLINE);
	for (unsigned w = 0; w < 2; w++)
		before[w] = *worker_counters(b.workers.v[w]);
	uint64_t events = put_events();
	for (unsigned turn = 0; turn < 20; turn++) {
		CU_ASSERT_EQUAL(ask(TRIAL_REQUESTS), 0);
		CU_ASSERT_EQUAL(wrong(TRIAL_REQUESTS, 1, true), 0u);
	}
	bench_stop(&b);
	CU_ASSERT_EQUAL(put_events(), events);
	CU_ASSERT_EQUAL(BENCH_SUM(&b, hits) + BENCH_SUM(&b, hits_lost) + BENCH_SUM(&b, answers) +
			    BENCH_SUM(&b, judged_packets) + BENCH_SUM(&b, tx_packets) +
			    BENCH_SUM(&b, rx_packets) + BENCH_SUM(&b, stalls),
			0);
	for (unsigned w = 0; w < 2; w++) {
		CU_ASSERT_EQUAL(memcmp(&before[w], worker_counters(b.workers.v[w]), sizeof(before[w])), 0);
		CU_ASSERT_EQUAL(worker_flows(b.workers.v[w]), 0);
		for (unsigned port = 0; port < 2; port++)
			CU_ASSERT_EQUAL(bench_pull(&b, port, w, buffer, sizeof(buffer)), 0);
	}
	close_all();
}

static void test_trials_in_monitor_mode_say_that_nothing_is_dropped(void)
{
	open_two(CONFIG_MODE_MONITOR);
	CU_ASSERT_EQUAL(ask(ROWS), 0);
	CU_ASSERT_EQUAL(wrong(ROWS, 1, false), 0u);
	CU_ASSERT_EQUAL(t->job.by_worker[1].v[0].action, ACTION_COUNT);
	close_all();
}

static void test_trials_follow_the_ruleset(void)
{
	open_two(CONFIG_MODE_INLINE);
	CU_ASSERT_EQUAL(ask(ROWS), 0);
	load("other.example");
	CU_ASSERT_EQUAL(ask(ROWS), 0);
	for (unsigned w = 0; w < 2; w++) {
		CU_ASSERT_EQUAL(t->job.by_worker[w].version, 2);
		for (unsigned i = 0; i < ROWS; i++)
			CU_ASSERT_EQUAL(t->job.by_worker[w].v[i].outcome, TRIAL_PASS);
	}
	load("listed.example");
	CU_ASSERT_EQUAL(ask(ROWS), 0);
	CU_ASSERT_EQUAL(wrong(ROWS, 3, true), 0u);
	close_all();
}

static void test_trials_without_a_ruleset_say_so(void)
{
	bench_open(&b, &(struct bench_options){0});
	CU_ASSERT_EQUAL(ask(ROWS), 0);
	CU_ASSERT_TRUE(t->job.by_worker[0].whole);
	CU_ASSERT_EQUAL(t->job.by_worker[0].version, 0);
	CU_ASSERT_EQUAL(t->job.by_worker[0].v[0].outcome, TRIAL_UNJUDGED);
	close_all();
}

static void test_trials_refuse_a_bad_one_by_its_number(void)
{
	const char *bad = "secret..example";
	struct trial_ask v[2] = {{TRY_TLS, {(const uint8_t *)"a.example", 9}},
				 {TRY_DNS, {(const uint8_t *)bad, strlen(bad)}}};
	open_two(CONFIG_MODE_INLINE);
	CU_ASSERT_EQUAL(trials_run(&t, &b.workers, v, 2, &b.e), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.e.text, "number 1, dns"));
	CU_ASSERT_PTR_NULL(strstr(b.e.text, "secret"));
	CU_ASSERT_EQUAL(ask(TRIAL_REQUESTS + 1), -ENOSPC);
	CU_ASSERT_EQUAL(ask(ROWS), 0);
	CU_ASSERT_EQUAL(wrong(ROWS, 1, true), 0u);
	close_all();
}

/* Frames of other flows come and go meanwhile, and each leaves. */
static void test_trials_do_not_lose_a_frame_of_the_wire(void)
{
	unsigned pushed = 0, came = 0, bad = 0;
	open_two(CONFIG_MODE_INLINE);
	for (unsigned turn = 0; turn < 50; turn++) {
		for (unsigned i = 0; i < 64; i++) {
			struct frame f = frame_udp((uint16_t)(2000 + i), 6000, false, "wire", 4);
			pushed += bench_push(&b, LEFT, i & 1, f.bytes, f.len, 1);
		}
		CU_ASSERT_EQUAL(ask(ROWS), 0);
		bad += wrong(ROWS, 1, true);
		for (unsigned q = 0; q < 2; q++)
			while (bench_pull(&b, RIGHT, q, buffer, sizeof(buffer)))
				came++;
	}
	bench_stop(&b);
	for (unsigned q = 0; q < 2; q++)
		while (bench_pull(&b, RIGHT, q, buffer, sizeof(buffer)))
			came++;
	CU_ASSERT_EQUAL(bad, 0u);
	CU_ASSERT_EQUAL(came, pushed);
	CU_ASSERT_EQUAL(BENCH_SUM(&b, stalls), 0);
	close_all();
}

static _Atomic bool hang;

static void hang_here(struct rte_mbuf *m)
{
	(void)m;
	while (atomic_load(&hang))
		usleep(100);
}

static void test_trials_leave_out_a_worker_that_hangs(void)
{
	bench_open(&b, &(struct bench_options){.workers = 2, .queues = 2, .heartbeat_ms = 100});
	load("listed.example");
	atomic_store(&hang, true);
	bench_hook(LEFT, 1, hang_here);
	struct frame f = frame_udp(2000, 6000, false, "wire", 4);
	CU_ASSERT_TRUE(bench_push(&b, LEFT, 1, f.bytes, f.len, 1));
	while (bench_left(&b))
		usleep(100);
	CU_ASSERT_EQUAL(ask(ROWS), 0); /* at once, or after it was waited for */
	CU_ASSERT_TRUE(t->job.by_worker[0].whole);
	CU_ASSERT_FALSE(t->job.by_worker[1].whole);
	atomic_store(&hang, false);
	while (ask(ROWS) || !t->job.by_worker[1].whole)
		usleep(1000);
	CU_ASSERT_EQUAL(wrong(ROWS, 1, true), 0u);
	close_all();
}

static const struct test tests[] = {
    TEST(test_trials_are_answered_by_every_worker_and_leave_no_trace),
    TEST(test_trials_in_monitor_mode_say_that_nothing_is_dropped),
    TEST(test_trials_follow_the_ruleset),
    TEST(test_trials_without_a_ruleset_say_so),
    TEST(test_trials_refuse_a_bad_one_by_its_number),
    TEST(test_trials_do_not_lose_a_frame_of_the_wire),
    TEST(test_trials_leave_out_a_worker_that_hangs),
};

HARNESS_MAIN("trials", tests)
