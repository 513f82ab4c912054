/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of the store's outbox become leaves: a row is taken once, as the log's map says how far ("outbox"). */
#include <errno.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "common/hex.h"
#include "control/audit/audit_state.h"
#include "control/log.h"
#include "control/store/clock.h"

#define KEY   "outbox"
#define BATCH 256 /* rows a turn */
#define NS    1000000000

struct row {
	int64_t id, ref;
	char kind[16], text[64];
};

/* Seconds of the store; before 1970 and none: 0; what is later than a leaf can say (in 2262): the last that it can. */
static struct entry_value value_time(int64_t seconds)
{
	return value_uint(seconds <= 0 ? 0 : seconds > INT64_MAX / NS ? INT64_MAX : (uint64_t)seconds * NS);
}

static struct entry_value value_of(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	return json_is_string(v) ? value_text(json_string_value(v))
				 : value_uint((uint64_t)json_integer_value(v));
}

static unsigned word_of(const char *const *words, unsigned n, const char *word)
{
	for (unsigned i = 0; word && i < n; i++)
		if (!strcmp(words[i], word))
			return i;
	return 0;
}

/* Room for digests that an entry borrows. */
struct digests {
	uint8_t a[32], b[32];
};

static struct entry_value digest_of(const json_t *o, const char *key, uint8_t room[32])
{
	const char *hex = json_string_value(json_object_get(o, key));
	if (!hex || !hex_read(hex, room, 32))
		memset(room, 0, 32);
	return value_bytes(room, 32);
}

static void fill_act(struct entry *t, const json_t *o, struct digests *d)
{
	static const char *const outcomes[] = {"done", "refused", "failed"};
	(void)d;
	t->kind = ENTRY_ACT;
	t->v[ENTRY_F(ACT, act_id)] = value_of(o, "id");
	t->v[ENTRY_F(ACT, uid)] = value_int(json_integer_value(json_object_get(o, "uid")));
	t->v[ENTRY_F(ACT, who)] = value_of(o, "who");
	t->v[ENTRY_F(ACT, act)] = value_of(o, "act");
	t->v[ENTRY_F(ACT, subject)] = value_of(o, "subject");
	t->v[ENTRY_F(ACT, outcome)] =
	    value_uint(word_of(outcomes, 3, json_string_value(json_object_get(o, "outcome"))));
	t->v[ENTRY_F(ACT, text)] = value_of(o, "text");
}

static void fill_order(struct entry *t, const json_t *o, struct digests *d)
{
	const json_t *fields = json_object_get(o, "fields");
	char *canonical = json_dumps(fields, JSON_COMPACT | JSON_SORT_KEYS);
	bool hidden = json_is_true(json_object_get(fields, "confidential"));
	const char *records = json_string_value(json_object_get(fields, "records"));
	SHA256((const uint8_t *)(canonical ? canonical : ""), canonical ? strlen(canonical) : 0, d->a);
	free(canonical);
	t->kind = ENTRY_ORDER;
	t->v[ENTRY_F(ORDER, order)] = value_of(o, "id");
	t->v[ENTRY_F(ORDER, state)] = value_of(o, "state");
	t->v[ENTRY_F(ORDER, authority)] = value_of(fields, "authority");
	t->v[ENTRY_F(ORDER, reference)] = value_of(fields, "reference");
	t->v[ENTRY_F(ORDER, category)] = value_of(fields, "category");
	t->v[ENTRY_F(ORDER, confidential)] = value_uint(hidden);
	t->v[ENTRY_F(ORDER, records)] = value_text(records ? records : hidden ? "counts" : "events");
	t->v[ENTRY_F(ORDER, received)] = value_time(json_integer_value(json_object_get(o, "received")));
	t->v[ENTRY_F(ORDER, starts)] = value_time(json_integer_value(json_object_get(o, "starts")));
	t->v[ENTRY_F(ORDER, expires)] = value_time(json_integer_value(json_object_get(o, "expires")));
	t->v[ENTRY_F(ORDER, digest)] = value_bytes(d->a, 32);
}

static void fill_import(struct entry *t, const json_t *o, struct digests *d)
{
	t->kind = ENTRY_IMPORT;
	t->v[ENTRY_F(IMPORT, import)] = value_of(o, "id");
	t->v[ENTRY_F(IMPORT, list)] = value_of(o, "list");
	t->v[ENTRY_F(IMPORT, order)] = value_of(o, "order");
	t->v[ENTRY_F(IMPORT, state)] = value_of(o, "state");
	t->v[ENTRY_F(IMPORT, file)] = digest_of(o, "sha256", d->a);
	t->v[ENTRY_F(IMPORT, entries)] = value_of(o, "entries");
	t->v[ENTRY_F(IMPORT, added)] = value_of(o, "added");
	t->v[ENTRY_F(IMPORT, removed)] = value_of(o, "removed");
}

