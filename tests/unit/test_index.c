/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "control/audit/index_state.h"
#include "control/store/hits.h"
#include "tests/unit/leaves_fixture.h"
#include "tests/unit/store_fixture.h"

#define HOUR_NS (3600 * LEAVES_NS)

static struct fixture f;
static struct audit_index *x;

static void begin(void)
{
	fixture_open(&f);
	leaves_open(f.folder);
	CU_ASSERT_EQUAL_FATAL(index_open(f.folder, leaves.log, f.s, &x, &f.e), 0);
}

static void end(void)
{
	index_close(x);
	leaves_close();
	fixture_close(&f);
}

static void reopen(uint64_t applied)
{
	CU_ASSERT_EQUAL_FATAL(index_open(f.folder, leaves.log, f.s, &x, &f.e), 0);
	CU_ASSERT_EQUAL(index_applied(x), applied);
}

static void follow(uint64_t most)
{
	bool more = true;
	leaves_durable();
	while (more)
		CU_ASSERT_EQUAL_FATAL(index_follow(x, most, &more, &f.e), 0);
}

static json_t *ask(const struct index_query *q)
{
	json_t *rows = NULL;
	CU_ASSERT_EQUAL_FATAL(index_hits(x, q, &rows, &f.e), 0);
	return rows;
}

static size_t count(struct index_query q)
{
	q.limit = q.limit ? q.limit : 1000000;
	json_t *rows = ask(&q);
	size_t n = json_array_size(rows);
	json_decref(rows);
	return n;
}

static int64_t leaf_at(const json_t *rows, size_t i)
{
	return json_integer_value(json_object_get(json_array_get(rows, i), "leaf"));
}

/* Two nodes, three orders, and hits of them, `n` in all, a second apart. */
static void fill(unsigned n)
{
	leaves_source(1, "left");
	leaves_source(2, "right");
	leaves_order(1, "Court A", "gambling");
	leaves_order(2, "Court A", "csam");
	leaves_order(3, "Police B", "csam");
	for (unsigned i = 0; i < n; i++)
		leaves_hit(1 + i % 2, 1 + i % 3, 10 + i % 3, i % 5, i % 10, LEAVES_T0 + i * LEAVES_NS);
}

static void test_finds_by_each_part_of_a_question(void)
{
	begin();
	fill(3000);
	leaves_count("left", 2, 11, 7, LEAVES_T0 / LEAVES_NS / 60);
	follow(700);
	CU_ASSERT_EQUAL(index_applied(x), leaves.n);
	CU_ASSERT_EQUAL(count((struct index_query){0}), 3001);
	CU_ASSERT_EQUAL(count((struct index_query){.order = 1}), 1000);
	CU_ASSERT_EQUAL(count((struct index_query){.order = 9}), 0);
	CU_ASSERT_EQUAL(count((struct index_query){.authority = "Court A"}), 2001);
	CU_ASSERT_EQUAL(count((struct index_query){.category = "csam"}), 2001);
	CU_ASSERT_EQUAL(count((struct index_query){.category = "csam", .authority = "Police B"}), 1000);
	CU_ASSERT_EQUAL(count((struct index_query){.node = "right"}), 1500);
	CU_ASSERT_EQUAL(count((struct index_query){.node = "none"}), 0);
	CU_ASSERT_EQUAL(count((struct index_query){.action = "reset"}), 301);
	CU_ASSERT_EQUAL(count((struct index_query){.from_ns = (int64_t)(LEAVES_T0 + 100 * LEAVES_NS),
						   .to_ns = (int64_t)(LEAVES_T0 + 200 * LEAVES_NS)}),
			100);
	CU_ASSERT_EQUAL(count((struct index_query){.limit = 17}), 17);
	struct index_query bad = {.action = "no such", .limit = 1};
	json_t *rows = NULL;
	CU_ASSERT_EQUAL(index_hits(x, &bad, &rows, &f.e), -EINVAL);
	end();
}

