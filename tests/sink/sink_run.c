/* SPDX-License-Identifier: BSD-3-Clause */
/* sink_run CONFIG FOLDER: a real log in FOLDER, the sinks of CONFIG behind it, and a loop, driven by lines on stdin; answers are lines of JSON.
 *
 *   add N      appends N entries and commits; answers {"size": leaves} once they are durable
 *   look       {"durable", "sinks": [{name, lag (unsettled ones too), unsettled, sent, failures, up, trouble}], "alarms": [subjects], "longest_ms": the longest turn of the loop}
 * The end of stdin ends it in good order. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/sink/sinks.h"
#include "control/store/alarms.h"

struct run {
	uv_loop_t loop;
	uv_pipe_t in;
	uv_async_t wake;
	uv_prepare_t prepare;
	uv_check_t check;
	struct control_config *config;
	struct store *store;
	struct audit_log *log;
	struct sinks *sinks;
	struct seal_key *key;
	uint64_t began, longest, wanted; /* wanted: answer once so many are durable */
	char line[256];
	size_t len;
};
static struct run r;

static void fail(const char *what, const struct err *e)
{
	fprintf(stderr, "sink_run: %s: %s\n", what, e->text);
	exit(1);
}

static void say(json_t *o)
{
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(o);
}

static void notify(void *ctx)
{
	(void)ctx;
	uv_async_send(&r.wake);
}

static void on_wake(uv_async_t *a)
{
	uint64_t durable = log_status(r.log)->durable;
	(void)a;
	sinks_on_durable(r.sinks);
	if (r.wanted && durable >= r.wanted) {
		r.wanted = 0;
		say(json_pack("{sI}", "size", (json_int_t)durable));
	}
}

static void add(unsigned n)
{
	struct entry entry = {.kind = ENTRY_HIT, .time_ns = UINT64_C(1798000000000000000)};
	static const uint8_t id[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct err e = {""};
	uint64_t index = 0;
	entry.v[ENTRY_F(HIT, rule)].s = (struct span){id, 8};
	entry.v[ENTRY_F(HIT, pseudonym)].s = (struct span){id, 8};
	for (unsigned i = 0; i < n; i++) {
		entry.v[ENTRY_F(HIT, seq)].n = i;
		if (log_add(r.log, &entry, &index, &e))
			fail("add", &e);
	}
	r.wanted = index + 1;
	log_commit(r.log);
	uv_async_send(&r.wake);
}

static void look(void)
{
	struct err e = {""};
	json_t *all = json_array(), *alarms = NULL;
	struct sink_figures f;
	for (unsigned i = 0; sinks_look(r.sinks, i, &f); i++)
		json_array_append_new(all, json_pack("{ss sI sI sI sI sb ss}", "name", f.name, "lag",
						     (json_int_t)(f.lag + f.unsettled), "unsettled",
						     (json_int_t)f.unsettled, "sent", (json_int_t)f.sent,
						     "failures", (json_int_t)f.failures, "up", f.is_up,
						     "trouble", f.trouble));
	if (store_json(r.store, &alarms, &e, "SELECT kind, subject, text FROM alarms WHERE cleared IS NULL",
		       ""))
		fail("alarms", &e);
	say(json_pack("{sI so so sI}", "durable", (json_int_t)log_status(r.log)->durable, "sinks", all,
		      "alarms", alarms, "longest_ms", (json_int_t)(r.longest / 1000000)));
	r.longest = 0;
}

static void on_line(const char *line)
{
	unsigned n;
	if (sscanf(line, "add %u", &n) == 1)
		add(n);
	else if (!strcmp(line, "look"))
		look();
}

static void on_alloc(uv_handle_t *h, size_t size, uv_buf_t *ret)
{
	(void)h, (void)size;
	*ret = uv_buf_init(r.line + r.len, (unsigned)(sizeof(r.line) - 1 - r.len));
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	(void)b;
	if (n < 0) {
		uv_close((uv_handle_t *)s, NULL);
		uv_stop(&r.loop);
		return;
	}
	r.len += (size_t)n;
	r.line[r.len] = 0;
	for (char *end; (end = strchr(r.line, '\n'));) {
		*end++ = 0;
		on_line(r.line);
		r.len -= (size_t)(end - r.line);
		memmove(r.line, end, r.len + 1);
	}
}

/* How long a turn of the loop takes, without its waiting. */
static void on_check(uv_check_t *c)
{
	(void)c;
	r.began = uv_hrtime();
}

static void on_prepare(uv_prepare_t *p)
{
	(void)p;
	uint64_t took = r.began ? uv_hrtime() - r.began : 0;
	r.longest = took > r.longest ? took : r.longest;
}

static void open_all(const char *config, const char *folder)
{
	struct err e = {""};
	char path[4096], log[4096];
	snprintf(path, sizeof(path), "%s/key", folder);
	snprintf(log, sizeof(log), "%s/audit", folder);
	if (access(path, F_OK) && seal_key_make(path, &e))
		fail("key", &e);
	if (control_config_load(config, &r.config, &e) || seal_key_find(path, &r.key, &e) ||
	    store_open(folder, r.key, &r.store, &e))
		fail("store", &e);
	const struct log_config c = {
	    .folder = log, .origin = "roja.example/audit", .checkpoint_ms = 100, .notify = notify};
	mkdir(log, 0700);
	if (log_open(&c, &r.log, &e))
		fail("log", &e);
	if (sinks_open(&r.loop, r.config, r.store, r.log, &r.sinks, &e))
		fail("sinks", &e);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	uv_loop_init(&r.loop);
	uv_async_init(&r.loop, &r.wake, on_wake);
	uv_pipe_init(&r.loop, &r.in, 0);
	uv_check_init(&r.loop, &r.check);
	uv_prepare_init(&r.loop, &r.prepare);
	open_all(argv[1], argv[2]);
	uv_check_start(&r.check, on_check);
	uv_prepare_start(&r.prepare, on_prepare);
	uv_pipe_open(&r.in, 0);
	uv_read_start((uv_stream_t *)&r.in, on_alloc, on_read);
	say(json_pack("{sI}", "size", (json_int_t)log_status(r.log)->durable));
	uv_run(&r.loop, UV_RUN_DEFAULT);
	sinks_stop(r.sinks);
	log_close(r.log);
	uv_close((uv_handle_t *)&r.wake, NULL);
	uv_close((uv_handle_t *)&r.check, NULL);
	uv_close((uv_handle_t *)&r.prepare, NULL);
	uv_run(&r.loop, UV_RUN_DEFAULT);
	uv_loop_close(&r.loop);
	sinks_free(r.sinks);
	store_close(r.store);
	seal_key_free(r.key);
	control_config_free(r.config);
	return 0;
}
