/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/sink/sinks.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/log.h"
#include "control/sink/worker.h"
#include "control/store/alarms.h"

#define KEY_BYTES 64

struct sink {
	const struct config_sink *config;
	struct sinks *all;
	struct worker *worker;
	uint64_t kinds; /* by bit; 0: all */
	uint64_t read;	/* up to here leaves were given to the worker */
	uint64_t kept;	/* the place in the log's map */
	uint64_t mark;	/* once it has this one, it is not behind what was durable at mark_ms */
	uint64_t mark_ms;
	bool alarmed, told;	 /* told: the log line about its trouble */
	bool untold;		 /* the store did not take the alarm, or its end: it is tried each second */
	char stale[ERR_BYTES];	 /* the one that was told */
	bool bad;		 /* the log could not be read */
	struct portion *portion; /* that is filled now */
};

struct sinks {
	uv_loop_t *loop;
	struct store *store;
	struct audit_log *log;
	uv_async_t wake;
	uv_timer_t timer;
	unsigned n;
	struct sink v[CONTROL_SINKS_MAX];
};

static void key_of(const struct sink *s, char ret[KEY_BYTES])
{
	snprintf(ret, KEY_BYTES, "sink/%s", s->config->name);
}

static bool is_wanted(const struct sink *s, struct span entry)
{
	enum entry_kind kind;
	uint64_t time_ns;
	return !s->kinds || !entry.p || !entry_peek(entry, &kind, &time_ns) || s->kinds >> kind & 1;
}

static bool on_leaf(void *ctx, uint64_t index, struct span entry)
{
	struct sink *s = ctx;
	if (!is_wanted(s, entry)) {
		portion_skip(s->portion, index);
		return true;
	}
	return portion_add(s->portion, index, entry);
}

/* One portion; returns how many leaves it took from the log. */
static uint64_t fill_once(struct sink *s, uint64_t most)
{
	struct audit_log *log = s->all->log;
	struct err e = {""};
	s->portion = portion_new(s->read);
	if (!s->portion)
		return 0;
	int err = log_read(log, s->read, most, on_leaf, s, &e);
	if (err && !s->bad)
		log_error("sink %s: the log cannot be read at leaf %" PRIu64 ": %s", s->config->name,
			  s->portion->place, e.text);
	s->bad = err;
	uint64_t place = s->portion->place, n = place - s->read;
	if (!n)
		portion_free(s->portion);
	else if (queue_put(worker_queue(s->worker), s->portion))
		s->read = place;
	s->portion = NULL;
	return err ? 0 : n;
}

/* Whether there is more for which there is room. */
static bool fill(struct sink *s)
{
	struct queue *q = worker_queue(s->worker);
	uint64_t durable = log_status(s->all->log)->durable, taken = 0;
	queue_rewound(q, &s->read);
	while (s->read < durable && queue_has_room(q)) {
		if (taken >= SINKS_LEAVES)
			return true;
		uint64_t left = durable - s->read,
			 n = fill_once(s, left < SINKS_LEAVES ? left : SINKS_LEAVES);
		if (!n)
			break;
		taken += n;
	}
	return false;
}

void sinks_on_durable(struct sinks *s)
{
	bool more = false;
	for (unsigned i = 0; s && i < s->n; i++)
		more |= fill(&s->v[i]);
	if (more)
		uv_async_send(&s->wake);
}

static void on_wake(uv_async_t *a)
{
	sinks_on_durable(a->data);
}

static void on_woken(void *ctx)
{
	struct sinks *s = ctx;
	uv_async_send(&s->wake);
}

static int keep(struct sink *s, uint64_t place)
{
	char key[KEY_BYTES];
	uint8_t value[8];
	key_of(s, key);
	for (unsigned i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)(place >> (56 - 8 * i));
	int err = log_set(s->all->log, key, value, sizeof(value));
	if (!err)
		s->kept = place;
	return err;
}

static void set_alarm(struct sink *s, bool on, uint64_t lag, uint64_t age_s, const char *trouble)
{
	struct err e = {""};
	char subject[KEY_BYTES];
	snprintf(subject, sizeof(subject), "sink %s", s->config->name);
	int err = store_begin(s->all->store, &e);
	if (!err) {
		err = on ? alarm_raise(s->all->store, &e, ALARM_SINK_BEHIND, subject,
				       "for %" PRIu64 " s it has not taken what the log holds, %" PRIu64
				       " entries by now: %s",
				       age_s, lag, *trouble ? trouble : "it is slow")
			 : alarm_clear(s->all->store, &e, ALARM_SINK_BEHIND, subject);
		err = store_end(s->all->store, err, &e);
	}
	if (err && !s->untold)
		log_error("alarm sink-behind, which the store does not take: %s", e.text);
	s->untold = err;
	if (!err)
		s->alarmed = on;
}

static void look_behind(struct sink *s, const struct queue_figures *f, uint64_t durable)
{
	uint64_t now = uv_now(s->all->loop);
	if (f->written >= s->mark) {
		s->mark = durable;
		s->mark_ms = now;
	}
	bool behind = f->written < s->mark && now - s->mark_ms >= UINT64_C(1000) * s->config->behind_s;
	if (behind != s->alarmed)
		set_alarm(s, behind, durable - f->written, (now - s->mark_ms) / 1000, f->trouble);
}

static void look_trouble(struct sink *s, const struct queue_figures *f)
{
	if (*f->trouble && !s->told)
		log_warn("%s; it is tried again", f->trouble);
	else if (f->is_up && s->told)
		log_note("sink %s: goes on", s->config->name);
	s->told = *f->trouble;
}

