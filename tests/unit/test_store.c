/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>

#include "control/engine/plan.h"
#include "control/store/alarms.h"
#include "control/store/exempt.h"
#include "control/store/order_fields.h"
#include "control/store/stops.h"
#include "control/store/versions.h"
#include "tests/unit/store_fixture.h"

static void test_store_keeps_what_was_committed_alone(void)
{
	struct fixture f;
	fixture_open(&f);
	CU_ASSERT_EQUAL(store_begin(f.s, &f.e), 0);
	CU_ASSERT_EQUAL(journal_add(f.s, &f.e, &ana, "act", "subject", OUTCOME_DONE, "kept"), 0);
	CU_ASSERT_EQUAL(store_commit(f.s, &f.e), 0);
	CU_ASSERT_EQUAL(store_begin(f.s, &f.e), 0);
	CU_ASSERT_EQUAL(journal_add(f.s, &f.e, &ana, "act", "subject", OUTCOME_DONE, "undone"), 0);
	store_close(f.s); /* as a death would */
	CU_ASSERT_EQUAL_FATAL(store_open(f.folder, &f.key, &f.s, &f.e), 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM journal"), 1);
	fixture_close(&f);
}

static void test_store_with_another_key_is_refused(void)
{
	struct fixture f;
	struct seal_key other;
	struct store *s;
	fixture_open(&f);
	store_close(f.s);
	memset(&other, 9, sizeof(other));
	CU_ASSERT_EQUAL(store_open(f.folder, &other, &s, &f.e), -EKEYREJECTED);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.e.text, "another key"));
	CU_ASSERT_EQUAL_FATAL(store_open(f.folder, &f.key, &f.s, &f.e), 0);
	fixture_close(&f);
}

/* A sentence of the journal is cut at ERR_BYTES, whatever stands there. */
static void test_store_a_text_cut_within_a_character_is_shown(void)
{
	struct fixture f;
	json_t *rows;
	char text[601] = "";
	for (int i = 0; i < 300; i++)
		strcat(text, "\xc3\xab");
	fixture_open(&f);
	CU_ASSERT_EQUAL(journal_add(f.s, &f.e, &ana, "act", "subject", OUTCOME_DONE, "%s", text), 0);
	CU_ASSERT_EQUAL_FATAL(store_json(f.s, &rows, &f.e, "SELECT text FROM journal", ""), 0);
	const char *kept = json_string_value(json_object_get(json_array_get(rows, 0), "text"));
	CU_ASSERT_EQUAL(strlen(kept), ERR_BYTES - 1);
	CU_ASSERT_STRING_EQUAL(kept + ERR_BYTES - 4, "\xc3\xab?");
	json_decref(rows);
	fixture_close(&f);
}

static void test_store_damaged_is_refused(void)
{
	struct fixture f;
	char path[96];
	fixture_open(&f);
	for (int i = 0; i < 2000; i++)
		CU_ASSERT_EQUAL(journal_add(f.s, &f.e, &ana, "act", "subject", OUTCOME_DONE, "%0200d", i), 0);
	store_close(f.s);
	snprintf(path, sizeof(path), "%s/store.db", f.folder);
	int fd = open(path, O_WRONLY);
	char junk[64 * 1024];
	memset(junk, 'x', sizeof(junk));
	CU_ASSERT(pwrite(fd, junk, sizeof(junk), 96 * 1024) == sizeof(junk));
	close(fd);
	CU_ASSERT_EQUAL(store_open(f.folder, &f.key, &f.s, &f.e), -EUCLEAN);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.e.text, "damaged"));
	f.s = NULL;
	fixture_close(&f);
}

static void test_store_of_a_later_program_is_refused(void)
{
	struct fixture f;
	fixture_open(&f);
	CU_ASSERT_EQUAL(store_run(f.s, &f.e, "PRAGMA user_version=9999", ""), 0);
	store_close(f.s);
	CU_ASSERT_EQUAL(store_open(f.folder, &f.key, &f.s, &f.e), -EPROTONOSUPPORT);
	f.s = NULL;
	fixture_close(&f);
}