static void test_pages_both_ways(void)
{
	begin();
	fill(2000);
	follow(100000);
	int64_t seen = 0, at = 0;
	for (;;) {
		json_t *rows = ask(&(struct index_query){.order = 2, .after = (uint64_t)at, .limit = 77});
		size_t n = json_array_size(rows);
		for (size_t i = 0; i < n; i++) {
			CU_ASSERT(leaf_at(rows, i) > at);
			at = leaf_at(rows, i);
		}
		seen += (int64_t)n;
		json_decref(rows);
		if (!n)
			break;
	}
	CU_ASSERT_EQUAL(seen, 667);
	int64_t before = 0, back = 0;
	for (;;) {
		json_t *rows = ask(
		    &(struct index_query){.order = 2, .after = (uint64_t)before, .last = true, .limit = 50});
		size_t n = json_array_size(rows);
		for (size_t i = 1; i < n; i++)
			CU_ASSERT(leaf_at(rows, i) > leaf_at(rows, i - 1));
		if (n) {
			CU_ASSERT(!before || leaf_at(rows, n - 1) < before);
			CU_ASSERT(before || leaf_at(rows, n - 1) == at);
			before = leaf_at(rows, 0);
		}
		back += (int64_t)n;
		json_decref(rows);
		if (!n)
			break;
	}
	CU_ASSERT_EQUAL(back, 667);
	end();
}

static void test_a_row_is_the_leaf(void)
{
	begin();
	leaves_source(4, "left");
	uint64_t leaf = leaves_hit(4, 7, 8, 9, 0xab, LEAVES_T0);
	follow(1000);
	json_t *rows = ask(&(struct index_query){.limit = 10}), *row = json_array_get(rows, 0);
	CU_ASSERT_EQUAL(leaf_at(rows, 0), (int64_t)leaf);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(row, "node")), "left");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(row, "rule")), "00000000000000ab");
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(row, "line")), 9);
	json_decref(rows);
	end();
}

static void test_blocks_and_restarts_lose_nothing(void)
{
	begin();
	fill(70000); /* more than a block, of which the last bundle is not full */
	follow(65000);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM audit.blocks"), 2);
	for (int i = 0; i < 3; i++) {
		index_close(x);
		CU_ASSERT_EQUAL_FATAL(index_open(f.folder, leaves.log, f.s, &x, &f.e), 0);
		for (unsigned j = 0; j < 100; j++)
			leaves_hit(1, 1, 10, 1, 1, LEAVES_T0);
		follow(30);
	}
	CU_ASSERT_EQUAL(
	    fixture_count(&f,
			  "SELECT sum(n) FROM audit.postings JOIN audit.scopes ON id = scope WHERE kind = 5"),
	    70300);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT sum(n) FROM audit.hit_counts"), 70300);
	CU_ASSERT_EQUAL(count((struct index_query){0}), 70300);
	CU_ASSERT_EQUAL(count((struct index_query){.order = 1}), 23334 + 300);
	CU_ASSERT_EQUAL(count((struct index_query){.order = 1, .last = true, .limit = 5}), 5);
	end();
}

static void test_counts_by_hour(void)
{
	begin();
	uint64_t t0 = LEAVES_T0 / HOUR_NS * HOUR_NS;
	leaves_source(1, "left");
	for (unsigned i = 0; i < 10; i++)
		leaves_hit(1, 5, 6, 1, 1, t0 + i * HOUR_NS / 4);
	leaves_count("right", 5, 6, 40, (t0 + HOUR_NS) / LEAVES_NS / 60);
	follow(3);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM audit.hit_counts"), 3);
	CU_ASSERT_EQUAL(
	    fixture_count(&f, "SELECT max(n) FROM audit.hit_counts WHERE order_id = 5 AND protocol = 'tls'"
			      " AND action = 'reset'"),
	    44);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT min(hour) FROM audit.hit_counts"),
			(int64_t)(t0 / LEAVES_NS));
	end();
}

