/* SPDX-License-Identifier: BSD-3-Clause */
/* Retention over a real log: what is left of it verifies. */
#define LEAVES_OF_A_LOG
#include <sys/stat.h>
#include <uv.h>

#include "audit/verify.h"
#include "control/audit/retention.h"
#include "control/store/holds.h"
#include "tests/unit/leaves_fixture.h"
#include "tests/unit/store_fixture.h"

#define DAY_NS (86400 * LEAVES_NS)

static struct fixture f;
static struct audit_index *x;
static struct control_config config = {.retention = {.hits_days = 30, .counts_days = 400, .acts_days = 3650}};

static void open_log(void)
{
	static char folder[80];
	snprintf(folder, sizeof(folder), "%s/audit", f.folder);
	mkdir(folder, 0700);
	const struct log_config c = {.folder = folder, .origin = "log.example/audit", .checkpoint_ms = 20};
	CU_ASSERT_EQUAL_FATAL(log_open(&c, &leaves.log, &f.e), 0);
}

static void settle(void)
{
	CU_ASSERT_EQUAL_FATAL(log_wait(leaves.log, log_commit(leaves.log), true, 60000, &f.e), 0);
	bool more = true;
	while (more)
		CU_ASSERT_EQUAL_FATAL(index_follow(x, INDEX_MOST, &more, &f.e), 0);
}

static int64_t order(void)
{
	int64_t id, proposal;
	json_t *fields = fixture_fields(NULL);
	CU_ASSERT_EQUAL_FATAL(order_add(f.s, &f.e, &ana, fields, &id, &proposal), 0);
	json_decref(fields);
	return id;
}

static void put_hits(unsigned n, unsigned days)
{
	for (unsigned i = 0; i < n; i++) {
		leaves_hit(1, 1 + i % 2, 10, i % 9, i % 5,
			   (uint64_t)clock_now_ns() - days * DAY_NS + i * 1000000);
		if (i % 700 == 0)
			settle(); /* partial bundles, and leaves `head` */
	}
	settle();
}

static void begin(void)
{
	fixture_open(&f);
	memset(&leaves, 0, sizeof(leaves));
	open_log();
	CU_ASSERT_EQUAL_FATAL(index_open(f.folder, leaves.log, f.s, &x, &f.e), 0);
	CU_ASSERT(order() == 1 && order() == 2);
	leaves_source(1, "left");
	put_hits(3000, 40);
	put_hits(2000, 2);
}

static void end(void)
{
	index_close(x);
	log_close(leaves.log);
	fixture_close(&f);
}

static uint64_t run(void)
{
	uv_loop_t loop;
	struct retention *r;
	uv_loop_init(&loop);
	CU_ASSERT_EQUAL_FATAL(retention_new(&loop, &config, f.s, leaves.log, x, &r, &f.e), 0);
	while (retention_status(r)->runs)
		uv_run(&loop, UV_RUN_ONCE);
	CU_ASSERT_EQUAL_FATAL(retention_run(r, &f.e), 0);
	while (retention_status(r)->runs)
		uv_run(&loop, UV_RUN_ONCE);
	CU_ASSERT_STRING_EQUAL(retention_status(r)->failed, "");
	uint64_t removed = retention_status(r)->removed;
	retention_stop(r);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	return removed;
}

static uint64_t verified(void)
{
	struct verify_report report;
	const struct verify_options o = {.wait_ms = 10000};
	CU_ASSERT_EQUAL_FATAL(verify_folder(log_folder(leaves.log), &o, &report, &f.e), 0);
	if (report.fault)
		printf("# %s: %s: %s\n", verify_fault_words[report.fault], report.file, report.text);
	CU_ASSERT_EQUAL(report.fault, VERIFY_NONE);
	return report.removed;
}

static size_t found(int64_t of)
{
	json_t *rows = NULL;
	CU_ASSERT_EQUAL_FATAL(index_hits(x, &(struct index_query){.order = of, .limit = 100000}, &rows, &f.e),
			      0);
	size_t n = json_array_size(rows);
	json_decref(rows);
	return n;
}

