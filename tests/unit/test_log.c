/* SPDX-License-Identifier: BSD-3-Clause */
/* test_log: what is appended becomes durable, then published; and comes back. */
#include "tests/unit/log_fixture.h"

#include "tests/unit/harness.h"

static struct fixture f;

static void append(unsigned n, unsigned each_commit)
{
	for (unsigned i = 0; i < n; i++) {
		CU_ASSERT_EQUAL_FATAL(append_raw(f.log, i, NULL), 0);
		if (i % each_commit == each_commit - 1)
			log_commit(f.log);
	}
}

static void wait_published(void)
{
	CU_ASSERT_EQUAL_FATAL(log_wait(f.log, log_commit(f.log), true, WAIT_MS, &f.e), 0);
}

static struct published look(void)
{
	struct published p = check_published(f.published, f.log ? log_verifier(f.log) : NULL);
	CU_ASSERT(p.good);
	if (!p.good)
		printf("# %s\n", p.e.text);
	return p;
}

static void test_log_begins_with_its_name(void)
{
	struct published p;
	fixture_begin(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_open(&f), 0);
	wait_published();
	p = look();
	CU_ASSERT_EQUAL(p.size, 1);
	CU_ASSERT_STRING_EQUAL(log_status(f.log)->recovered, "");
	CU_ASSERT_EQUAL(log_status(f.log)->size, 1);
	fixture_end(&f);
}

static void test_log_publishes_what_was_appended(void)
{
	static const unsigned sizes[] = {1, 3, 250, 1, 1, 255, 256, 257, 1000, 70000};
	struct published p;
	uint64_t heads = 0;
	fixture_begin(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_open(&f), 0);
	wait_published();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		append(sizes[i], 100);
		wait_published();
		p = look();
		const struct log_status *s = log_status(f.log);
		CU_ASSERT(p.size == s->size && s->durable == s->size && s->published == s->size);
		CU_ASSERT(p.heads > heads);
		CU_ASSERT(hash_equal(&p.root, &s->root));
		heads = p.heads;
	}
	fixture_end(&f);
}

struct walk {
	uint64_t n, raw, expect, stop_at;
	bool order;
};

static bool count(void *ctx, uint64_t index, struct span entry)
{
	struct walk *w = ctx;
	w->order &= index == w->expect++;
	w->n++;
	w->raw += entry.len > 3 && !memcmp(entry.p, "raw", 3);
	return w->n != w->stop_at;
}

static struct walk walk(uint64_t first, uint64_t n, uint64_t stop_at)
{
	struct walk w = {.order = true, .expect = first, .stop_at = stop_at};
	CU_ASSERT_EQUAL(log_read(f.log, first, n, count, &w, &f.e), 0);
	CU_ASSERT(w.order);
	return w;
}

static void test_log_reads_from_memory_and_bundles(void)
{
	fixture_begin(&f);
	f.config.checkpoint_ms = 3600000;
	CU_ASSERT_EQUAL_FATAL(fixture_open(&f), 0);
	append(1000, 10);
	wait_published();
	append(1000, 10);
	CU_ASSERT_EQUAL(append_raw(f.log, 0, NULL), 0); /* not durable */
	uint64_t last = log_status(f.log)->size - 1;
	CU_ASSERT_EQUAL(
	    log_wait(f.log, log_status(f.log)->commits ? log_done(f.log) : 0, false, WAIT_MS, &f.e), 0);
	while (log_status(f.log)->durable < last)
		CU_ASSERT_EQUAL(log_wait(f.log, log_done(f.log) + 1, false, WAIT_MS, &f.e), 0);
	CU_ASSERT_EQUAL(log_status(f.log)->published, 1001);
	struct walk w = walk(0, UINT64_MAX, 0);
	CU_ASSERT(w.n == last && w.raw == 2000);
	w = walk(900, 300, 0);
	CU_ASSERT(w.n == 300);
	w = walk(100, 1900, 1500);
	CU_ASSERT(w.n == 1500);
	w = walk(last, 1, 0);
	CU_ASSERT(w.n == 0);
	w = walk(300, 0, 0);
	CU_ASSERT(w.n == 0);
	fixture_end(&f);
}

