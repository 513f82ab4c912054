/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/http/metrics.h"

#include "control/audit/index_prune.h"
#include "control/store/alarms.h"
#include "control/store/versions.h"
#include "tests/unit/leaves_fixture.h"
#include "tests/unit/store_fixture.h"

static struct engine_counts counts;
static struct metrics_log log_now;
static struct audit_index *x;

static void begin(struct fixture *f)
{
	fixture_open(f);
	leaves_open(f->folder);
	CU_ASSERT_EQUAL_FATAL(index_open(f->folder, leaves.log, f->s, &x, &f->e), 0);
}

static void end(struct fixture *f)
{
	index_close(x);
	leaves_close();
	fixture_close(f);
}

static void follow(struct fixture *f)
{
	bool more = true;
	leaves_durable();
	while (more)
		CU_ASSERT_EQUAL_FATAL(index_follow(x, INDEX_MOST, &more, &f->e), 0);
}

/* The metrics as text, which the caller frees. */
static char *scrape(struct fixture *f, struct metrics *m, const struct metrics_node *nodes, unsigned n)
{
	static char *text;
	static size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	const struct sink_figures sinks[] = {
	    {.name = "siem", .lag = 7, .unsettled = 5, .sent = 11, .failures = 2, .is_up = true},
	    {.name = "file"}};
	const struct metrics_view view = {&counts, nodes, n, sinks, 2, &log_now};
	CU_ASSERT_EQUAL(metrics_write(m, &view, out, &f->e), 0);
	fclose(out);
	return text;
}

/* Whether there is this line. */
static bool says(const char *text, const char *line)
{
	size_t len = strlen(line);
	for (const char *at = text; (at = strstr(at, line)); at++)
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
	return false;
}

/* Asserts one scrape of a store as it is: `line` is there. */
static void check(struct fixture *f, const char *line)
{
	struct metrics *m;
	CU_ASSERT_EQUAL_FATAL(metrics_new(f->s, &m, &f->e), 0);
	char *text = scrape(f, m, NULL, 0);
	CU_ASSERT(says(text, line));
	if (!says(text, line))
		fprintf(stderr, "no line \"%s\"\n", line);
	free(text);
	metrics_free(m);
}

static void approve(struct fixture *f, int64_t order)
{
	unsigned n;
	CU_ASSERT_EQUAL(proposals_decide_order(f->s, &f->e, &ben, order, true, NULL, &n), 0);
}

/* Each line is a comment, or NAME{labels} VALUE of the family that the last TYPE line began. */
static void test_metrics_are_prometheus_text(void)
{
	struct fixture f;
	struct metrics *m;
	char family[128] = "";
	unsigned n = 0;
	begin(&f);
	fixture_propose(&f);
	CU_ASSERT_EQUAL_FATAL(metrics_new(f.s, &m, &f.e), 0);
	char *text = scrape(&f, m, NULL, 0);
	CU_ASSERT(text[strlen(text) - 1] == '\n');
	for (char *save, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!strncmp(line, "# HELP ", 7))
			continue;
		if (sscanf(line, "# TYPE %127s", family) == 1)
			continue;
		char *space = strrchr(line, ' '), *end;
		CU_ASSERT_PTR_NOT_NULL_FATAL(space);
		strtod(space + 1, &end);
		CU_ASSERT(end > space + 1 && !*end);
		size_t len = strlen(family);
		CU_ASSERT(!strncmp(line, family, len) && (line[len] == ' ' || line[len] == '{'));
		n++;
	}
	CU_ASSERT(n > 40);
	free(text);
	metrics_free(m);
	end(&f);
}

static void test_orders_are_told_by_authority_category_and_state(void)
{
	struct fixture f;
	begin(&f);
	struct proposed p = fixture_propose(&f);
	check(&f, "roja_orders{authority=\"Test Authority\",category=\"court\",state=\"proposed\"} 1");
	check(&f, "roja_active_version 0");
	approve(&f, p.order);
	check(&f, "roja_orders{authority=\"Test Authority\",category=\"court\",state=\"approved\"} 1");
	check(&f, "roja_list_entries{authority=\"Test Authority\",category=\"court\"} 2");
	end(&f);
}