static void test_last_hit_of_a_rule(void)
{
	int64_t order = 0, list = 0, line = 0;
	begin();
	leaves_source(1, "left");
	leaves_hit(1, 5, 6, 7, 0xffeeddccbbaa9988, LEAVES_T0);
	leaves_hit(1, 0, 0, 7, 0x11, LEAVES_T0);
	follow(100);
	CU_ASSERT_EQUAL(index_rule(x, "ffeeddccbbaa9988", &order, &list, &line, &f.e), 0);
	CU_ASSERT(order == 5 && list == 6 && line == 7);
	order = list = line = 0;
	CU_ASSERT_EQUAL(hits_rule(f.s, &f.e, "ffeeddccbbaa9988", &order, &list, &line), 0);
	CU_ASSERT(order == 5 && list == 6 && line == 7);
	CU_ASSERT_EQUAL(hits_rule(f.s, &f.e, "00000000000000ff", &order, &list, &line), -ENOENT);
	CU_ASSERT_EQUAL(index_rule(x, "0000000000000011", &order, &list, &line, &f.e), -ENOENT);
	CU_ASSERT_EQUAL(index_rule(x, "", &order, &list, &line, &f.e), -ENOENT);
	leaves_hit(1, 5, 6, 8, 0xffeeddccbbaa9988, LEAVES_T0);
	follow(100);
	CU_ASSERT_EQUAL(index_rule(x, "ffeeddccbbaa9988", &order, &list, &line, &f.e), 0);
	CU_ASSERT_EQUAL(line, 8);
	end();
}

static void test_outages_orders_gaps(void)
{
	begin();
	leaves_source(1, "left");
	leaves_order(1, "Court A", "gambling");
	leaves_outage(1, LEAVES_T0, LEAVES_T0 + 5 * LEAVES_NS, 12);
	leaves_gap(1, 10, 19);
	follow(100);
	CU_ASSERT_EQUAL(
	    fixture_count(&f,
			  "SELECT (ended_ns - began_ns) / 1000000000 FROM audit.outages"
			  " WHERE dataplane = 'left' AND reason = 'stall' AND frames = 12 AND closed = 0"),
	    5);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT last - first + 1 FROM audit.gaps WHERE dataplane = 'left'"),
			10);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM audit.orders WHERE authority = 'Court A'"),
			1);
	end();
}

static void spoil(const char *name, off_t at)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", f.folder, name);
	int fd = open(path, O_WRONLY);
	CU_ASSERT_FATAL(fd >= 0);
	for (int i = 0; i < 64; i++)
		CU_ASSERT_EQUAL(pwrite(fd, "\xff\x00\xaa\x55", 4, at + i * 4), 4);
	close(fd);
}

static void test_damaged_is_built_anew(void)
{
	begin();
	fill(5000);
	follow(100000);
	for (int i = 0; i < 3; i++) {
		static const off_t places[] = {0, 100, 4096 * 3};
		index_close(x);
		spoil("index.db", places[i]);
		reopen(0);
		follow(100000);
		CU_ASSERT_EQUAL(count((struct index_query){.order = 3}), 1666);
		CU_ASSERT_EQUAL(fixture_count(&f, "SELECT sum(n) FROM audit.hit_counts"), 5000);
	}
	end();
}

static void test_ahead_of_the_log_is_built_anew(void)
{
	begin();
	fill(5000);
	follow(100000);
	index_close(x);
	leaves_cut(3000);
	CU_ASSERT_EQUAL_FATAL(index_open(f.folder, leaves.log, f.s, &x, &f.e), 0);
	follow(100000);
	CU_ASSERT_EQUAL(count((struct index_query){0}), 3000 - 5);
	end();
}

static void test_reset_keeps_counts_of_removed_bodies(void)
{
	begin();
	fill(5000);
	follow(100000);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT sum(n) FROM audit.hit_counts"), 5000);
	leaves_prune(5, 1000);
	CU_ASSERT_EQUAL(index_reset(x, &f.e), 0);
	CU_ASSERT_EQUAL(index_applied(x), 0);
	leaves_hit(1, 1, 10, 0, 0, LEAVES_T0 + 10 * HOUR_NS);
	follow(300);
	CU_ASSERT_EQUAL(count((struct index_query){0}), 4001);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT sum(n) FROM audit.hit_counts"), 5001);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM audit.counts_before"), 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT sum(n) FROM audit.totals"), 5000);
	end();
}