static void test_log_closed_comes_back_without_recovery(void)
{
	struct published before, after;
	size_t bytes;
	fixture_begin(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_open(&f), 0);
	for (unsigned i = 0; i < 6; i++) {
		append(100 * i + 3, 10);
		CU_ASSERT_EQUAL(log_set(f.log, "at", &i, sizeof(i)), 0);
		CU_ASSERT_EQUAL(log_set(f.log, i % 2 ? "odd" : "even", "x", 1), 0);
		CU_ASSERT_EQUAL(log_set(f.log, i % 2 ? "even" : "odd", NULL, 0), 0);
		uint64_t size = log_status(f.log)->size;
		fixture_close(&f);
		before = look();
		CU_ASSERT_EQUAL(before.size, size);
		CU_ASSERT_EQUAL_FATAL(fixture_open(&f), 0);
		CU_ASSERT_STRING_EQUAL(log_status(f.log)->recovered, "");
		CU_ASSERT_EQUAL(log_status(f.log)->size, size);
		after = look();
		CU_ASSERT_EQUAL(after.size, size);
		CU_ASSERT(!memcmp(log_get(f.log, "at", &bytes), &i, sizeof(i)) && bytes == sizeof(i));
		CU_ASSERT_PTR_NOT_NULL(log_get(f.log, i % 2 ? "odd" : "even", &bytes));
		CU_ASSERT_PTR_NULL(log_get(f.log, i % 2 ? "even" : "odd", &bytes));
	}
	/* and idle opens do not make it grow */
	fixture_close(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_open(&f), 0);
	fixture_close(&f);
	CU_ASSERT_EQUAL(look().size, after.size);
	fixture_end(&f);
}

static void test_log_has_one_owner_and_one_origin(void)
{
	struct audit_log *other = NULL;
	fixture_begin(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_open(&f), 0);
	CU_ASSERT_EQUAL(log_open(&f.config, &other, &f.e), -EBUSY);
	fixture_close(&f);
	f.config.origin = "other.example/audit";
	CU_ASSERT_EQUAL(fixture_open(&f), -EEXIST);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.e.text, LOG_ORIGIN));
	f.config.origin = LOG_ORIGIN;
	CU_ASSERT_EQUAL(fixture_open(&f), 0);
	fixture_end(&f);
}

static void each_sum(void *ctx, const char *key, const void *value, size_t bytes)
{
	unsigned *sum = ctx;
	(void)value;
	(void)bytes;
	*sum = *sum * 10 + (unsigned)(key[strlen(key) - 1] - '0');
	log_set(f.log, key, NULL, 0);
}

static void test_log_map_holds_keys_in_order(void)
{
	unsigned sum = 0;
	size_t bytes;
	char key[LOG_VALUE_MAX + 2];
	fixture_begin(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_open(&f), 0);
	CU_ASSERT_EQUAL(log_set(f.log, "n/3", "c", 1), 0);
	CU_ASSERT_EQUAL(log_set(f.log, "n/1", "a", 1), 0);
	CU_ASSERT_EQUAL(log_set(f.log, "n/2", "b", 1), 0);
	CU_ASSERT_EQUAL(log_set(f.log, "m/9", "b", 1), 0);
	CU_ASSERT_EQUAL(log_set(f.log, "n0", "b", 1), 0);
	log_each(f.log, "n/", each_sum, &sum);
	CU_ASSERT_EQUAL(sum, 123);
	sum = 0;
	log_each(f.log, "n/", each_sum, &sum);
	CU_ASSERT_EQUAL(sum, 0);
	CU_ASSERT_PTR_NULL(log_get(f.log, "n/2", &bytes));
	CU_ASSERT_PTR_NOT_NULL(log_get(f.log, "m/9", &bytes));
	memset(key, 'k', sizeof(key));
	key[LOG_VALUE_MAX + 1] = 0;
	CU_ASSERT_EQUAL(log_set(f.log, key, "v", 1), -EINVAL);
	CU_ASSERT_EQUAL(log_set(f.log, "", "v", 1), -EINVAL);
	CU_ASSERT_EQUAL(log_set(f.log, "log/key", "v", 1), -EINVAL);
	key[LOG_VALUE_MAX] = 0;
	CU_ASSERT_EQUAL(log_set(f.log, key, key, LOG_VALUE_MAX), 0);
	CU_ASSERT_EQUAL(log_set(f.log, "long", key, LOG_VALUE_MAX + 1), -EINVAL);
	fixture_close(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_open(&f), 0);
	CU_ASSERT(!memcmp(log_get(f.log, key, &bytes), key, LOG_VALUE_MAX) && bytes == LOG_VALUE_MAX);
	fixture_end(&f);
}