static void test_labels_are_escaped(void)
{
	struct fixture f;
	begin(&f);
	fixture_propose(&f);
	CU_ASSERT_EQUAL(store_run(f.s, &f.e, "UPDATE orders SET fields = json_set(fields, '$.authority', ?)",
				  "t",
				  "a\"b\\c\nd\x01"
				  "e\xc3\xab\x80"),
			0);
	check(
	    &f,
	    "roja_orders{authority=\"a\\\"b\\\\c\\nd?e\xc3\xab?\",category=\"court\",state=\"proposed\"} 1");
	end(&f);
}

static void test_each_kind_of_alarm_has_a_series(void)
{
	struct fixture f;
	const struct who cleo = {64003, "cleo"};
	begin(&f);
	check(&f, "roja_alarms_open{kind=\"expired\"} 0");
	CU_ASSERT_EQUAL(alarm_raise(f.s, &f.e, ALARM_STOP, "everything", "stopped"), 0);
	check(&f, "roja_alarms_open{kind=\"stop\"} 1");
	check(&f, "roja_alarms_unacknowledged{kind=\"stop\"} 1");
	CU_ASSERT_EQUAL(alarm_ack(f.s, &f.e, 1, &cleo, "seen"), 0);
	check(&f, "roja_alarms_open{kind=\"stop\"} 1"); /* a state lasts until it is over */
	check(&f, "roja_alarms_unacknowledged{kind=\"stop\"} 0");
	CU_ASSERT_EQUAL(alarm_clear(f.s, &f.e, ALARM_STOP, "everything"), 0);
	check(&f, "roja_alarms_open{kind=\"stop\"} 0");
	end(&f);
}

/* After approval, begin, and the list's approval: the last of them. Taken out and back in counts once. */
static void test_time_to_block_is_a_histogram_by_data_plane(void)
{
	struct fixture f;
	begin(&f);
	struct proposed p = fixture_propose(&f);
	approve(&f, p.order);
	CU_ASSERT_EQUAL(
	    store_run(f.s, &f.e,
		      "UPDATE orders SET approved = 1000, approved_ns = 1000000000000, starts = 900", ""),
	    0);
	CU_ASSERT_EQUAL(store_run(f.s, &f.e, "UPDATE imports SET approved = 1010", ""), 0);
	CU_ASSERT_EQUAL(
	    store_run(f.s, &f.e,
		      "INSERT INTO order_times(order_id, dataplane, version_id, compiled, enforced_ns)"
		      " VALUES(?1,'left',1,0,1010500000000), (?1,'left',2,0,9999500000000),"
		      " (?1,'right',1,0,1013500000000)",
		      "i", p.order),
	    0);
	check(&f, "roja_time_to_block_seconds_bucket{dataplane=\"left\",le=\"1\"} 1");
	check(&f, "roja_time_to_block_seconds_bucket{dataplane=\"left\",le=\"+Inf\"} 1");
	check(&f, "roja_time_to_block_seconds_sum{dataplane=\"left\"} 0.5");
	check(&f, "roja_time_to_block_seconds_bucket{dataplane=\"right\",le=\"2\"} 0");
	check(&f, "roja_time_to_block_seconds_bucket{dataplane=\"right\",le=\"5\"} 1");
	check(&f, "roja_time_to_block_seconds_count{dataplane=\"right\"} 1");
	end(&f);
}

static void add_hits(struct fixture *f, int64_t order, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		leaves_hit(1, (uint64_t)order, 1, 1, 0, (uint64_t)clock_now_ns());
	follow(f);
}

