/* SPDX-License-Identifier: BSD-3-Clause */
#include <sys/stat.h>
#include <uv.h>

#include "audit/prune.h"
#include "control/audit/retention.h"
#include "control/audit/retention_plan.h"
#include "control/store/holds.h"
#include "tests/unit/leaves_fixture.h"
#include "tests/unit/store_fixture.h"

#define DAY_NS (86400 * LEAVES_NS)

/* The rest of the log, as far as retention asks for it. */
int log_add(struct audit_log *l, const struct entry *entry, uint64_t *ret, struct err *e)
{
	(void)l, (void)e;
	*ret = leaves_put(entry);
	return 0;
}

int log_set(struct audit_log *l, const char *key, const void *value, size_t bytes)
{
	(void)l, (void)key;
	memcpy(leaves.value, value, bytes);
	leaves.value_bytes = bytes;
	return 0;
}

const void *log_get(const struct audit_log *l, const char *key, size_t *ret_bytes)
{
	(void)l, (void)key;
	*ret_bytes = leaves.value_bytes;
	return leaves.value_bytes ? leaves.value : NULL;
}

uint64_t log_commit(struct audit_log *l)
{
	(void)l;
	leaves_durable();
	return 1;
}

const char *log_folder(const struct audit_log *l)
{
	(void)l;
	return leaves.folder;
}

static struct fixture f;
static struct audit_index *x;
static struct config_category categories[] = {{"csam", 7}};
static struct control_config config = {
    .retention = {
	.hits_days = 30, .counts_days = 400, .acts_days = 3650, .categories = categories, .n_categories = 1}};

static int64_t order(const char *category)
{
	int64_t id, proposal;
	json_t *fields = fixture_fields(NULL);
	json_object_set_new(fields, "category", json_string(category));
	CU_ASSERT_EQUAL_FATAL(order_add(f.s, &f.e, &ana, fields, &id, &proposal), 0);
	json_decref(fields);
	return id;
}

static uint64_t now_ns(void)
{
	return (uint64_t)clock_now_ns();
}

static void follow(void)
{
	bool more = true;
	while (more)
		CU_ASSERT_EQUAL_FATAL(index_follow(x, 100000, &more, &f.e), 0);
}

static void put_act(uint64_t time_ns)
{
	struct entry en = {.kind = ENTRY_ACT, .time_ns = time_ns};
	en.v[ENTRY_F(ACT, who)] = leaves_text("ana");
	en.v[ENTRY_F(ACT, act)] = leaves_text("order.add");
	leaves_put(&en);
}

/* Order 1 of csam, 2 and 3 of a court. Hits 40, 20 and 2 days old: 8, 8 and 4 bundles; in each bundle an act and a source. */
static void begin(void)
{
	static const struct {
		unsigned days, bundles;
	} ages[] = {{40, 8}, {20, 8}, {2, 4}};
	fixture_open(&f);
	leaves_open(f.folder);
	CU_ASSERT_EQUAL_FATAL(index_open(f.folder, leaves.log, f.s, &x, &f.e), 0);
	CU_ASSERT(order("csam") == 1 && order("court") == 2 && order("court") == 3);
	for (unsigned a = 0; a < 3; a++)
		for (unsigned i = 0; i < ages[a].bundles * TILE_WIDTH; i++) {
			uint64_t at = now_ns() - ages[a].days * DAY_NS + i * LEAVES_NS;
			if (i % TILE_WIDTH == 0)
				leaves_source(1, "left");
			else if (i % TILE_WIDTH == 1)
				put_act(at);
			else if (i % TILE_WIDTH == 2)
				leaves_count("left", 2, 20, 5, at / LEAVES_NS / 60);
			else
				leaves_hit(1, 1 + i % 3, 10, 1, i % 7, at);
		}
	leaves_publish();
	follow();
}

static void end(void)
{
	index_close(x);
	leaves_close();
	fixture_close(&f);
}