static void test_what_is_left_verifies(void)
{
	int64_t hold, proposal;
	begin();
	CU_ASSERT_EQUAL(verified(), 0);
	CU_ASSERT_EQUAL(found(0), 5000);
	CU_ASSERT_EQUAL(hold_add(f.s, &f.e, &ana, 2, "a court asks", &hold, &proposal), 0);
	CU_ASSERT_EQUAL(proposal_approve(f.s, &f.e, &ben, proposal, NULL), 0);
	uint64_t first = run();
	/* of 1,500 old hits of order 1 those in the last old bundle, which has young ones too, stay */
	CU_ASSERT(first > 1300 && first <= 1500);
	CU_ASSERT_EQUAL(verified(), first);
	CU_ASSERT_EQUAL(found(1), 2500 - first);
	CU_ASSERT_EQUAL(found(2), 2500);
	CU_ASSERT_EQUAL(hold_release(f.s, &f.e, &ana, hold, "over", &proposal), 0);
	CU_ASSERT_EQUAL(proposal_approve(f.s, &f.e, &ben, proposal, NULL), 0);
	uint64_t second = run();
	CU_ASSERT(second > 1300 && second <= 1500);
	CU_ASSERT_EQUAL(verified(), first + second);
	CU_ASSERT_EQUAL(found(0), 5000 - first - second);
	/* the log opens again, goes on, and another index is made of it that has the counts of what was removed */
	index_close(x);
	log_close(leaves.log);
	open_log();
	CU_ASSERT_EQUAL_FATAL(index_open(f.folder, leaves.log, f.s, &x, &f.e), 0);
	put_hits(500, 1);
	CU_ASSERT_EQUAL(index_reset(x, &f.e), 0);
	settle();
	CU_ASSERT_EQUAL(found(0), 5500 - first - second);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT sum(n) FROM audit.hit_counts"), 5500);
	CU_ASSERT_EQUAL(verified(), first + second);
	end();
}

/* The program ends between the leaf and the removal: before it is published, or while bodies go. */
static void test_what_an_end_cut_off_goes_on_at_the_next_start(void)
{
	for (int published = 0; published < 2; published++) {
		uv_loop_t loop;
		struct retention *r;
		begin();
		uint64_t before = log_status(leaves.log)->size;
		uv_loop_init(&loop);
		CU_ASSERT_EQUAL_FATAL(retention_new(&loop, &config, f.s, leaves.log, x, &r, &f.e), 0);
		while (retention_status(r)->runs)
			uv_run(&loop, UV_RUN_ONCE);
		CU_ASSERT_EQUAL_FATAL(retention_run(r, &f.e), 0);
		while (log_status(leaves.log)->size == before)
			uv_run(&loop, UV_RUN_ONCE);
		if (published)
			CU_ASSERT_EQUAL(log_wait(leaves.log, log_commit(leaves.log), true, 60000, &f.e), 0);
		retention_stop(r);
		uv_run(&loop, UV_RUN_DEFAULT);
		uv_loop_close(&loop);
		index_close(x);
		log_close(leaves.log);
		open_log();
		CU_ASSERT_EQUAL_FATAL(index_open(f.folder, leaves.log, f.s, &x, &f.e), 0);
		CU_ASSERT_EQUAL(found(0), 5000); /* nothing went yet */
		verified();
		CU_ASSERT_EQUAL(run(), 0);
		uint64_t removed = verified();
		CU_ASSERT(removed > 2700 && removed <= 3000);
		CU_ASSERT_EQUAL(found(0), 5000 - removed);
		end();
	}
}

static const struct test tests[] = {
    TEST(test_what_is_left_verifies),
    TEST(test_what_an_end_cut_off_goes_on_at_the_next_start),
};

HARNESS_MAIN("pruned", tests)