static void test_hits_only_grow_whatever_is_forgotten(void)
{
	static const char line[] =
	    "roja_hits_total{authority=\"Test Authority\",category=\"court\",action=\"drop\"} ";
	struct fixture f;
	struct metrics *m;
	char want[200];
	begin(&f);
	struct proposed p = fixture_propose(&f);
	add_hits(&f, p.order, 3);
	CU_ASSERT_EQUAL_FATAL(metrics_new(f.s, &m, &f.e), 0);
	static const struct {
		unsigned more;
		bool drop;
		unsigned total;
	} steps[] = {{0, false, 3}, {2, false, 5}, {0, true, 5}, {1, false, 6}, {0, true, 6}, {0, false, 6}};
	for (unsigned i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		add_hits(&f, p.order, steps[i].more);
		if (steps[i].drop)
			CU_ASSERT_EQUAL(index_forget_counts(x, INT64_MAX, &f.e), 0);
		char *text = scrape(&f, m, NULL, 0);
		snprintf(want, sizeof(want), "%s%u", line, steps[i].total);
		CU_ASSERT(says(text, want));
		free(text);
	}
	add_hits(&f, 0, 1);
	char *text = scrape(&f, m, NULL, 0);
	CU_ASSERT(says(text, "roja_hits_total{authority=\"\",category=\"\",action=\"drop\"} 1"));
	free(text);
	metrics_free(m);
	end(&f);
}

static void test_how_the_log_stands(void)
{
	struct fixture f;
	struct metrics *m;
	begin(&f);
	log_now = (struct metrics_log){
	    .leaves = 1234, .published = 1200, .published_ns = 5500000000, .failures = 2};
	CU_ASSERT_EQUAL_FATAL(metrics_new(f.s, &m, &f.e), 0);
	char *text = scrape(&f, m, NULL, 0);
	CU_ASSERT(says(text, "roja_audit_leaves 1234"));
	CU_ASSERT(says(text, "roja_audit_published_leaves 1200"));
	CU_ASSERT(says(text, "roja_audit_published_timestamp_seconds 5.5"));
	CU_ASSERT(says(text, "roja_audit_commits_failed_total 2"));
	CU_ASSERT_PTR_NULL(strstr(text, "\nroja_audit_retention_timestamp_seconds ")); /* none ended yet */
	free(text);
	metrics_free(m);
	log_now = (struct metrics_log){0};
	end(&f);
}

static void test_a_metric_with_too_many_series_is_cut(void)
{
	struct fixture f;
	struct metrics *m;
	begin(&f);
	for (unsigned i = 0; i < METRIC_SERIES_MAX + 7; i++) {
		char name[16];
		snprintf(name, sizeof(name), "dp%u", i);
		leaves_source(1 + i, name);
		leaves_outage(1 + i, LEAVES_T0, LEAVES_T0 + LEAVES_NS, 1);
	}
	follow(&f);
	CU_ASSERT_EQUAL_FATAL(metrics_new(f.s, &m, &f.e), 0);
	char *text = scrape(&f, m, NULL, 0);
	CU_ASSERT(says(text, "roja_metrics_left_out 14")); /* of seconds, and of frames */
	free(text);
	metrics_free(m);
	end(&f);
}