/* A copy of the files as they are while it is open, in their place after another start of the machine. */
static void test_open_when_the_machine_went_down_is_built_anew(void)
{
	char command[400], boots[100];
	const char *was = index_boot_path;
	begin();
	fill(5000);
	follow(100000);
	snprintf(boots, sizeof(boots), "%s/boot", f.folder);
	snprintf(command, sizeof(command),
		 "cd %s && mkdir copy && cp -a index.db* copy/ && echo other > boot", f.folder);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
	index_close(x);
	index_boot_path = boots;
	reopen(5005); /* it was closed */
	index_close(x);
	snprintf(command, sizeof(command), "cd %s && rm -f index.db* && mv copy/* .", f.folder);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
	reopen(0);
	follow(100000);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT sum(n) FROM audit.hit_counts"), 5000);
	end();
	index_boot_path = was;
}

/* A death while the old file was set aside, without the new one and with a beginning of it. */
static void test_a_renewal_that_a_death_cut_off_loses_no_counts(void)
{
	static const char *const left[] = {"true", "touch index.db", "echo x > index.db-wal"};
	char command[200];
	for (unsigned i = 0; i < sizeof(left) / sizeof(*left); i++) {
		begin();
		fill(5000);
		follow(100000);
		leaves_prune(5, 1000);
		index_close(x);
		snprintf(command, sizeof(command), "cd %s && mv index.db index.db.old && %s", f.folder,
			 left[i]);
		CU_ASSERT_EQUAL_FATAL(system(command), 0);
		reopen(0);
		follow(100000);
		CU_ASSERT_EQUAL(count((struct index_query){0}), 4000);
		CU_ASSERT_EQUAL(fixture_count(&f, "SELECT sum(n) FROM audit.hit_counts"), 5000);
		end();
	}
}

/* No room for a new file: the old one's counts stay, and it is made anew once there is room. */
static void test_renewed_on_a_full_disk_later(void)
{
	bool more;
	struct rlimit was, none;
	begin();
	fill(5000);
	follow(100000);
	leaves_prune(5, 1000);
	getrlimit(RLIMIT_FSIZE, &was);
	none = (struct rlimit){512, was.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &none);
	CU_ASSERT(index_reset(x, &f.e) < 0);
	CU_ASSERT(index_follow(x, 100, &more, &f.e) < 0);
	CU_ASSERT(more);
	setrlimit(RLIMIT_FSIZE, &was);
	follow(100000);
	CU_ASSERT_EQUAL(count((struct index_query){0}), 4000);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT sum(n) FROM audit.hit_counts"), 5000);
	end();
}

static void test_a_store_that_acts_sees_and_delays_nothing(void)
{
	begin();
	fill(100);
	CU_ASSERT_EQUAL(store_begin(f.s, &f.e), 0);
	follow(100);
	CU_ASSERT_EQUAL(store_run(f.s, &f.e, "INSERT INTO state(name, value) VALUES('a', x'62')", ""), 0);
	CU_ASSERT_EQUAL(store_commit(f.s, &f.e), 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT sum(n) FROM audit.hit_counts"), 100);
	CU_ASSERT(store_run(f.s, &f.e, "DELETE FROM audit.hit_counts", "") < 0);
	end();
}

static const struct test tests[] = {
    TEST(test_finds_by_each_part_of_a_question),
    TEST(test_pages_both_ways),
    TEST(test_a_row_is_the_leaf),
    TEST(test_blocks_and_restarts_lose_nothing),
    TEST(test_counts_by_hour),
    TEST(test_last_hit_of_a_rule),
    TEST(test_outages_orders_gaps),
    TEST(test_damaged_is_built_anew),
    TEST(test_ahead_of_the_log_is_built_anew),
    TEST(test_reset_keeps_counts_of_removed_bodies),
    TEST(test_open_when_the_machine_went_down_is_built_anew),
    TEST(test_a_renewal_that_a_death_cut_off_loses_no_counts),
    TEST(test_renewed_on_a_full_disk_later),
    TEST(test_a_store_that_acts_sees_and_delays_nothing),
};

HARNESS_MAIN("index", tests)