/* An array of numbers into the entry's room. */
static struct entry_value value_array(struct entry *t, const json_t *numbers)
{
	unsigned n = 0;
	size_t i;
	json_t *v;
	json_array_foreach(numbers, i, v) if (n < ENTRY_ARRAY_MAX) t->array[n++] =
	    (uint64_t)json_integer_value(v);
	return (struct entry_value){.uints = t->array, .n_uints = n};
}

static void fill_version(struct entry *t, const json_t *o, struct digests *d)
{
	t->kind = ENTRY_VERSION;
	t->v[ENTRY_F(VERSION, version)] = value_of(o, "id");
	t->v[ENTRY_F(VERSION, digest)] = digest_of(o, "digest", d->a);
	t->v[ENTRY_F(VERSION, plan)] = digest_of(o, "plan_digest", d->b);
	t->v[ENTRY_F(VERSION, rules)] = value_of(o, "rules");
	t->v[ENTRY_F(VERSION, orders)] = value_array(t, json_object_get(o, "orders"));
}

static void fill_enforced(struct entry *t, const json_t *o, struct digests *d)
{
	t->kind = ENTRY_ENFORCED;
	t->v[ENTRY_F(ENFORCED, node)] = value_of(o, "dataplane");
	t->v[ENTRY_F(ENFORCED, version)] = value_of(o, "version");
	t->v[ENTRY_F(ENFORCED, digest)] = digest_of(o, "digest", d->a);
	t->v[ENTRY_F(ENFORCED, sent)] = value_of(o, "sent");
	t->v[ENTRY_F(ENFORCED, acked)] = value_of(o, "acked");
	t->v[ENTRY_F(ENFORCED, switched)] = value_array(t, json_object_get(o, "switched"));
}

static void fill_alarm(struct entry *t, const json_t *o, struct digests *d)
{
	static const char *const states[] = {"raised", "seen", "over"};
	(void)d;
	t->kind = ENTRY_ALARM;
	t->v[ENTRY_F(ALARM, alarm)] = value_of(o, "id");
	t->v[ENTRY_F(ALARM, alarm_kind)] = value_of(o, "kind");
	t->v[ENTRY_F(ALARM, subject)] = value_of(o, "subject");
	t->v[ENTRY_F(ALARM, state)] =
	    value_uint(word_of(states, 3, json_string_value(json_object_get(o, "what"))));
	t->v[ENTRY_F(ALARM, text)] = value_of(o, "text");
}

/* Question: ?1 the row's ref, ?2 its text. `at`: seconds of the leaf's time; 0: now. */
static const struct source {
	const char *kind, *question;
	void (*fill)(struct entry *t, const json_t *o, struct digests *d);
} sources[] = {
    {"act", "SELECT * FROM journal WHERE id = ?1 AND ?2 IS NULL", fill_act},
    {"order",
     "SELECT id, state, fields AS \"fields:j\", received, starts, expires FROM orders WHERE id = ?1 AND ?2 IS NULL",
     fill_order},
    {"import",
     "SELECT i.id, i.list_id AS list, l.order_id AS \"order\", i.state, i.sha256, i.entries, i.added, i.removed"
     " FROM imports i JOIN lists l ON l.id = i.list_id WHERE i.id = ?1 AND ?2 IS NULL",
     fill_import},
    {"version",
     "SELECT id, digest, plan_digest, rules, (SELECT json_group_array(DISTINCT l.value ->> 'order')"
     " FROM json_each(plan, '$.lists') l) AS \"orders:j\" FROM versions WHERE id = ?1 AND ?2 IS NULL",
     fill_version},
    {"enforced",
     "SELECT k.dataplane, v.id AS version, v.digest, k.sent_ns AS sent, k.acked_ns AS acked,"
     " coalesce(k.switched, '[]') AS \"switched:j\" FROM acks k JOIN activations a ON a.id = k.activation_id"
     " JOIN versions v ON v.id = a.version_id WHERE k.activation_id = ?1 AND k.dataplane = ?2",
     fill_enforced},
    {"alarm",
     "SELECT id, kind, subject, text, ?2 AS what, CASE ?2 WHEN 'raised' THEN raised WHEN 'seen' THEN acked"
     " ELSE cleared END AS at FROM alarms WHERE id = ?1",
     fill_alarm},
};

/* What no leaf can say shall not keep back what comes behind it. */
static int tell_unsaid(struct audit *a, const struct row *row, struct err *e)
{
	struct err why = *e;
	char text[ERR_BYTES];
	snprintf(text, sizeof(text), "%s %lld of the store cannot be said in a leaf of its own", row->kind,
		 (long long)row->ref);
	log_error("the log: %s: %.400s", text, why.text);
	a->entry.kind = ENTRY_RECOVERED;
	a->entry.v[ENTRY_F(RECOVERED, text)] = value_text(text);
	return log_add(a->log, &a->entry, NULL, e);
}