/* How many hits and counts of an order have a body; of acts: order 0. */
static unsigned bodies(uint64_t of, uint64_t from, uint64_t to)
{
	struct span entries[TILE_WIDTH];
	static struct entry en;
	unsigned n = 0;
	for (uint64_t b = from; b < to; b++) {
		uint8_t *bytes;
		CU_ASSERT_EQUAL_FATAL(prune_bundle(leaves.folder, b, entries, &bytes, &f.e), 0);
		for (unsigned i = 0; i < TILE_WIDTH; i++) {
			if (!entries[i].p || entry_decode(entries[i], &en, NULL))
				continue;
			n += en.kind == ENTRY_HIT     ? en.v[ENTRY_F(HIT, order)].n == of
			     : en.kind == ENTRY_COUNT ? en.v[ENTRY_F(COUNT, order)].n == of
			     : en.kind == ENTRY_ACT   ? of == 0
						      : of == 99;
		}
		free(bytes);
	}
	return n;
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

/* The leaves that retention removed are no longer what log_read gives. */
static void take_away(void)
{
	struct span entries[TILE_WIDTH];
	for (uint64_t b = 0; b < leaves.n / TILE_WIDTH; b++) {
		uint8_t *bytes;
		if (prune_bundle(leaves.folder, b, entries, &bytes, &f.e))
			break;
		for (unsigned i = 0; i < TILE_WIDTH; i++)
			if (!entries[i].p)
				leaves_prune(b * TILE_WIDTH + i, 1);
		free(bytes);
	}
}

struct loop {
	uv_loop_t loop;
	struct retention *r;
};

static void loop_begin(struct loop *l)
{
	uv_loop_init(&l->loop);
	CU_ASSERT_EQUAL_FATAL(retention_new(&l->loop, &config, f.s, leaves.log, x, &l->r, &f.e), 0);
	while (retention_status(l->r)->runs)
		uv_run(&l->loop, UV_RUN_ONCE);
}

static void loop_end(struct loop *l)
{
	retention_stop(l->r);
	uv_run(&l->loop, UV_RUN_DEFAULT);
	CU_ASSERT_EQUAL(uv_loop_close(&l->loop), 0);
}

static uint64_t run(struct loop *l)
{
	CU_ASSERT_EQUAL_FATAL(retention_run(l->r, &f.e), 0);
	CU_ASSERT_EQUAL(retention_run(l->r, &f.e), -EBUSY);
	while (retention_status(l->r)->runs)
		uv_run(&l->loop, UV_RUN_ONCE);
	CU_ASSERT_STRING_EQUAL(retention_status(l->r)->failed, "");
	take_away();
	return retention_status(l->r)->removed;
}

static void test_each_category_has_its_time(void)
{
	struct loop l;
	begin();
	loop_begin(&l);
	unsigned csam = bodies(1, 0, 20), court = bodies(2, 0, 20), acts = bodies(0, 0, 20),
		 rest = bodies(99, 0, 20);
	unsigned old_court = bodies(2, 0, 8) + bodies(3, 0, 8), old_csam = bodies(1, 0, 16);
	CU_ASSERT(csam > 1000 && court > 1000 && acts == 20 && rest == 20);
	CU_ASSERT_EQUAL(run(&l), old_court + old_csam);
	CU_ASSERT_EQUAL(bodies(1, 0, 16), 0);
	CU_ASSERT_EQUAL(bodies(1, 16, 20), csam - old_csam);
	CU_ASSERT_EQUAL(bodies(2, 0, 8) + bodies(3, 0, 8), 0);
	CU_ASSERT(bodies(2, 8, 20) > 0);
	CU_ASSERT(bodies(0, 0, 20) == acts && bodies(99, 0, 20) == rest);
	/* the minimum is where the shortest retention of hits begins */
	CU_ASSERT_EQUAL(retention_status(l.r)->minimum, 16);
	CU_ASSERT_EQUAL(retention_status(l.r)->total, old_court + old_csam);
	/* the index forgot them, the counts by hour are still there */
	CU_ASSERT_EQUAL(found(1), csam - old_csam);
	CU_ASSERT_EQUAL(found(2) + found(3), bodies(2, 0, 20) + bodies(3, 0, 20));
	CU_ASSERT(fixture_count(&f, "SELECT sum(n) FROM audit.hit_counts WHERE order_id = 1") == csam);
	/* the leaf says so, once */
	struct entry en;
	CU_ASSERT_EQUAL(
	    entry_decode((struct span){leaves.rows[leaves.n - 1].p, leaves.rows[leaves.n - 1].bytes}, &en,
			 &f.e),
	    0);
	CU_ASSERT_EQUAL(en.kind, ENTRY_PRUNE);
	CU_ASSERT_EQUAL(en.v[ENTRY_F(PRUNE, minimum)].n, 16);
	CU_ASSERT_EQUAL(en.v[ENTRY_F(PRUNE, removed)].n, old_court + old_csam);
	uint64_t n = leaves.n;
	CU_ASSERT_EQUAL(run(&l), 0);
	CU_ASSERT_EQUAL(leaves.n, n);
	loop_end(&l);
	end();
}

static void test_a_held_order_loses_nothing(void)
{
	struct loop l;
	int64_t hold, proposal;
	begin();
	CU_ASSERT_EQUAL(hold_add(f.s, &f.e, &ana, 2, "a court asks", &hold, &proposal), 0);
	CU_ASSERT_EQUAL(proposal_approve(f.s, &f.e, &ana, proposal, NULL), -EPERM);
	CU_ASSERT_EQUAL(proposal_approve(f.s, &f.e, &ben, proposal, NULL), 0);
	loop_begin(&l);
	unsigned held = bodies(2, 0, 20), other = bodies(3, 0, 8);
	run(&l);
	CU_ASSERT_EQUAL(bodies(2, 0, 20), held);
	CU_ASSERT(other > 0 && bodies(3, 0, 8) == 0);
	CU_ASSERT_EQUAL(found(2), held);
	/* by one alone it does not end */
	CU_ASSERT_EQUAL(hold_release(f.s, &f.e, &ben, hold, "over", &proposal), 0);
	CU_ASSERT_EQUAL(run(&l), 0);
	CU_ASSERT_EQUAL(proposal_approve(f.s, &f.e, &ben, proposal, NULL), -EPERM);
	CU_ASSERT_EQUAL(proposal_approve(f.s, &f.e, &ana, proposal, NULL), 0);
	CU_ASSERT(run(&l) > 0);
	CU_ASSERT_EQUAL(bodies(2, 0, 8), 0);
	CU_ASSERT_EQUAL(found(2), bodies(2, 0, 20));
	loop_end(&l);
	end();
}

static void test_a_death_before_the_removal_goes_on_at_the_next_start(void)
{
	struct loop l;
	atomic_bool cancel = false;
	struct retention_plan p;
	begin();
	/* a run came as far as its leaf */
	CU_ASSERT_EQUAL_FATAL(retention_plan_make(f.s, &config.retention, now_ns(), &p, &f.e), 0);
	p.folder = strdup(leaves.folder);
	p.index = strdup(index_path(x));
	p.leaves = leaves.n;
	CU_ASSERT_EQUAL_FATAL(retention_plan_work(&p, &cancel, &f.e), 0);
	CU_ASSERT(p.removed > 0);
	struct {
		uint64_t leaf, minimum, total;
		struct hash digest;
	} last = {leaves.n, p.bits.minimum, p.total, p.digest};
	leaves_source(9, "right");
	leaves_durable();
	log_set(NULL, "", &last, sizeof(last));
	unsigned before = bodies(1, 0, 16);
	CU_ASSERT(before > 0);
	loop_begin(&l);
	CU_ASSERT_EQUAL(bodies(1, 0, 16), 0);
	take_away();
	CU_ASSERT_EQUAL(found(2) + found(3), bodies(2, 0, 20) + bodies(3, 0, 20));
	/* what the index did not get to forget then, it forgets with the next run */
	CU_ASSERT(fixture_count(&f, "SELECT count(*) FROM audit.postings") > 0);
	CU_ASSERT_EQUAL(run(&l), 0);
	retention_plan_free(&p);
	loop_end(&l);
	end();
}

static void test_a_wrong_clock_does_not_stop_it(void)
{
	struct loop l;
	fixture_open(&f);
	leaves_open(f.folder);
	CU_ASSERT_EQUAL_FATAL(index_open(f.folder, leaves.log, f.s, &x, &f.e), 0);
	CU_ASSERT_EQUAL(order("court"), 1);
	leaves_source(1, "left");
	for (unsigned i = 1; i < 4 * TILE_WIDTH; i++)
		leaves_hit(1, 1, 10, 1, 1,
			   i % 50 == 0 ? now_ns() + 9999 * DAY_NS
				       : now_ns() - (i < 2 * TILE_WIDTH ? 40 : 3) * DAY_NS);
	leaves_publish();
	follow();
	loop_begin(&l);
	CU_ASSERT_EQUAL(run(&l), 2 * TILE_WIDTH - 1);
	CU_ASSERT_EQUAL(retention_status(l.r)->minimum, 2);
	loop_end(&l);
	end();
}

static void test_what_fails_is_an_alarm_until_it_goes(void)
{
	struct loop l;
	char path[128], aside[136];
	begin();
	loop_begin(&l);
	snprintf(path, sizeof(path), "%s/tile/entries/003", leaves.folder);
	snprintf(aside, sizeof(aside), "%s.aside", path);
	CU_ASSERT_EQUAL_FATAL(rename(path, aside), 0);
	CU_ASSERT_EQUAL_FATAL(retention_run(l.r, &f.e), 0);
	while (retention_status(l.r)->runs)
		uv_run(&l.loop, UV_RUN_ONCE);
	CU_ASSERT_PTR_NOT_NULL(strstr(retention_status(l.r)->failed, "tile/entries/003"));
	CU_ASSERT_EQUAL(retention_status(l.r)->ended_well, 0);
	CU_ASSERT_EQUAL(
	    fixture_count(&f,
			  "SELECT count(*) FROM alarms WHERE kind = 'retention-failed' AND cleared IS NULL"),
	    1);
	CU_ASSERT_EQUAL_FATAL(rename(aside, path), 0);
	CU_ASSERT(run(&l) > 0);
	CU_ASSERT(retention_status(l.r)->ended_well > 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM alarms WHERE cleared IS NULL"), 0);
	loop_end(&l);
	end();
}

/* A removal that failed in its midst is finished before others are planned: whatever is gone, `pruned` says so. */
static void test_a_removal_that_failed_is_finished_first(void)
{
	struct loop l;
	char path[128];
	struct prune_bits bits;
	struct span entries[TILE_WIDTH];
	begin();
	loop_begin(&l);
	snprintf(path, sizeof(path), "%s/tile/entries/005.p", leaves.folder);
	CU_ASSERT_EQUAL_FATAL(mkdir(path, 0700), 0);
	strcat(path, "/x");
	CU_ASSERT_EQUAL_FATAL(mkdir(path, 0700), 0);
	CU_ASSERT_EQUAL_FATAL(retention_run(l.r, &f.e), 0);
	while (retention_status(l.r)->runs)
		uv_run(&l.loop, UV_RUN_ONCE);
	CU_ASSERT_PTR_NOT_NULL(strstr(retention_status(l.r)->failed, "005.p"));
	CU_ASSERT_EQUAL(bodies(1, 0, 5), 0);
	CU_ASSERT(bodies(1, 6, 16) > 0);
	CU_ASSERT_EQUAL_FATAL(rmdir(path), 0);
	run(&l);
	run(&l);
	CU_ASSERT_EQUAL(bodies(1, 0, 16), 0);
	CU_ASSERT_EQUAL_FATAL(prune_load(leaves.folder, &bits, &f.e), 0);
	for (uint64_t b = 0; b < 20; b++) {
		uint8_t *bytes;
		CU_ASSERT_EQUAL_FATAL(prune_bundle(leaves.folder, b, entries, &bytes, &f.e), 0);
		for (unsigned i = 0; i < TILE_WIDTH; i++)
			CU_ASSERT_EQUAL(prune_get(&bits, b * TILE_WIDTH + i), !entries[i].p);
		free(bytes);
	}
	prune_free(&bits);
	loop_end(&l);
	end();
}

static const struct test tests[] = {
    TEST(test_each_category_has_its_time),
    TEST(test_a_held_order_loses_nothing),
    TEST(test_a_death_before_the_removal_goes_on_at_the_next_start),
    TEST(test_a_wrong_clock_does_not_stop_it),
    TEST(test_what_fails_is_an_alarm_until_it_goes),
    TEST(test_a_removal_that_failed_is_finished_first),
};

HARNESS_MAIN("retention", tests)
