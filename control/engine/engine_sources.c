/* SPDX-License-Identifier: BSD-3-Clause */
/* Where lists come from by themselves: URLs that are asked when their time has come; spool folders: engine_spool.c. */
#include <errno.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/engine/engine_import.h"
#include "control/engine/sources.h"
#include "control/feed/fetch.h"
#include "control/feed/refresh.h"
#include "control/log.h"
#include "control/store/clock.h"
#include "control/store/lists.h"

#define STALE_FAILURES 3 /* in a row: then it is an alarm */
#define EVERY_S	       3600

struct polling {
	struct engine *engine;
	int64_t list;
	char name[LIST_NAME_MAX + 1];
	char *url, *signature_url, *authorization;
	struct refresh refresh;
	struct refresh_policy policy;
	struct fetch_request request;
	struct fetch_result result;
};

static void polling_free(struct polling *p)
{
	free(p->url);
	free(p->signature_url);
	if (p->authorization)
		explicit_bzero(p->authorization, strlen(p->authorization));
	free(p->authorization);
	fetch_result_fini(&p->result);
	free(p);
}

/* The list's place, or an empty one where list is 0; NULL: none, also where the engine stops. */
static int64_t *busy_place(struct engine *g, int64_t list)
{
	for (unsigned i = 0; g->sources && i < SOURCES_BUSY_MAX; i++)
		if (g->sources->busy[i] == list)
			return &g->sources->busy[i];
	return NULL;
}

bool source_begin(struct engine *g, int64_t list)
{
	int64_t *place = busy_place(g, list) ? NULL : busy_place(g, 0);
	if (place)
		*place = list;
	return place != NULL;
}

void source_end(struct engine *g, int64_t list)
{
	int64_t *place = busy_place(g, list);
	if (place)
		*place = 0;
}

static void copy(char *to, size_t room, const char *text)
{
	snprintf(to, room, "%s", text ? text : "");
}

static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

/* The file's first line; a password is no argument and no column. */
static int read_authorization(const char *path, char **ret, struct err *e)
{
	char line[1024];
	FILE *f = *path ? fopen(path, "re") : NULL;
	if (!*path)
		return 0;
	if (!f || !fgets(line, sizeof(line), f)) {
		int err =
		    err_set(e, -EINVAL, "%s: cannot be read: %s", path, f ? "it is empty" : strerror(errno));
		if (f)
			fclose(f);
		return err;
	}
	fclose(f);
	line[strcspn(line, "\r\n")] = '\0';
	*ret = strdup(line);
	explicit_bzero(line, sizeof(line));
	return *ret ? 0 : err_set(e, -ENOMEM, "no memory");
}

static int fill_row(struct polling *p, int64_t list, struct err *e)
{
	struct rows r;
	bool there;
	rows_open(
	    &r, p->engine->store,
	    "SELECT name, url, signature_url, etag, last_modified, failures, coalesce(every_s, 0) FROM lists"
	    " WHERE id = ? AND url IS NOT NULL",
	    "i", list);
	if ((there = rows_next(&r))) {
		copy(p->name, sizeof(p->name), rows_text(&r, 0));
		p->url = rows_unseal(&r, 1, "lists.url");
		p->signature_url = rows_unseal(&r, 2, "lists.url");
		copy(p->refresh.etag, sizeof(p->refresh.etag), rows_text(&r, 3));
		copy(p->refresh.last_modified, sizeof(p->refresh.last_modified), rows_text(&r, 4));
		p->refresh.failures = (unsigned)rows_int(&r, 5);
		p->policy.every_s = (uint32_t)rows_int(&r, 6);
	}
	int err = rows_end(&r, e);
	return err || there ? err : err_set(e, -ENOENT, "this list has no URL to ask");
}