/* A row whose subject is gone leaves nothing: that it is said in the program's log is enough. */
static int take(struct audit *a, const struct row *row, struct err *e)
{
	const struct source *s = NULL;
	struct digests d;
	json_t *o = NULL;
	for (unsigned i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		if (!strcmp(sources[i].kind, row->kind))
			s = &sources[i];
	int err =
	    s ? store_json_row(a->store, &o, e, s->question, "it", row->ref, *row->text ? row->text : NULL)
	      : -ENOENT;
	if (err == -ENOENT) {
		log_warn("%s %lld is gone before it became a leaf of the log", row->kind,
			 (long long)row->ref);
		return 0;
	}
	if (err)
		return err;
	int64_t at = json_integer_value(json_object_get(o, "at"));
	a->entry.time_ns = at > 0 ? (uint64_t)at * NS : (uint64_t)clock_now_ns();
	s->fill(&a->entry, o, &d);
	err = log_add(a->log, &a->entry, NULL, e);
	if (err == -EINVAL)
		err = tell_unsaid(a, row, e);
	json_decref(o);
	return err;
}

static int read_rows(struct audit *a, struct row ret[BATCH], unsigned *ret_n, struct err *e)
{
	struct rows r;
	unsigned n = 0;
	rows_open(&r, a->store, "SELECT id, kind, ref, text FROM outbox WHERE id > ? ORDER BY id LIMIT ?",
		  "ii", a->outbox, (int64_t)BATCH);
	while (n < BATCH && rows_next(&r)) {
		const char *text = rows_text(&r, 3);
		ret[n].id = rows_int(&r, 0);
		ret[n].ref = rows_int(&r, 2);
		snprintf(ret[n].kind, sizeof(ret[n].kind), "%s", rows_text(&r, 1));
		snprintf(ret[n++].text, sizeof(ret->text), "%s", text ? text : "");
	}
	*ret_n = n;
	return rows_end(&r, e);
}

int outbox_take(struct audit *a, bool *ret_more, struct err *e)
{
	struct row rows[BATCH];
	unsigned n, i = 0;
	*ret_more = false;
	int err = read_rows(a, rows, &n, e);
	for (; !err && i < n; i++) {
		err = take(a, &rows[i], e);
		if (!err)
			a->outbox = rows[i].id;
	}
	if (n && log_set(a->log, KEY, &a->outbox, sizeof(a->outbox)) && !err)
		err = err_set(e, -ENOMEM, "no memory for the log");
	if (n)
		a->outbox_ticket = log_commit(a->log);
	*ret_more = n == BATCH && !err;
	return err;
}

bool outbox_is_due(const struct audit *a)
{
	return a->outbox_gone != a->outbox && log_done(a->log) >= a->outbox_ticket;
}

int outbox_clean(struct audit *a, struct err *e)
{
	if (!outbox_is_due(a))
		return 0;
	int err = store_run(a->store, e, "DELETE FROM outbox WHERE id <= ?", "i", a->outbox);
	if (!err)
		a->outbox_gone = a->outbox;
	return err;
}

static int put_back(struct audit *a, int64_t numbered, struct err *e)
{
	a->entry.kind = ENTRY_RECOVERED;
	a->entry.time_ns = (uint64_t)clock_now_ns();
	a->entry.v[ENTRY_F(RECOVERED, text)] = value_text(
	    "the store is older than the log: an earlier copy of it was put back; acts in between are in the log alone");
	log_warn(
	    "the store is older than the log (act %lld, the log knows %lld): an earlier copy of it was put back",
	    (long long)numbered, (long long)a->outbox);
	int err = log_add(a->log, &a->entry, NULL, e);
	if (!err)
		err = store_run(a->store, e, "DELETE FROM outbox WHERE id <= ?", "i", a->outbox);
	if (!err)
		err = store_run(a->store, e, "DELETE FROM sqlite_sequence WHERE name = 'outbox'", "");
	return err ? err
		   : store_run(a->store, e, "INSERT INTO sqlite_sequence(name, seq) VALUES('outbox', ?)", "i",
			       a->outbox);
}

int outbox_load(struct audit *a, struct err *e)
{
	size_t bytes;
	int64_t numbered = 0;
	const void *last = log_get(a->log, KEY, &bytes);
	if (last && bytes == sizeof(a->outbox))
		memcpy(&a->outbox, last, bytes);
	int err = store_int(a->store, &numbered, e,
			    "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'outbox'", "");
	if (!err && numbered < a->outbox)
		err = put_back(a, numbered, e);
	return err;
}
