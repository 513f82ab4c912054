/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "control/report/csv.h"
#include "control/report/figures.h"
#include "control/report/period.h"
#include "control/report/quantile.h"
#include "control/store/probes.h"
#include "tests/unit/store_fixture.h"

#define DAY    ((int64_t)86400)
#define FROM   (1767225600 + 31 * DAY) /* 2026-02-01 */
#define TO     (FROM + 28 * DAY)
#define NS     ((int64_t)1000000000)
#define SECRET "canaryentry"

static struct fixture f;
static struct config_dataplane dataplanes[] = {{.name = "left"}, {.name = "right"}};
static struct control_config config;
static struct report_context context;

static void run(const char *sql)
{
	int err = store_run(f.s, &f.e, sql, "");
	if (err)
		printf("# %s: %s\n", sql, f.e.text);
	CU_ASSERT_EQUAL(err, 0);
}

static char texts[1 << 18]; /* the store keeps statements by the address of their text */
static size_t texts_n;

static void runf(const char *format, ...)
{
	char *sql = texts + texts_n;
	va_list ap;
	va_start(ap, format);
	texts_n += (size_t)vsnprintf(sql, sizeof(texts) - texts_n, format, ap) + 1;
	va_end(ap);
	CU_ASSERT_FATAL(texts_n < sizeof(texts));
	run(sql);
}

/* Approved at `approved`, in force `after` seconds later on both data planes; revoked at `ended` where that is not 0. */
static void add_order(int64_t id, const char *authority, const char *category, int64_t received,
		      int64_t approved, int64_t after, int64_t ended)
{
	char end[32] = "NULL";
	if (ended)
		snprintf(end, sizeof(end), "%lld", (long long)ended);
	runf(
	    "INSERT INTO orders(id, fields, state, received, starts, expires, confidential, created, uid, who, approved, ended)"
	    " VALUES(%lld, json_object('authority', '%s', 'category', '%s', 'title', '" SECRET
	    "', 'reference', 'REF-1'),"
	    " '%s', %lld, %lld, %lld, 1, %lld, 1, 'ana', %lld, %s)",
	    (long long)id, authority, category, ended ? "revoked" : "approved", (long long)received,
	    (long long)received, (long long)(TO + 400 * DAY), (long long)received, (long long)approved, end);
	for (unsigned i = 0; i < 2; i++)
		runf(
		    "INSERT INTO order_times(order_id, dataplane, version_id, compiled, enforced_ns) VALUES(%lld, '%s', 1, 0, %lld)",
		    (long long)id, dataplanes[i].name, (long long)((approved + after * (1 + i)) * NS));
}

static void add_list(int64_t order, int64_t approved, int64_t entries)
{
	runf("INSERT INTO lists(id, order_id, name, state, format, options, approval, uid, who, created)"
	     " VALUES(%lld, %lld, 'list%lld', 'approved', 'plain', '{}', 'each', 1, 'ana', 0)",
	     (long long)order, (long long)order, (long long)order);
	runf(
	    "INSERT INTO imports(list_id, state, received, uid, who, source, file, sha256, bytes, original, lines, entries, rejected,"
	    " duplicates, added, removed, skipped, approved) VALUES(%lld, 'approved', 0, 1, 'ana', 'file', '" SECRET
	    ".txt', '00', 1, 'o', 1, %lld, 0, 0, 0, 0, 2, %lld)",
	    (long long)order, (long long)entries + 2, (long long)approved);
}

static void hits(int64_t hour, int64_t order, const char *protocol, const char *action, int64_t n)
{
	runf(
	    "INSERT INTO audit.hit_counts(hour, order_id, list_id, protocol, action, n) VALUES(%lld, %lld, 1, '%s', '%s', %lld)",
	    (long long)hour, (long long)order, protocol, action, (long long)n);
}