static bool file_holds(const char *folder, const char *name, const char *text)
{
	char path[96], command[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(command, sizeof(command), "grep -q -a '%s' '%s'", text, path);
	return !access(path, R_OK) && !system(command);
}

static void test_store_seals_entries(void)
{
	struct fixture f;
	int64_t id, proposal;
	char **texts;
	unsigned n;
	fixture_open(&f);
	CU_ASSERT_EQUAL(exception_add(f.s, &f.e, &ana, "canary-entry.test", "a reason", 0, &id, &proposal),
			0);
	CU_ASSERT_EQUAL(proposal_approve(f.s, &f.e, &ben, proposal, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(exceptions_active(f.s, &f.e, &texts, &n), 0);
	CU_ASSERT(n == 1 && !strcmp(texts[0], "canary-entry.test"));
	texts_free(texts, n);
	CU_ASSERT(file_holds(f.folder, "store.db-wal", "a reason"));
	CU_ASSERT(!file_holds(f.folder, "store.db-wal", "canary-entry"));
	store_close(f.s);
	CU_ASSERT(file_holds(f.folder, "store.db", "a reason") &&
		  !file_holds(f.folder, "store.db", "canary-entry"));
	CU_ASSERT_EQUAL_FATAL(store_open(f.folder, &f.key, &f.s, &f.e), 0);
	fixture_close(&f);
}

static void test_order_without_a_required_field_is_refused_by_its_name(void)
{
	struct fixture f;
	int64_t id, proposal;
	fixture_open(&f);
	for (unsigned i = 0; i < order_fields_n; i++) {
		if (!order_fields[i].required)
			continue;
		json_t *fields = fixture_fields(order_fields[i].key);
		CU_ASSERT_EQUAL(order_add(f.s, &f.e, &ana, fields, &id, &proposal), -EINVAL);
		CU_ASSERT(!strncmp(f.e.text, order_fields[i].key, strlen(order_fields[i].key)));
		json_decref(fields);
	}
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM orders"), 0);
	fixture_close(&f);
}

static const struct {
	const char *key, *value, *says;
} bad_fields[] = {
    {"category", "sports", "category: \"sports\" is none of"},
    {"expires", "2026-02-30", "expires: \"2026-02-30\" is no time"},
    {"expires", "2020-01-01", "expires: is not after"},
    {"received", "2999-01-01", "received: lies in the future"},
    {"deadline", "2025-01-01", "deadline: is before"},
    {"schedule", "Mon 25:00-26:00", "schedule: the hours"},
    {"action_http", "explode", "action_http:"},
    {"action_http", "redirect", "redirect: action_http is redirect"},
    {"authority", "a\nb", "authority: holds a control character"},
    {"langauge", "sq", "langauge: an order has no such field; did you mean language?"},
    {"title", "", "title: is empty"},
};

static void test_order_fields_are_checked(void)
{
	struct err e;
	for (unsigned i = 0; i < sizeof(bad_fields) / sizeof(*bad_fields); i++) {
		json_t *fields = fixture_fields(NULL);
		json_object_set_new(fields, bad_fields[i].key, json_string(bad_fields[i].value));
		CU_ASSERT_EQUAL(order_check(fields, clock_now(), &e), -EINVAL);
		if (strncmp(e.text, bad_fields[i].says, strlen(bad_fields[i].says)))
			printf("# %s instead of %s\n", e.text, bad_fields[i].says);
		CU_ASSERT(!strncmp(e.text, bad_fields[i].says, strlen(bad_fields[i].says)));
		json_decref(fields);
	}
}

static void test_order_of_csam_is_confidential_unless_it_says_otherwise(void)
{
	struct err e;
	json_t *fields = fixture_fields(NULL);
	json_object_set_new(fields, "category", json_string("csam"));
	CU_ASSERT_EQUAL(order_check(fields, clock_now(), &e), 0);
	CU_ASSERT(json_is_true(json_object_get(fields, "confidential")));
	json_decref(fields);
}

static void test_nobody_approves_their_own(void)
{
	struct fixture f;
	unsigned n;
	const struct who alias = {ana.uid, "somebody"};
	fixture_open(&f);
	struct proposed p = fixture_propose(&f);
	CU_ASSERT_EQUAL(proposal_approve(f.s, &f.e, &ana, p.order_proposal, NULL), -EPERM);
	CU_ASSERT_EQUAL(proposal_approve(f.s, &f.e, &alias, p.order_proposal, NULL), -EPERM);
	CU_ASSERT_EQUAL(proposals_decide_order(f.s, &f.e, &ana, p.order, true, NULL, &n), -EPERM);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM orders WHERE state = 'proposed'"), 1);
	CU_ASSERT_EQUAL(proposals_decide_order(f.s, &f.e, &ben, p.order, true, NULL, &n), 0);
	CU_ASSERT_EQUAL(n, 3);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT active_import FROM lists"), p.import);
	CU_ASSERT_EQUAL(proposal_approve(f.s, &f.e, &ben, p.order_proposal, NULL), -EALREADY);
	fixture_close(&f);
}

static void test_unsigned_import_needs_a_person_who_vouches(void)
{
	struct fixture f;
	unsigned n;
	int64_t import, proposal;
	fixture_open(&f);
	struct proposed p = fixture_propose(&f);
	CU_ASSERT_EQUAL(proposals_decide_order(f.s, &f.e, &ben, p.order, true, NULL, &n), 0);
	const struct import_row row = {.list_id = p.list,
				       .source = "file",
				       .file = "x",
				       .sha256 = "01",
				       .original = "o2",
				       .object = "e2",
				       .serial = -1};
	CU_ASSERT_EQUAL(list_import_add(f.s, &f.e, &ana, &row, &import, &proposal), 0);
	CU_ASSERT_EQUAL(proposal_approve(f.s, &f.e, &ben, proposal, NULL), -EPERM);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.e.text, "unsigned"));
	CU_ASSERT_EQUAL(list_authenticate(f.s, &f.e, &ana, import, "called the authority back"), 0);
	CU_ASSERT_EQUAL(list_authenticate(f.s, &f.e, &ana, import, "twice"), -EALREADY);
	CU_ASSERT_EQUAL(proposal_approve(f.s, &f.e, &ben, proposal, NULL), 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT active_import FROM lists"), import);
	/* an earlier one is no way back */
	CU_ASSERT_EQUAL(
	    store_run(f.s, &f.e, "UPDATE imports SET state = 'proposed' WHERE id = ?", "i", p.import), 0);
	CU_ASSERT_EQUAL(list_import_approved(f.s, &f.e, p.import, &ben), -ESTALE);
	CU_ASSERT_EQUAL(list_rollback(f.s, &f.e, &ana, p.list, p.import, "the new one is wrong"), 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT active_import FROM lists"), p.import);
	int64_t alarm = fixture_count(&f, "SELECT id FROM alarms WHERE kind = 'rollback'");
	CU_ASSERT_EQUAL(alarm_ack(f.s, &f.e, alarm, &ana, NULL), -EPERM);
	CU_ASSERT_EQUAL(alarm_ack(f.s, &f.e, alarm, &ben, NULL), 0);
	fixture_close(&f);
}

static void test_refused_import_changes_nothing_and_alarms(void)
{
	struct fixture f;
	unsigned n;
	int64_t import, proposal = 1;
	fixture_open(&f);
	struct proposed p = fixture_propose(&f);
	CU_ASSERT_EQUAL(proposals_decide_order(f.s, &f.e, &ben, p.order, true, NULL, &n), 0);
	const struct import_row row = {.list_id = p.list,
				       .source = "url",
				       .file = "x",
				       .sha256 = "01",
				       .original = "o2",
				       .serial = -1,
				       .why = "it is empty"};
	CU_ASSERT_EQUAL(list_import_add(f.s, &f.e, &who_program, &row, &import, &proposal), 0);
	CU_ASSERT_EQUAL(proposal, 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT active_import FROM lists"), p.import);
	CU_ASSERT_EQUAL(
	    fixture_count(&f, "SELECT count(*) FROM alarms WHERE kind = 'feed-refused' AND cleared IS NULL"),
	    1);
	fixture_close(&f);
}

static void test_revoked_order_ends_by_two(void)
{
	struct fixture f;
	unsigned n;
	int64_t proposal;
	fixture_open(&f);
	struct proposed p = fixture_propose(&f);
	CU_ASSERT_EQUAL(order_revoke(f.s, &f.e, &ana, p.order, "x", &proposal), -EPERM);
	CU_ASSERT_EQUAL(proposals_decide_order(f.s, &f.e, &ben, p.order, true, NULL, &n), 0);
	CU_ASSERT_EQUAL(order_revoke(f.s, &f.e, &ben, p.order, "letter 7", &proposal), 0);
	CU_ASSERT_EQUAL(order_revoke(f.s, &f.e, &ana, p.order, "letter 7", &proposal), -EALREADY);
	CU_ASSERT_EQUAL(proposals_decide_order(f.s, &f.e, &ben, p.order, true, NULL, &n), -EPERM);
	CU_ASSERT_EQUAL(proposals_decide_order(f.s, &f.e, &ana, p.order, true, NULL, &n), 0);
	CU_ASSERT_EQUAL(
	    fixture_count(&f,
			  "SELECT count(*) FROM orders WHERE state = 'revoked' AND ended_why = 'letter 7'"),
	    1);
	fixture_close(&f);
}

static unsigned planned(struct fixture *f, int64_t now, char digest[DIGEST_TEXT], int64_t *ret_next)
{
	struct plan *p;
	CU_ASSERT_EQUAL_FATAL(plan_build(f->s, now, &p, &f->e), 0);
	unsigned n = p->n_lists;
	if (digest)
		strcpy(digest, p->digest);
	if (ret_next)
		*ret_next = p->next_change;
	plan_free(p);
	return n;
}

static void test_plan_says_for_which_order_an_override_is(void)
{
	struct fixture f;
	struct plan *plan;
	int64_t id, proposal;
	fixture_open(&f);
	struct proposed p = fixture_propose(&f);
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(override_add(f.s, &f.e, &ana, i == 1 ? "one.test" : "all.test", "harmless",
					     i == 1 ? p.order : 0, &id, &proposal),
				0);
		if (i < 2)
			CU_ASSERT_EQUAL(proposal_approve(f.s, &f.e, &ben, proposal, NULL), 0);
	}
	CU_ASSERT_EQUAL_FATAL(plan_build(f.s, clock_now(), &plan, &f.e), 0);
	CU_ASSERT_EQUAL_FATAL(plan->n_overrides, 2);
	CU_ASSERT_EQUAL(plan->override_orders[0], 0);
	CU_ASSERT_STRING_EQUAL(plan->overrides[1], "one.test");
	CU_ASSERT_EQUAL(plan->override_orders[1], p.order);
	plan_free(plan);
	fixture_close(&f);
}

static void test_plan_holds_what_is_in_force_now(void)
{
	struct fixture f;
	unsigned n;
	int64_t stop, now = clock_now(), next, expires;
	char before[DIGEST_TEXT], after[DIGEST_TEXT];
	fixture_open(&f);
	struct proposed p = fixture_propose(&f);
	CU_ASSERT_EQUAL(planned(&f, now, NULL, NULL), 0);
	CU_ASSERT_EQUAL(proposals_decide_order(f.s, &f.e, &ben, p.order, true, NULL, &n), 0);
	CU_ASSERT_EQUAL(planned(&f, now, before, &next), 1);
	CU_ASSERT_EQUAL(store_int(f.s, &expires, &f.e, "SELECT expires FROM orders", ""), 0);
	CU_ASSERT_EQUAL(next, expires);
	CU_ASSERT_EQUAL(planned(&f, expires - 1, NULL, NULL), 1);
	CU_ASSERT_EQUAL(planned(&f, expires, NULL, NULL), 0); /* nothing need happen for it to end */
	CU_ASSERT_EQUAL(stop_add(f.s, &f.e, &ana, STOP_LIST, p.list, "over-block", 600, &stop), 0);
	CU_ASSERT_EQUAL(planned(&f, now, NULL, NULL), 0);
	CU_ASSERT_EQUAL(stop_confirm(f.s, &f.e, &ana, stop), -EPERM);
	CU_ASSERT_EQUAL(stops_tick(f.s, &f.e, now + 601), 0); /* nobody else confirmed it */
	CU_ASSERT_EQUAL(planned(&f, now, after, NULL), 1);
	CU_ASSERT_STRING_EQUAL(before, after);
	CU_ASSERT_EQUAL(stop_add(f.s, &f.e, &ana, STOP_ALL, 0, "over-block", 600, &stop), 0);
	CU_ASSERT_EQUAL(stop_confirm(f.s, &f.e, &ben, stop), 0);
	CU_ASSERT_EQUAL(stops_tick(f.s, &f.e, now + 601), 0);
	CU_ASSERT_EQUAL(planned(&f, now, NULL, NULL), 0);
	fixture_close(&f);
}

static void test_order_expires_by_itself(void)
{
	struct fixture f;
	unsigned n;
	fixture_open(&f);
	struct proposed p = fixture_propose(&f);
	CU_ASSERT_EQUAL(proposals_decide_order(f.s, &f.e, &ben, p.order, true, NULL, &n), 0);
	CU_ASSERT_EQUAL(orders_tick(f.s, &f.e, clock_now() + 31 * 86400, 1, 3600), 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM orders WHERE state = 'expired'"), 1);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM alarms WHERE kind = 'expired'"), 1);
	fixture_close(&f);
}

static void test_deadline_alarms_once_until_it_is_enforced_everywhere(void)
{
	struct fixture f;
	unsigned n;
	int64_t now = clock_now();
	fixture_open(&f);
	struct proposed p = fixture_propose(&f);
	CU_ASSERT_EQUAL(proposals_decide_order(f.s, &f.e, &ben, p.order, true, NULL, &n), 0);
	CU_ASSERT_EQUAL(store_run(f.s, &f.e, "UPDATE orders SET deadline = ?", "i", now + 100), 0);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(orders_tick(f.s, &f.e, now, 2, 3600), 0);
	CU_ASSERT_EQUAL(
	    fixture_count(&f, "SELECT count(*) FROM alarms WHERE kind = 'deadline-near' AND cleared IS NULL"),
	    1);
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(
		    store_run(
			f.s, &f.e,
			"INSERT INTO order_times(order_id, dataplane, version_id, compiled, enforced_ns) VALUES(?,?,1,1,1)",
			"it", p.order, i ? "left" : "right"),
		    0);
		CU_ASSERT_EQUAL(orders_tick(f.s, &f.e, now, 2, 3600), 0);
		CU_ASSERT_EQUAL(
		    fixture_count(
			&f, "SELECT count(*) FROM alarms WHERE kind = 'deadline-near' AND cleared IS NULL"),
		    !i);
	}
	CU_ASSERT_EQUAL(orders_tick(f.s, &f.e, now + 200, 3, 3600), 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM alarms WHERE kind = 'deadline-missed'"), 1);
	fixture_close(&f);
}

static void test_schedule_is_a_week_of_windows(void)
{
	/* 2026-11-23 is a Monday */
	int64_t monday = clock_parse("2026-11-23");
	static const struct {
		const char *schedule;
		int64_t at; /* minutes from Monday */
		bool holds;
	} cases[] = {
	    {"Mon 08:00-20:00", 480, true},
	    {"Mon 08:00-20:00", 479, false},
	    {"Mon 08:00-20:00", 1200, false},
	    {"Mon-Fri 00:00-24:00", 4 * 1440 + 1439, true},
	    {"Mon-Fri 00:00-24:00", 5 * 1440, false},
	    {"Sat-Mon 01:00-02:00", 60, true},
	    {"Sat-Mon 01:00-02:00", 1440 + 60, false},
	    {"Tue 01:00-02:00, Sun 03:00-04:00", 6 * 1440 + 180, true},
	};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CU_ASSERT_EQUAL(schedule_holds(cases[i].schedule, monday + cases[i].at * 60), cases[i].holds);
	CU_ASSERT_EQUAL(schedule_changes("Mon 08:00-20:00", monday), monday + 480 * 60);
	CU_ASSERT_EQUAL(schedule_changes("Mon 08:00-20:00", monday + 480 * 60), monday + 1200 * 60);
	CU_ASSERT(schedule_holds(NULL, monday) && !schedule_changes("", monday));
	static const char *const bad[] = {"Foo 08:00-20:00", "Mon 8:00-20:00",	 "Mon 20:00-08:00",
					  "Mon 08:00",	     "Mon- 08:00-09:00", "Mon 08:00-09:00 Tue"};
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CU_ASSERT_PTR_NOT_NULL(schedule_check(bad[i]));
}

static void test_clock_reads_what_it_writes_and_no_false_dates(void)
{
	char text[CLOCK_TEXT_BYTES];
	clock_text(1764140400, text);
	CU_ASSERT_EQUAL(clock_parse(text), 1764140400);
	CU_ASSERT_EQUAL(clock_parse("2026-11-26T07:00:00+01:00"), clock_parse("2026-11-26T06:00Z"));
	static const char *const bad[] = {"",
					  "2026",
					  "2026-13-01",
					  "2026-02-29",
					  "2026-01-01T24:00Z",
					  "2026-01-01T10:00",
					  "2026-01-01 10:00",
					  "2026-01-01Tx",
					  "1969-01-01",
					  "2026-01-01T10:00:60Z"};
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CU_ASSERT_EQUAL(clock_parse(bad[i]), -1);
}

static int64_t add_version(struct fixture *f, const char *digest)
{
	struct plan *p;
	int64_t id = 0;
	CU_ASSERT_EQUAL_FATAL(plan_build(f->s, clock_now(), &p, &f->e), 0);
	CU_ASSERT_EQUAL_FATAL(version_next(f->s, &f->e, &id), 0);
	const struct version_new v = {
	    .id = id, .plan = p->text, .plan_digest = digest, .file = "f", .digest = "d", .report = "{}"};
	CU_ASSERT_EQUAL(version_add(f->s, &f->e, &v), 0);
	plan_free(p);
	return id;
}

static void test_version_goes_back_to_what_it_held(void)
{
	struct fixture f;
	unsigned n;
	int64_t first, second, activation, import, proposal;
	struct version v;
	fixture_open(&f);
	struct proposed p = fixture_propose(&f);
	first = add_version(&f, "empty");
	CU_ASSERT_EQUAL(version_activate(f.s, &f.e, first, "x", &activation), 0);
	CU_ASSERT_EQUAL(proposals_decide_order(f.s, &f.e, &ben, p.order, true, NULL, &n), 0);
	second = add_version(&f, "one list");
	CU_ASSERT_EQUAL(version_activate(f.s, &f.e, second, "x", &activation), 0);
	CU_ASSERT_EQUAL(version_acked(f.s, &f.e, activation, "left", 1, 2000000000, "[7,9]"), 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM order_times WHERE released_ns IS NULL"), 1);
	CU_ASSERT(!version_active(f.s, &f.e, &v) && v.id == second);
	CU_ASSERT(!version_before(f.s, &f.e, activation, &v) && v.id == first);
	/* back to before the order: it is held */
	CU_ASSERT_EQUAL(version_restore(f.s, &f.e, first), 0);
	CU_ASSERT_EQUAL(planned(&f, clock_now(), NULL, NULL), 0);
	CU_ASSERT_EQUAL(version_activate(f.s, &f.e, first, "back", &activation), 0);
	CU_ASSERT_EQUAL(version_acked(f.s, &f.e, activation, "left", 1, 3000000000, NULL), 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT released_ns FROM order_times"), 3000000000);
	/* and forward: the import of that version, not a later one */
	const struct import_row row = {.list_id = p.list,
				       .source = "file",
				       .file = "x",
				       .sha256 = "01",
				       .original = "o2",
				       .object = "e2",
				       .serial = -1,
				       .signature = "{}"};
	CU_ASSERT_EQUAL(list_import_add(f.s, &f.e, &ana, &row, &import, &proposal), 0);
	CU_ASSERT_EQUAL(proposal_approve(f.s, &f.e, &ben, proposal, NULL), 0);
	CU_ASSERT_EQUAL(version_restore(f.s, &f.e, second), 0);
	CU_ASSERT_EQUAL(planned(&f, clock_now(), NULL, NULL), 1);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT active_import FROM lists"), p.import);
	CU_ASSERT_EQUAL(version_restore(f.s, &f.e, 99), -ENOENT);
	fixture_close(&f);
}

static const struct test tests[] = {
    TEST(test_store_keeps_what_was_committed_alone),
    TEST(test_store_with_another_key_is_refused),
    TEST(test_store_a_text_cut_within_a_character_is_shown),
    TEST(test_store_damaged_is_refused),
    TEST(test_store_of_a_later_program_is_refused),
    TEST(test_store_seals_entries),
    TEST(test_order_without_a_required_field_is_refused_by_its_name),
    TEST(test_order_fields_are_checked),
    TEST(test_order_of_csam_is_confidential_unless_it_says_otherwise),
    TEST(test_nobody_approves_their_own),
    TEST(test_unsigned_import_needs_a_person_who_vouches),
    TEST(test_refused_import_changes_nothing_and_alarms),
    TEST(test_revoked_order_ends_by_two),
    TEST(test_plan_says_for_which_order_an_override_is),
    TEST(test_plan_holds_what_is_in_force_now),
    TEST(test_order_expires_by_itself),
    TEST(test_deadline_alarms_once_until_it_is_enforced_everywhere),
    TEST(test_schedule_is_a_week_of_windows),
    TEST(test_clock_reads_what_it_writes_and_no_false_dates),
    TEST(test_version_goes_back_to_what_it_held),
};

HARNESS_MAIN("store", tests)