static int fill(struct polling *p, int64_t list, struct err *e)
{
	struct list_row l;
	const struct control_config *c = p->engine->config;
	int err = list_find(p->engine->store, e, list, NULL, &l);
	if (err)
		return err;
	const struct config_authority *a = control_config_authority(c, l.authority);
	list_row_free(&l);
	p->list = list;
	err = fill_row(p, list, e);
	if (!err)
		err = read_authorization(a->authorization_file, &p->authorization, e);
	if (!p->policy.every_s)
		p->policy.every_s = EVERY_S;
	p->request = (struct fetch_request){.url = p->url,
					    .signature_url = p->signature_url,
					    .etag = or_null(p->refresh.etag),
					    .last_modified = or_null(p->refresh.last_modified),
					    .allow_http = a->allow_http,
					    .file_root = or_null(c->limits.file_root),
					    .ca_file = or_null(a->ca_file),
					    .client_cert = or_null(a->client_cert),
					    .client_key = or_null(a->client_key),
					    .authorization = p->authorization,
					    .folder = or_null(c->limits.temp),
					    .max_bytes = a->max_bytes};
	return err;
}

static int keep(struct polling *p, const char *why, struct err *e)
{
	const struct refresh *r = &p->refresh;
	return store_run(
	    p->engine->store, e,
	    "UPDATE lists SET polled = ?, next_poll = ?, failures = ?, poll_error = ? WHERE id = ?", "iiiti",
	    r->tried_s, r->next_s, (int64_t)r->failures, why, p->list);
}

/* What came is in use, or waits for a person: the next answer need only say that it is the same. */
struct accepting {
	struct engine *engine;
	int64_t list;
	struct refresh refresh;
};

static void on_imported(void *ctx, int err, const json_t *result, const struct err *e)
{
	struct accepting *a = ctx;
	struct err failed = {""};
	(void)e;
	if (!err && !json_is_true(json_object_get(result, "refused")) && !a->engine->stopping &&
	    store_run(a->engine->store, &failed, "UPDATE lists SET etag = ?, last_modified = ? WHERE id = ?",
		      "tti", a->refresh.etag, a->refresh.last_modified, a->list))
		log_error("what a source said cannot be kept: %s", failed.text);
	source_end(a->engine, a->list);
	free(a);
}

static int import(struct polling *p, struct err *e)
{
	struct accepting *a = calloc(1, sizeof(*a));
	uint64_t job;
	const struct engine_import in = {.list_id = p->list,
					 .uid = WHO_PROGRAM_UID,
					 .who = who_program.name,
					 .fd = p->result.fd,
					 .file = "from its URL",
					 .source = "url",
					 .signature = p->result.signature,
					 .signature_bytes = p->result.signature_bytes};
	if (!a)
		return err_set(e, -ENOMEM, "no memory for an import");
	*a = (struct accepting){.engine = p->engine, .list = p->list};
	refresh_accept(&a->refresh, &p->result);
	p->result.fd = -1; /* taken over */
	int err = engine_import_after(p->engine, &in, &(struct import_after){on_imported, a}, &job, e);
	if (err)
		free(a);
	return err;
}

static void say(struct polling *p, int err, const struct err *e)
{
	struct engine *g = p->engine;
	char subject[LIST_NAME_MAX + 8];
	snprintf(subject, sizeof(subject), "list %s", p->name);
	g->counts.polls++;
	if (!err) {
		if (p->refresh.failures == 0)
			engine_alarm_clear(g, ALARM_FEED_STALE, subject);
		return;
	}
	g->counts.polls_failed++;
	log_warn("%s: %s", subject, e->text);
	if (p->refresh.failures == STALE_FAILURES)
		engine_alarm(g, ALARM_FEED_STALE, subject, "%u times in a row: %s", p->refresh.failures,
			     e->text);
}