static void fill(void)
{
	run("ATTACH ':memory:' AS audit"); /* in the place of the log's index */
	run("CREATE TABLE audit.hit_counts(hour, order_id, list_id, protocol, action, n)");
	run("CREATE TABLE audit.outages(dataplane, port, reason, began_ns, ended_ns, frames, bytes, closed)");
	runf("INSERT INTO versions VALUES(1, 0, '', '', '', '', 0, 0, '')");
	runf("INSERT INTO activations VALUES(1, 1, 0, '', NULL)");
	for (unsigned i = 0; i < 2; i++)
		runf("INSERT INTO acks(activation_id, dataplane, sent_ns, acked_ns) VALUES(1, '%s', 0, 1)",
		     dataplanes[i].name);
	add_order(1, "Court A", "court", FROM - 5 * DAY, FROM + DAY, 30, 0);
	add_order(2, "Police", "csam", FROM + DAY, FROM + 2 * DAY, 10, 0);
	add_order(3, "Court A", "court", FROM - 40 * DAY, FROM - 40 * DAY, 5, FROM + 3 * DAY);
	add_order(4, "Court A", "gambling", TO + DAY, TO + DAY, 5, 0); /* behind the period */
	add_list(1, FROM + DAY, 150);
	add_list(2, FROM + 2 * DAY, 4);
	hits(FROM, 1, "http", "page", 100);
	hits(FROM + DAY, 1, "tls", "alert", 250);
	hits(FROM + 2 * DAY, 2, "tls", "alert", 7);
	hits(TO - 3600, 2, "dns", "nxdomain", 40);
	hits(TO, 2, "dns", "nxdomain", 1000);	    /* behind it */
	hits(FROM - 3600, 1, "http", "page", 1000); /* before it */
	for (unsigned i = 0; i < 14; i++)
		runf(
		    "INSERT INTO appeals(ticket, created, subject, text, deadline, state, decided) VALUES('t%u', %lld, x'00', x'00', 0,"
		    " '%s', %lld)",
		    i, (long long)(FROM + 5 * DAY), i < 11 ? "upheld" : "rejected",
		    (long long)(FROM + 5 * DAY + 100 * (i + 1)));
	run("INSERT INTO proposals(kind, subject, text, uid, who, created, state, decided) VALUES('exception', 1, '', 1, 'ana', 0,"
	    " 'approved', 1769904001)");
	runf(
	    "INSERT INTO audit.outages(dataplane, port, reason, began_ns, ended_ns, frames, bytes, closed)"
	    " VALUES('left', 0, 'restart', %lld, %lld, 1, 1, 0), ('left', 1, 'restart', %lld, %lld, 1, 1, 0)",
	    (long long)((FROM - 10) * NS), (long long)((FROM + 5) * NS), (long long)((FROM + 50) * NS),
	    (long long)((FROM + 50) * NS + NS / 2));
	for (unsigned i = 0; i < 5; i++) {
		const struct probe_row probe = {.order = 1,
						.at = FROM + i * DAY,
						.dataplane = "left",
						.entries = i ? 3 : 0,
						.missed = i == 2,
						.harmed = i == 3,
						.text = ""};
		CU_ASSERT_EQUAL(probes_keep(f.s, &f.e, &probe), 0);
	}
	runf(
	    "INSERT INTO alarms(kind, subject, text, raised, last, times) VALUES('breaker', 's', '', %lld, 0, 1)",
	    (long long)FROM);
	runf(
	    "INSERT INTO stops(what, reason, uid, who, created, confirm_by, ended) VALUES('all', 'r', 1, 'ana', %lld, 0, %lld)",
	    (long long)(TO - 60), (long long)(TO + 60));
}

static void begin(void)
{
	fixture_open(&f);
	texts_n = 0;
	config = (struct control_config){.dataplanes = dataplanes, .n_dataplanes = 2};
	config.retention.counts_days = 100000;
	context = (struct report_context){.store = f.s, .config = &config, .now = TO + 10 * DAY};
	fill();
}