static void test_a_data_plane_away_has_no_figures(void)
{
	struct fixture f;
	struct metrics *m;
	static struct link_figures figures = {.time_ns = 1,
					      .unprotected_ms = 1500,
					      .events_waiting = 12,
					      .n_workers = 1,
					      .n_ports = 2,
					      .n_counters = 1};
	struct link_status status = {
	    .name = "left", .state = LINK_UP, .acknowledged = 5, .since_ns = 2500000000};
	const struct metrics_node node = {&status, &figures};
	figures.workers[0] = (struct dataplane_worker){.worker = 3, .hits = 9, .beat_age_ns = 500000000};
	figures.ports[0] =
	    (struct link_port){.name = "a", .guarded = true, .figures = {.unprotected_ns = 250000000}};
	figures.ports[1] = (struct link_port){.name = "b", .figures = {.rx_packets = 4}};
	figures.counters[0] = (struct link_counter){"names", 77};
	begin(&f);
	CU_ASSERT_EQUAL_FATAL(metrics_new(f.s, &m, &f.e), 0);
	static const char *const up[] = {
	    "roja_dataplane_unprotected_seconds_total{dataplane=\"left\"} 1.5",
	    "roja_dataplane_events_waiting{dataplane=\"left\"} 12",
	    "roja_dataplane_counter_total{dataplane=\"left\",counter=\"names\"} 77",
	    "roja_dataplane_worker_hits_total{dataplane=\"left\",worker=\"3\"} 9",
	    "roja_dataplane_worker_beat_age_seconds{dataplane=\"left\",worker=\"3\"} 0.5",
	    "roja_dataplane_port_rx_packets_total{dataplane=\"left\",port=\"b\"} 4",
	    "roja_dataplane_port_unprotected_seconds_total{dataplane=\"left\",port=\"a\"} 0.25",
	};
	char *text = scrape(&f, m, &node, 1);
	CU_ASSERT(says(text, "roja_dataplane_up{dataplane=\"left\"} 1"));
	CU_ASSERT(says(text, "roja_dataplane_acknowledged_version{dataplane=\"left\"} 5"));
	CU_ASSERT(says(text, "roja_dataplane_state_timestamp_seconds{dataplane=\"left\"} 2.5"));
	for (unsigned i = 0; i < sizeof(up) / sizeof(*up); i++)
		CU_ASSERT(says(text, up[i]));
	/* nobody looks at the kernel's counters of that port */
	CU_ASSERT_PTR_NULL(
	    strstr(text, "roja_dataplane_port_unprotected_seconds_total{dataplane=\"left\",port=\"b\"}"));
	free(text);
	status.state = LINK_AWAY;
	text = scrape(&f, m, &node, 1);
	CU_ASSERT(says(text, "roja_dataplane_up{dataplane=\"left\"} 0"));
	for (unsigned i = 0; i < sizeof(up) / sizeof(*up); i++)
		CU_ASSERT(!says(text, up[i]));
	free(text);
	metrics_free(m);
	end(&f);
}

static void test_each_sink_has_a_series(void)
{
	struct fixture f;
	begin(&f);
	check(&f, "roja_sink_up{sink=\"siem\"} 1");
	check(&f, "roja_sink_up{sink=\"file\"} 0");
	check(&f, "roja_sink_lag_leaves{sink=\"siem\"} 7");
	check(&f, "roja_sink_unsettled_leaves{sink=\"siem\"} 5");
	check(&f, "roja_sink_sent_total{sink=\"siem\"} 11");
	check(&f, "roja_sink_failures_total{sink=\"siem\"} 2");
	end(&f);
}

static void test_the_engine_and_the_process_are_told(void)
{
	struct fixture f;
	struct metrics *m;
	double memory = 0, start = 0;
	begin(&f);
	CU_ASSERT_EQUAL_FATAL(metrics_new(f.s, &m, &f.e), 0);
	counts = (struct engine_counts){.compiles = 4, .compile_ns = 2500000000, .imports_refused = 1};
	char *text = scrape(&f, m, NULL, 0);
	CU_ASSERT(says(text, "roja_compiles_total 4"));
	CU_ASSERT(says(text, "roja_compile_seconds_total 2.5"));
	CU_ASSERT(says(text, "roja_imports_refused_total 1"));
	const char *at = strstr(text, "\nprocess_resident_memory_bytes ");
	CU_ASSERT(at && sscanf(at, " process_resident_memory_bytes %lf", &memory) == 1 && memory > 1e5);
	at = strstr(text, "\nprocess_start_time_seconds ");
	CU_ASSERT(at && sscanf(at, " process_start_time_seconds %lf", &start) == 1);
	CU_ASSERT(start > (double)clock_now() - 86400 && start <= (double)clock_now() + 2);
	free(text);
	metrics_free(m);
	end(&f);
}

static const struct test tests[] = {
    TEST(test_metrics_are_prometheus_text),
    TEST(test_orders_are_told_by_authority_category_and_state),
    TEST(test_labels_are_escaped),
    TEST(test_each_kind_of_alarm_has_a_series),
    TEST(test_time_to_block_is_a_histogram_by_data_plane),
    TEST(test_hits_only_grow_whatever_is_forgotten),
    TEST(test_how_the_log_stands),
    TEST(test_a_metric_with_too_many_series_is_cut),
    TEST(test_a_data_plane_away_has_no_figures),
    TEST(test_each_sink_has_a_series),
    TEST(test_the_engine_and_the_process_are_told),
};

HARNESS_MAIN("metrics", tests)