static int on_done(void *ctx, void *arg, int err, bool cancelled, json_t **ret, struct err *e)
{
	struct engine *g = ctx;
	struct polling *p = arg;
	struct err failed = {""};
	uint32_t random = 0;
	bool importing = false;
	if (cancelled || g->stopping) {
		polling_free(p);
		return -ECANCELED;
	}
	RAND_bytes((unsigned char *)&random, sizeof(random));
	refresh_after(&p->refresh, &p->policy, &p->result, clock_now(), random);
	if (keep(p, err ? e->text : NULL, &failed))
		log_error("what a source said cannot be kept: %s", failed.text);
	say(p, err, e);
	if (!err && p->result.status == FETCH_NEW) {
		err = import(p, e);
		importing = !err;
	}
	if (!err)
		*ret = json_pack("{ssss}", "list", p->name, "answer",
				 p->result.status == FETCH_NEW ? "new" : "unchanged");
	if (!importing)
		source_end(g, p->list);
	polling_free(p);
	return err;
}

static int work(void *arg, const atomic_bool *cancel, struct err *e)
{
	struct polling *p = arg;
	p->request.cancel = cancel;
	return fetch_run(&p->request, &p->result, e);
}

static int poll_url(struct engine *g, int64_t list, struct err *e)
{
	struct polling *p = calloc(1, sizeof(*p));
	uint64_t job;
	if (!p)
		return err_set(e, -ENOMEM, "no memory to ask a source");
	p->engine = g;
	p->result.fd = -1;
	int err = fill(p, list, e);
	if (!err && !source_begin(g, list))
		err = err_set(e, -EBUSY, "this source is being asked already, or too many others are");
	if (err) {
		polling_free(p);
		return err;
	}
	err = jobs_add(g->jobs, "list.poll", WHO_PROGRAM_UID,
		       &(struct job_work){.work = work, .done = on_done, .ctx = g, .arg = p}, &job, e);
	if (err) {
		source_end(g, list);
		polling_free(p);
	}
	return err;
}

int engine_poll(struct engine *g, int64_t list_id, struct err *e)
{
	int64_t spool = 0, approved = 0;
	int err = store_int(g->store, &approved, e,
			    "SELECT count(*) FROM lists l JOIN orders o ON o.id = l.order_id WHERE l.id = ?"
			    " AND l.state = 'approved' AND o.state = 'approved'",
			    "i", list_id);
	if (!err && !approved)
		return err_set(e, -EPERM,
			       "this list or its order is not approved: nothing is fetched for it before");
	if (!err)
		err = store_int(g->store, &spool, e, "SELECT spool IS NOT NULL FROM lists WHERE id = ?", "i",
				list_id);
	if (err)
		return err;
	return spool ? spool_look(g, list_id, e) : poll_url(g, list_id, e);
}

void engine_sources_tick(struct engine *g, int64_t now)
{
	int64_t due[8];
	unsigned n = 0;
	struct rows r;
	struct err e = {""};
	rows_open(
	    &r, g->store,
	    "SELECT l.id FROM lists l JOIN orders o ON o.id = l.order_id WHERE l.state = 'approved'"
	    " AND o.state = 'approved' AND (l.url IS NOT NULL OR l.spool IS NOT NULL) AND coalesce(l.next_poll, 0) <= ?"
	    " ORDER BY l.next_poll LIMIT 8",
	    "i", now);
	while (n < 8 && rows_next(&r))
		due[n++] = rows_int(&r, 0);
	if (rows_end(&r, &e))
		return;
	for (unsigned i = 0; i < n; i++) {
		int err = engine_poll(g, due[i], &e);
		if (err && err != -EBUSY) {
			log_warn("list %lld cannot be looked at: %s", (long long)due[i], e.text);
			store_run(g->store, NULL,
				  "UPDATE lists SET next_poll = ?, poll_error = ? WHERE id = ?", "iti",
				  now + 60, e.text, due[i]);
		}
	}
}

int engine_sources_new(struct engine *g, struct err *e)
{
	g->sources = calloc(1, sizeof(*g->sources));
	return g->sources ? 0 : err_set(e, -ENOMEM, "no memory for sources");
}

void engine_sources_free(struct engine *g)
{
	if (g->sources)
		spools_free(g->sources);
	free(g->sources);
	g->sources = NULL;
}