static void look_stale(struct sink *s, const struct queue_figures *f)
{
	if (!strcmp(s->stale, f->stale))
		return;
	if (*f->stale)
		log_warn("%s; until then the old certificates stay in force", f->stale);
	else
		log_note("sink %s: its certificates were read again", s->config->name);
	snprintf(s->stale, sizeof(s->stale), "%s", f->stale);
}

static void on_timer(uv_timer_t *t)
{
	struct sinks *s = t->data;
	uint64_t durable = log_status(s->log)->durable;
	for (unsigned i = 0; i < s->n; i++) {
		struct queue_figures f;
		queue_look(worker_queue(s->v[i].worker), &f);
		if (f.settled != s->v[i].kept)
			keep(&s->v[i], f.settled); /* else the next time */
		look_behind(&s->v[i], &f, durable);
		look_trouble(&s->v[i], &f);
		look_stale(&s->v[i], &f);
	}
	sinks_on_durable(s);
}

static uint64_t kinds_of(const struct config_sink *c)
{
	uint64_t kinds = 0;
	for (unsigned i = 0; i < c->n_kinds; i++)
		for (unsigned k = 0; k < ENTRY_KINDS_END; k++)
			if (entry_rows[k].word && !strcmp(entry_rows[k].word, c->kinds[i]))
				kinds |= UINT64_C(1) << k;
	return kinds;
}

/* Where it goes on; a new one's place is durable before any leaf behind it. */
static int find_place(struct sink *s, uint64_t *ret, struct err *e)
{
	char key[KEY_BYTES];
	size_t bytes = 0;
	key_of(s, key);
	const uint8_t *value = log_get(s->all->log, key, &bytes);
	if (value && bytes == 8) {
		uint64_t place = 0;
		for (unsigned i = 0; i < 8; i++)
			place = place << 8 | value[i];
		uint64_t size = log_status(s->all->log)->size;
		*ret = place < size ? place : size;
		s->kept = place;
		return 0;
	}
	*ret = s->config->history ? 0 : log_status(s->all->log)->size;
	int err = keep(s, *ret);
	if (err)
		return err_set(e, err, "sink %s: the log does not take its place: %s", s->config->name,
			       strerror(-err));
	log_commit(s->all->log);
	return 0;
}

static int open_one(struct sinks *all, const struct config_sink *c, struct err *e)
{
	struct sink *s = &all->v[all->n];
	struct record_form form = {.frame = c->format == SINK_JSONL    ? RECORD_LINE
					    : c->transport == SINK_UDP ? RECORD_DATAGRAM
								       : RECORD_COUNTED,
				   .pseudonyms = c->pseudonyms,
				   .enterprise = c->enterprise,
				   .pid = (unsigned)getpid()};
	if (gethostname(form.host, sizeof(form.host)))
		form.host[0] = 0;
	form.host[sizeof(form.host) - 1] = 0;
	snprintf(form.origin, sizeof(form.origin), "%s", log_verifier(all->log)->name);
	*s = (struct sink){.config = c, .all = all, .kinds = kinds_of(c), .mark_ms = uv_now(all->loop)};
	int err = find_place(s, &s->read, e);
	if (!err)
		err = worker_start(c, &form, s->read, on_woken, all, &s->worker, e);
	if (!err)
		all->n++;
	return err;
}

int sinks_open(uv_loop_t *loop, const struct control_config *config, struct store *store,
	       struct audit_log *log, struct sinks **ret, struct err *e)
{
	*ret = NULL;
	if (!config->n_sinks)
		return 0;
	struct sinks *s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(e, -ENOMEM, "no memory for sinks");
	s->loop = loop;
	s->store = store;
	s->log = log;
	uv_async_init(loop, &s->wake, on_wake);
	uv_timer_init(loop, &s->timer);
	s->wake.data = s->timer.data = s;
	*ret = s; /* also where it fails: its handles are the loop's until they are closed */
	int err = 0;
	for (unsigned i = 0; !err && i < config->n_sinks; i++)
		err = open_one(s, &config->sinks[i], e);
	if (!err) {
		uv_timer_start(&s->timer, on_timer, SINKS_LOOK_MS, SINKS_LOOK_MS);
		uv_async_send(&s->wake);
	}
	return err;
}

void sinks_stop(struct sinks *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->n; i++)
		worker_ask_stop(s->v[i].worker);
	for (unsigned i = 0; i < s->n; i++)
		keep(&s->v[i], worker_stop(s->v[i].worker));
	s->n = 0;
	uv_close((uv_handle_t *)&s->wake, NULL);
	uv_close((uv_handle_t *)&s->timer, NULL);
}

void sinks_free(struct sinks *s)
{
	free(s);
}

bool sinks_look(struct sinks *s, unsigned i, struct sink_figures *ret)
{
	struct queue_figures f;
	if (!s || i >= s->n)
		return false;
	queue_look(worker_queue(s->v[i].worker), &f);
	uint64_t durable = log_status(s->log)->durable;
	*ret = (struct sink_figures){.name = s->v[i].config->name,
				     .lag = durable > f.written ? durable - f.written : 0,
				     .unsettled = f.written - f.settled,
				     .sent = f.sent,
				     .failures = f.failures,
				     .is_up = f.is_up};
	snprintf(ret->trouble, sizeof(ret->trouble), "%s", f.trouble);
	return true;
}