static void test_log_refuses_what_is_no_entry(void)
{
	uint8_t big[ENTRY_MAX_BYTES + 1] = {0};
	fixture_begin(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_open(&f), 0);
	CU_ASSERT_EQUAL(log_append(f.log, big, sizeof(big), NULL), -EMSGSIZE);
	CU_ASSERT_EQUAL(log_append(f.log, big, 0, NULL), -EMSGSIZE);
	CU_ASSERT_EQUAL(log_status(f.log)->size, 1);
	uint64_t ticket = log_commit(f.log);
	CU_ASSERT_EQUAL(log_commit(f.log), ticket);
	fixture_end(&f);
}

static void test_log_rotates_its_key(void)
{
	char vkey[NOTE_VKEY_BYTES], again[NOTE_VKEY_BYTES];
	struct verifier old, new;
	fixture_begin(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_open(&f), 0);
	for (unsigned i = 0; i < 4; i++) {
		append(5, 5);
		wait_published();
		old = *log_verifier(f.log);
		CU_ASSERT_EQUAL_FATAL(log_rotate(f.log, vkey, &f.e), 0);
		CU_ASSERT_EQUAL(log_rotate(f.log, again, &f.e), -EBUSY);
		CU_ASSERT_EQUAL(verifier_parse(vkey, &new, &f.e), 0);
		CU_ASSERT(new.id == log_verifier(f.log)->id &&new.id != old.id);
		wait_published();
		CU_ASSERT(check_published(f.published, &old).good);
		CU_ASSERT(check_published(f.published, &new).good);
		append(1, 1);
		wait_published();
		CU_ASSERT(!check_published(f.published, &old).good);
		CU_ASSERT(look().keys == i + 1);
		if (i % 2) {
			fixture_close(&f);
			CU_ASSERT_EQUAL_FATAL(fixture_open(&f), 0);
		}
		char path[120];
		snprintf(path, sizeof(path), "%s/keys/%08x.pem", f.folder, old.id);
		CU_ASSERT_EQUAL(access(path, F_OK), -1);
	}
	fixture_end(&f);
}

/* What waits for the disk is bounded; sets go on a while, so that the batch can be ended. */
static void test_log_takes_no_more_than_its_bound(void)
{
	static uint8_t big[ENTRY_MAX_BYTES] = "raw";
	int err = 0;
	uint64_t n = 0;
	fixture_begin(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_open(&f), 0);
	wait_published();
	while (!(err = log_append(f.log, big, sizeof(big), NULL)))
		n++;
	CU_ASSERT_EQUAL(err, -EAGAIN);
	CU_ASSERT(n > LOG_STAGED_MAX / sizeof(big) - 10 && n < LOG_STAGED_MAX / sizeof(big));
	CU_ASSERT_EQUAL(log_set(f.log, "n", &n, sizeof(n)), 0);
	wait_published();
	CU_ASSERT_EQUAL(look().size, log_status(f.log)->size);
	CU_ASSERT_EQUAL(log_append(f.log, big, sizeof(big), NULL), 0);
	fixture_close(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_open(&f), 0);
	/* log, head, n, head, one */
	CU_ASSERT_EQUAL(log_status(f.log)->size, n + 4);
	fixture_end(&f);
}

static const struct test tests[] = {
    TEST(test_log_begins_with_its_name),	  TEST(test_log_publishes_what_was_appended),
    TEST(test_log_reads_from_memory_and_bundles), TEST(test_log_closed_comes_back_without_recovery),
    TEST(test_log_has_one_owner_and_one_origin),  TEST(test_log_map_holds_keys_in_order),
    TEST(test_log_refuses_what_is_no_entry),	  TEST(test_log_rotates_its_key),
    TEST(test_log_takes_no_more_than_its_bound),
};

HARNESS_MAIN("log", tests)
