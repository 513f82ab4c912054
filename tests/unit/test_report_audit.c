/* SPDX-License-Identifier: BSD-3-Clause */
/* What is said of orders, lists and acts to an inspector; the log itself is test_logcopy.c's. */
#include <errno.h>
#include <sys/stat.h>

#include "audit/entry.h"
#include "audit/note.h"
#include "audit/tile.h"
#include "common/bytes.h"
#include "control/report/inspect.h"
#include "control/store/journal.h"
#include "tests/unit/store_fixture.h"

#define SECRET "canaryentry"
#define ORIGIN "roja.isp.example/audit"

static struct fixture f;
static struct control_config config;
static struct report_context context;
static char vkey[NOTE_VKEY_BYTES];

static void run(const char *sql)
{
	int err = store_run(f.s, &f.e, sql, "");
	if (err)
		printf("# %s: %s\n", sql, f.e.text);
	CU_ASSERT_EQUAL(err, 0);
}

static void write_file(const char *name, const void *bytes, size_t n)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/audit/log/%s", f.folder, name);
	for (char *slash = path + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = 0;
		mkdir(path, 0755);
	}
	FILE *out = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	CU_ASSERT_EQUAL(fwrite(bytes, 1, n, out), n);
	fclose(out);
}

static struct span span_of(const char *text)
{
	return (struct span){(const uint8_t *)text, strlen(text)};
}

/* A log of one leaf, as a log begins. */
static void write_log(void)
{
	static struct entry entry;
	uint8_t bundle[1024];
	char note[NOTE_MAX_BYTES];
	struct signer *key;
	struct hash root;
	CU_ASSERT_EQUAL_FATAL(signer_new(ORIGIN, &key, &f.e), 0);
	verifier_print(signer_verifier(key), vkey);
	entry.kind = ENTRY_LOG;
	entry.v[ENTRY_F(LOG, origin)].s = span_of(ORIGIN);
	entry.v[ENTRY_F(LOG, vkey)].s = span_of(vkey);
	size_t n = entry_encode(&entry, bundle + 2, sizeof(bundle) - 2);
	CU_ASSERT_FATAL(n && n < sizeof(bundle) - 2);
	put_be16(bundle, (uint16_t)n);
	tree_leaf(bundle + 2, n, &root);
	write_file("tile/entries/000.p/1", bundle, n + 2);
	write_file("tile/0/000.p/1", &root, sizeof(root));
	size_t len = checkpoint_print(ORIGIN, 1, &root, note);
	CU_ASSERT_EQUAL(note_sign(note, &len, sizeof(note), key, &f.e), 0);
	write_file("checkpoint", note, len);
	signer_free(key);
}

/* Order 1 is confidential, order 2 is not; a third one is over. */
static void begin(void)
{
	fixture_open(&f);
	config = (struct control_config){.state = f.folder};
	context = (struct report_context){.store = f.s, .config = &config, .now = clock_now()};
	for (unsigned i = 0; i < 3; i++) {
		json_t *fields = fixture_fields(NULL);
		int64_t id, proposal;
		json_object_set_new(fields, "confidential", json_boolean(i == 0));
		CU_ASSERT_EQUAL(order_add(f.s, &f.e, &ana, fields, &id, &proposal), 0);
		json_decref(fields);
	}
	run("UPDATE orders SET created = 100, ended = 200 WHERE id = 3");
	run("INSERT INTO lists(id, order_id, name, state, format, options, approval, uid, who, created, url)"
	    " VALUES(1, 1, 'secret', 'approved', 'plain', '{}', 'each', 1, 'ana', 0, x'01'),"
	    " (2, 2, 'open', 'approved', 'plain', '{}', 'each', 1, 'ana', 0, NULL)");
	run("INSERT INTO imports(list_id, state, received, uid, who, source, file, sha256, bytes, original, report, lines, entries,"
	    " rejected, duplicates, added, removed, skipped, why, signature) SELECT id, 'approved', 1000, 1, 'ana', 'file',"
	    " '" SECRET ".txt', 'aa' || id, 1, 'o', '{\"digest\": \"dd\", \"notes\": [\"" SECRET
	    "\"]}', 1, 7, 0, 0, 0, 0, 0,"
	    " '" SECRET "', '{\"signer\": \"Court\"}' FROM lists");
	CU_ASSERT_EQUAL(
	    journal_add(f.s, &f.e, &ana, "order.add", "order 1", OUTCOME_DONE, "a, \"quoted\" text"), 0);
	CU_ASSERT_EQUAL(
	    journal_add(f.s, &f.e, &who_program, "list.import", "list open", OUTCOME_FAILED, "=1+1"), 0);
	write_log();
}