static struct period make(bool internal)
{
	struct period p = {.from = FROM, .to = TO, .internal = internal};
	int err = period_make(&context, &p, &f.e);
	if (err)
		printf("# %s\n", f.e.text);
	CU_ASSERT_EQUAL_FATAL(err, 0);
	return p;
}

static json_t *report(const struct period *p, struct files *files)
{
	CU_ASSERT_EQUAL_FATAL(period_files(&context, p, files, &f.e), 0);
	CU_ASSERT_EQUAL_FATAL(files->n, 6);
	json_t *o = json_loads(files->v[0].bytes, 0, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(o);
	return o;
}

/* "orders[0].received", "appeals.total.appeals" */
static json_t *at(const json_t *report, const char *table, int row, const char *figure)
{
	const json_t *t = json_object_get(json_object_get(report, "tables"), table);
	const json_t *r =
	    row < 0 ? json_object_get(t, "total") : json_array_get(json_object_get(t, "rows"), (size_t)row);
	return json_object_get(r, figure);
}

static const struct {
	const char *table;
	int row; /* -1: the total */
	const char *figure;
	double internal;
	const char *published; /* NULL: as internal */
} figures[] = {
    {"orders", 0, "received", 0, "<10"},
    {"orders", 1, "received", 1, "<10"},
    {"orders", -1, "received", 1, "<10"},
    {"orders", 0, "active", 1, "<10"},
    {"orders", 0, "revoked", 1, "<10"},
    {"orders", 0, "entries", 150, "withheld"},
    {"orders", 1, "entries", 4, "<10"},
    {"orders", -1, "entries", 154, NULL},
    {"time_to_block", 0, "orders", 2, "<10"},
    {"time_to_block", 0, "median_s", 20, NULL},
    {"time_to_block", 0, "p95_s", 60, NULL},
    {"time_to_block", 1, "median_s", 86420, NULL},
    {"hits_by_authority_and_category", 0, "court", 350, NULL},
    {"hits_by_authority_and_category", 1, "csam", 47, NULL},
    {"hits_by_authority_and_category", -1, "total", 397, NULL},
    {"hits_by_protocol_and_action", -1, "total", 397, NULL},
    {"hits_by_protocol_and_action", -1, "alert", 257, NULL},
    {"hits_by_protocol_and_action", -1, "reset", 0, "<10"},
    {"appeals", 0, "appeals", 11, "withheld"},
    {"appeals", 1, "appeals", 3, "<10"},
    {"appeals", 2, "appeals", 0, "<10"},
    {"appeals", -1, "appeals", 14, NULL},
    {"time_to_decision", 0, "median_s", 700, NULL},
    {"time_to_decision", 0, "appeals", 14, "withheld"},
    {"corrections", 0, "times", 1, "<10"},
    {"unprotected", 0, "times", 2, NULL},
    {"unprotected", 0, "passed_s", 5.5, NULL},
    {"probes", 0, "run", 4, NULL},
    {"probes", -1, "failed", 2, NULL},
    {"alarms", -1, "raised", 1, NULL},
    {"stops", 0, "seconds", 60, NULL},
};

static void check(const json_t *o, unsigned i, bool internal)
{
	json_t *v = at(o, figures[i].table, figures[i].row, figures[i].figure);
	bool as_text = !internal && figures[i].published;
	bool good = as_text ? json_is_string(v) && !strcmp(json_string_value(v), figures[i].published)
			    : json_is_number(v) && json_number_value(v) > figures[i].internal - 1e-6 &&
				  json_number_value(v) < figures[i].internal + 1e-6;
	char *is = v ? json_dumps(v, JSON_ENCODE_ANY) : NULL;
	if (!good)
		printf("# %s row %d, %s: %s\n", figures[i].table, figures[i].row, figures[i].figure,
		       is ? is : "none");
	CU_ASSERT(good);
	free(is);
}

static void test_report_period_holds_the_figures(void)
{
	begin();
	for (int internal = 0; internal < 2; internal++) {
		struct files files = {.n = 0};
		struct period p = make(internal);
		json_t *o = report(&p, &files);
		for (unsigned i = 0; i < sizeof(figures) / sizeof(*figures); i++)
			check(o, i, internal);
		json_decref(o);
		period_free(&p);
		files_free(&files);
	}
	fixture_close(&f);
}

static void test_report_period_names_no_entry_and_nobody(void)
{
	static const char *const never[] = {SECRET, "REF-1", "ana", ".txt\""};
	begin();
	for (int internal = 0; internal < 2; internal++) {
		struct files files = {.n = 0};
		struct period p = make(internal);
		json_decref(report(&p, &files));
		for (unsigned i = 0; i < files.n; i++)
			for (unsigned k = 0; k < sizeof(never) / sizeof(*never); k++)
				CU_ASSERT_PTR_NULL(k == 2 ? strstr(files.v[i].bytes, ">ana<")
							  : strstr(files.v[i].bytes, never[k]));
		period_free(&p);
		files_free(&files);
	}
	fixture_close(&f);
}

static unsigned lines_with(const char *text, const char *what)
{
	unsigned n = 0;
	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void test_report_period_says_the_same_in_all_forms(void)
{
	struct files files = {.n = 0};
	begin();
	struct period p = make(false);
	json_decref(report(&p, &files));
	const char *csv = files.v[1].bytes;
	CU_ASSERT_STRING_EQUAL(files.v[1].name, "transparency.csv");
	CU_ASSERT_EQUAL(lines_with(csv, "\r\n"), lines_with(csv, "\n"));
	CU_ASSERT(!strncmp(csv, "table,kind,key,key2,figure,value\r\n", 34));
	CU_ASSERT_PTR_NOT_NULL(strstr(csv, "\r\norders,row,Police,csam,entries,<10\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(csv, "\r\norders,total,,,entries,154\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(csv, "\r\nunprotected,row,left,restart,passed_s,5.500\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(files.v[2].bytes, "Transparency report"));
	CU_ASSERT_PTR_NOT_NULL(strstr(files.v[2].bytes, "withheld"));
	CU_ASSERT_PTR_NOT_NULL(strstr(files.v[5].bytes, "<html lang=\"sq\">"));
	CU_ASSERT_PTR_NOT_NULL(strstr(files.v[5].bytes, "nuk jepet"));
	CU_ASSERT_PTR_NOT_NULL(strstr(files.v[5].bytes, "abuzim seksual i fëmijëve"));
	period_free(&p);
	files_free(&files);
	fixture_close(&f);
}

/* A data plane that came later does not make an old order late; one that was there and does not have it is waited for. */
static void test_report_period_time_to_block_is_of_the_data_planes_of_then(void)
{
	struct files files = {.n = 0};
	begin();
	runf("UPDATE acks SET acked_ns = %lld WHERE dataplane = 'right'",
	     (long long)((FROM + 20 * DAY) * NS));
	run("DELETE FROM order_times WHERE dataplane = 'right' AND order_id = 1");
	struct period p = make(true);
	json_t *o = report(&p, &files);
	CU_ASSERT_EQUAL(json_integer_value(at(o, "time_to_block", 0, "orders")), 2);
	json_decref(o);
	period_free(&p);
	files_free(&files);
	run("UPDATE acks SET acked_ns = 1");
	p = make(true);
	o = report(&p, &files);
	CU_ASSERT_EQUAL(json_integer_value(at(o, "time_to_block", 0, "orders")), 1);
	json_decref(o);
	period_free(&p);
	files_free(&files);
	fixture_close(&f);
}

static void test_report_period_refuses(void)
{
	begin();
	struct period p = {.from = TO, .to = FROM};
	CU_ASSERT_EQUAL(period_make(&context, &p, &f.e), -EINVAL);
	p = (struct period){.from = FROM, .to = context.now + 1};
	CU_ASSERT_EQUAL(period_make(&context, &p, &f.e), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.e.text, "not past"));
	p = (struct period){.from = 0, .to = FROM};
	CU_ASSERT_EQUAL(period_make(&context, &p, &f.e), -EINVAL);
	fixture_close(&f);
}

static long left; /* allocations of JSON until one fails; negative: none does */

static void *scarce(size_t n)
{
	return left >= 0 && !left-- ? NULL : malloc(n);
}

/* Where memory runs out at any point there is no report, not one with figures missing. */
static void test_report_period_without_memory_is_none(void)
{
	struct files whole = {.n = 0};
	long at = 0;
	begin();
	struct period p = make(false);
	CU_ASSERT_EQUAL(period_files(&context, &p, &whole, &f.e), 0);
	period_free(&p);
	json_set_alloc_funcs(scarce, free);
	for (bool failed = true; failed; at++) {
		struct files files = {.n = 0};
		left = at;
		int err = period_make(&context, &p, &f.e);
		if (!err)
			err = period_files(&context, &p, &files, &f.e);
		failed = left < 0;
		left = -1;
		CU_ASSERT(err == -ENOMEM || !err);
		for (unsigned i = 0; !err && i < files.n; i++)
			CU_ASSERT(files.v[i].n == whole.v[i].n &&
				  !memcmp(files.v[i].bytes, whole.v[i].bytes, whole.v[i].n));
		period_free(&p);
		files_free(&files);
	}
	json_set_alloc_funcs(malloc, free);
	CU_ASSERT(at > 1000);
	files_free(&whole);
	fixture_close(&f);
}

static const struct {
	unsigned n, percent;
	int64_t wanted;
} quantiles[] = {
    {1, 50, 1},	  {1, 95, 1},	{2, 50, 1},    {3, 50, 2},	{4, 50, 2},
    {10, 95, 10}, {20, 95, 19}, {100, 95, 95}, {100, 100, 100},
};

static void test_report_quantiles(void)
{
	int64_t v[100];
	for (unsigned i = 0; i < sizeof(quantiles) / sizeof(*quantiles); i++) {
		for (unsigned k = 0; k < quantiles[i].n; k++)
			v[k] = (int64_t)(quantiles[i].n - k);
		quantile_sort(v, quantiles[i].n);
		CU_ASSERT_EQUAL(quantile(v, quantiles[i].n, quantiles[i].percent), quantiles[i].wanted);
	}
}

static const struct {
	const char *text, *csv;
} fields[] = {
    {NULL, ""},
    {"", ""},
    {"plain", "plain"},
    {"a,b", "\"a,b\""},
    {"say \"no\"", "\"say \"\"no\"\"\""},
    {"two\r\nlines", "\"two\r\nlines\""},
    {"=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""},
    {"@x", "'@x"},
    {"-1", "'-1"},
    {"\tx", "'\tx"},
    {"ë", "ë"},
    {"\xff", "\xef\xbf\xbd"},
};

static void test_report_csv_quotes(void)
{
	for (unsigned i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		char *text = NULL;
		size_t n;
		FILE *out = open_memstream(&text, &n);
		csv_text(out, fields[i].text);
		fclose(out);
		CU_ASSERT_STRING_EQUAL(text, fields[i].csv);
		free(text);
	}
}

static const struct test tests[] = {
    TEST(test_report_period_holds_the_figures),
    TEST(test_report_period_names_no_entry_and_nobody),
    TEST(test_report_period_says_the_same_in_all_forms),
    TEST(test_report_period_time_to_block_is_of_the_data_planes_of_then),
    TEST(test_report_period_refuses),
    TEST(test_report_period_without_memory_is_none),
    TEST(test_report_quantiles),
    TEST(test_report_csv_quotes),
};
HARNESS_MAIN("report_period", tests)