static const char *file(const struct files *files, const char *name)
{
	for (unsigned i = 0; i < files->n; i++)
		if (!strcmp(files->v[i].name, name))
			return files->v[i].bytes;
	return "";
}

static struct files make(int64_t from, int64_t order)
{
	struct files files = {.n = 0};
	const struct inspection i = {.from = from, .to = context.now + 1, .order = order};
	int err = inspect_files(&context, &i, &files, &f.e);
	if (err)
		printf("# %s\n", f.e.text);
	CU_ASSERT_EQUAL_FATAL(err, 0);
	return files;
}

static json_t *rows(const struct files *files, const char *name, size_t want)
{
	json_t *o = json_loads(file(files, name), 0, NULL);
	CU_ASSERT_EQUAL_FATAL(json_array_size(o), want);
	return o;
}

static const char *text_of(const json_t *all, size_t row, const char *key)
{
	const char *text = json_string_value(json_object_get(json_array_get(all, row), key));
	return text ? text : "(null)";
}

static void test_report_audit_tells_of_all_orders(void)
{
	begin();
	struct files files = make(1000, 0);
	json_t *orders = rows(&files, "orders.json", 2), *lists = rows(&files, "lists.json", 2);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(
				   json_object_get(json_array_get(orders, 0), "fields"), "reference")),
			       "1196");
	CU_ASSERT_STRING_EQUAL(text_of(lists, 0, "sha256"), "aa1");
	CU_ASSERT_STRING_EQUAL(text_of(lists, 0, "entries_sha256"), "dd");
	CU_ASSERT_STRING_EQUAL(text_of(lists, 0, "file"), "(null)");
	CU_ASSERT_STRING_EQUAL(text_of(lists, 0, "why"), "(null)");
	CU_ASSERT_STRING_EQUAL(text_of(lists, 1, "file"), SECRET ".txt");
	CU_ASSERT_PTR_NOT_NULL(strstr(file(&files, "lists.json"), "\"signer\": \"Court\""));
	const char *journal = file(&files, "journal.csv");
	CU_ASSERT(!strncmp(journal, "id,time,uid,who,act,subject,outcome,text\r\n", 42));
	CU_ASSERT_PTR_NOT_NULL(strstr(journal, ",ana,order.add,order 1,done,\"a, \"\"quoted\"\" text\"\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(journal, ",-1,roja-control,list.import,list open,failed,'=1+1\r\n"));
	CU_ASSERT(!strncmp(file(&files, "log.vkey"), vkey, strlen(vkey)));
	CU_ASSERT_PTR_NOT_NULL(strstr(file(&files, "README.sq.txt"), "PËR NJË INSPEKTIM"));
	json_decref(orders);
	json_decref(lists);
	files_free(&files);
	fixture_close(&f);
}

/* Of a confidential list nothing but digests and counts; of one order nothing of another. */
static void test_report_audit_of_one_order(void)
{
	begin();
	struct files files = make(0, 1);
	json_decref(rows(&files, "orders.json", 1));
	json_decref(rows(&files, "lists.json", 1));
	for (unsigned i = 0; i < files.n; i++)
		CU_ASSERT_PTR_NULL(strstr(files.v[i].bytes, SECRET));
	CU_ASSERT_PTR_NULL(strstr(file(&files, "journal.csv"), "list open"));
	CU_ASSERT_PTR_NOT_NULL(strstr(file(&files, "journal.csv"), "order 1"));
	files_free(&files);
	const struct inspection none = {.from = 0, .to = 10, .order = 9}, turned = {.from = 10, .to = 10};
	CU_ASSERT_EQUAL(inspect_files(&context, &none, &files, &f.e), -ENOENT);
	CU_ASSERT_EQUAL(inspect_files(&context, &turned, &files, &f.e), -EINVAL);
	fixture_close(&f);
}

static void test_report_audit_without_a_log_is_refused(void)
{
	struct files files = {.n = 0};
	const struct inspection all = {.from = 0, .to = 10};
	begin();
	config.state = "/nonexistent";
	CU_ASSERT(inspect_files(&context, &all, &files, &f.e) < 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.e.text, "/nonexistent/audit/log"));
	files_free(&files);
	fixture_close(&f);
}

static const struct test tests[] = {
    TEST(test_report_audit_tells_of_all_orders),
    TEST(test_report_audit_of_one_order),
    TEST(test_report_audit_without_a_log_is_refused),
};
HARNESS_MAIN("report_audit", tests)
