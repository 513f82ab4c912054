/* SPDX-License-Identifier: BSD-3-Clause */
/* prober_batch: entries as requests in each protocol, as many at once as the method takes. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/hex.h"
#include "common/rpc.h"
#include "control/probe/prober_state.h"

#define AROUND	     24 /* bytes of a request beside its text, which JSON may double */
#define GROUP_ITEMS  8	/* of a group, at most */
#define PAUSE_MAX_NS 20000000ull
#define RETRY_NS     100000000l
#define RETRIES	     (PROBER_VERSION_S * 10)

static const uint8_t name_protos[] = {TRY_TLS, TRY_QUIC, TRY_DNS, TRY_DNS_TCP, TRY_HTTP};
#define NAME_PROTOS (sizeof(name_protos) / sizeof(*name_protos))

static void empty(struct batch *b)
{
	explicit_bzero(b->text, b->used);
	json_decref(b->requests);
	b->requests = NULL;
	b->n = b->n_groups = 0;
	b->bytes = b->used = 0;
}

/* How a data plane's workers answered, as a whole. */
static void look_over(const struct prober *p, const json_t *result, bool *ret_another, bool *ret_hangs)
{
	size_t i;
	json_t *w;
	uint8_t digest[32];
	*ret_another = *ret_hangs = false;
	json_array_foreach(json_object_get(result, "workers"), i, w)
	{
		if (!json_is_true(json_object_get(w, "answered")))
			*ret_hangs = true;
		else if (!hex_read(json_string_value(json_object_get(w, "digest")), digest, sizeof(digest)) ||
			 memcmp(digest, p->q->digest, sizeof(digest)) != 0)
			*ret_another = true;
	}
}

static void not_answered(struct prober_told *told, const struct err *e)
{
	told->answered = false;
	snprintf(told->why, sizeof(told->why), "%s", e->text);
}

/* A data plane may be about to take up what it was given, a worker may be busy: it is asked again for a while. */
static int ask_node(struct prober *p, unsigned k, json_t *params)
{
	struct prober_told *told = &p->ret->nodes[k];
	json_t *result = NULL;
	struct err e = {""};
	for (unsigned tries = 0;; tries++) {
		if (prober_is_cancelled(p))
			return -ECANCELED;
		int err = rpc_call(p->q->nodes[k].socket, "probe", params, PROBER_ANSWER_MS, &result, &e);
		if (err) {
			not_answered(told, &e);
			return 0;
		}
		bool another, hangs;
		look_over(p, result, &another, &hangs);
		if ((!another || told->foreign) && (!hangs || told->hangs))
			break;
		if (tries == RETRIES) {
			told->foreign |= another;
			break;
		}
		json_decref(result);
		nanosleep(&(struct timespec){.tv_nsec = RETRY_NS}, NULL);
	}
	prober_judge(p, k, result);
	json_decref(result);
	return 0;
}

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void rest(uint64_t ns)
{
	nanosleep(&(struct timespec){.tv_nsec = (long)(ns < PAUSE_MAX_NS ? ns : PAUSE_MAX_NS)}, NULL);
}

static int given_up(struct prober *p)
{
	return err_set(p->e, -ECANCELED, "the probe was given up: something else is to be enforced by now");
}

int prober_flush(struct prober *p)
{
	struct batch *b = &p->batch;
	int err = 0;
	uint64_t began_ns = now_ns();
	if (!b->n)
		return 0;
	json_t *params = json_pack("{s:O}", "requests", b->requests);
	if (!params)
		err = err_set(p->e, -ENOMEM, "no memory for a probe");
	for (unsigned k = 0; !err && k < p->q->n_nodes; k++)
		if (p->ret->nodes[k].answered)
			err = ask_node(p, k, params);
	if (err == -ECANCELED)
		given_up(p);
	if (p->q->progress)
		atomic_fetch_add(&p->q->progress->requests, b->n);
	json_decref(params);
	empty(b);
	if (!err)
		rest((now_ns() - began_ns) * p->q->rests);
	if (!err && p->n_suspects >= PROBER_SUSPECTS)
		err = prober_resolve(p);
	return err;
}

/* A request's text goes into the batch's own, once for all its protocols. */
struct keep {
	uint32_t at, len;
};

static struct keep keep(struct batch *b, const char *text, size_t len)
{
	struct keep k = {(uint32_t)b->used, (uint32_t)len};
	memcpy(b->text + b->used, text, len);
	b->used += len;
	return k;
}

static int put(struct prober *p, struct group *g, unsigned list, enum try_proto proto, enum ask_what what,
	       struct keep k)
{
	struct batch *b = &p->batch;
	json_t *text = json_sprintf("%s %.*s%s", try_protos[proto].word, (int)k.len, b->text + k.at,
				    proto == TRY_HTTP && what == ASK_NAME ? "/" : "");
	if (!text || (!b->requests && !(b->requests = json_array())) ||
	    json_array_append_new(b->requests, text))
		return err_set(p->e, -ENOMEM, "no memory for a probe");
	b->items[b->n++] = (struct item){.proto = (uint8_t)proto,
					 .expect = (uint8_t)p->q->lists[list].actions[try_protos[proto].hit],
					 .what = (uint8_t)what,
					 .at = k.at,
					 .len = k.len};
	b->bytes += 2 * k.len + AROUND;
	g->n++;
	return 0;
}

/* An address literal is in no SNI and no DNS question. */
static int put_name(struct prober *p, struct group *g, unsigned list, const struct ask *a, bool exact,
		    int rotate)
{
	if (name_canonical(a->text.p, a->text.len, &p->name) != NAME_OK ||
	    (exact && (p->name.len != a->text.len || memcmp(p->name.text, a->text.p, a->text.len) != 0)))
		return 0;
	struct keep k = keep(&p->batch, p->name.text, p->name.len);
	if (p->name.kind != NAME_DNS)
		return put(p, g, list, TRY_HTTP, ASK_NAME, k);
	if (rotate >= 0)
		return put(p, g, list, (enum try_proto)name_protos[(unsigned)rotate % NAME_PROTOS], ASK_NAME,
			   k);
	int err = 0;
	for (unsigned i = 0; !err && i < NAME_PROTOS; i++)
		err = put(p, g, list, (enum try_proto)name_protos[i], ASK_NAME, k);
	return err;
}

static int put_url(struct prober *p, struct group *g, unsigned list, const struct ask *a, bool exact)
{
	if (url_from_text(a->text.p, a->text.len, &p->url) != NAME_OK || p->url.cut ||
	    (exact && (p->url.len != a->text.len || memcmp(p->url.text, a->text.p, a->text.len) != 0)))
		return 0;
	return put(p, g, list, TRY_HTTP, ASK_URL, keep(&p->batch, p->url.text, p->url.len));
}

static int put_address(struct prober *p, struct group *g, unsigned list, const struct ask *a)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	char text[INET6_ADDRSTRLEN];
	bool v4 = !memcmp(a->addr, mapped, sizeof(mapped));
	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? a->addr + 12 : a->addr, text, sizeof(text));
	return put(p, g, list, TRY_IP, ASK_ADDRESS, keep(&p->batch, text, strlen(text)));
}

/* rotate: in which of the protocols, for one of several neighbours; -1: in all. */
static int put_ask(struct prober *p, struct group *g, unsigned list, const struct ask *a, bool exact,
		   int rotate)
{
	switch (a->what) {
	case ASK_NAME:
		return put_name(p, g, list, a, exact, rotate);
	case ASK_URL:
		return put_url(p, g, list, a, exact);
	case ASK_ADDRESS:
		return put_address(p, g, list, a);
	}
	return 0;
}

/* Room for a group of these requests, a name in NAME_PROTOS of them. */
static int make_room(struct prober *p, const struct ask *v, unsigned n)
{
	size_t bytes = 0;
	for (unsigned i = 0; i < n; i++) /* an escape of a canonical form may take three bytes for one */
		bytes += v[i].what == ASK_NAME ? NAME_PROTOS * (2 * (NAME_MAX_BYTES + 2) + AROUND)
					       : 2 * (v[i].text.len + 64) + AROUND;
	const struct batch *b = &p->batch;
	bool full = b->n + GROUP_ITEMS > BATCH_REQUESTS || b->bytes + bytes > BATCH_BYTES;
	return full ? prober_flush(p) : 0;
}

static int add_group(struct prober *p, unsigned list, struct group g, const struct ask *v, unsigned n,
		     bool exact, int rotate, unsigned *ret_items)
{
	int err = make_room(p, v, n);
	struct batch *b = &p->batch;
	g.from = b->n;
	for (unsigned i = 0; !err && i < n; i++)
		err = put_ask(p, &g, list, &v[i], exact, rotate);
	*ret_items = g.n;
	if (!err && g.n)
		b->groups[b->n_groups++] = g;
	return err;
}

static int add_neighbours(struct prober *p, unsigned list, unsigned order, const struct ask *v, unsigned n,
			  uint32_t line)
{
	int err = 0;
	unsigned items;
	for (unsigned i = 0; !err && i < n; i++) {
		const struct group g = {.order = order, .list = list, .line = line, .neighbour = true};
		err = add_group(p, list, g, &v[i], 1, false, (int)(line + i), &items);
	}
	return err;
}

/* Of every data plane alike. */
static void remark(struct prober *p, unsigned order, enum prober_reason why)
{
	for (unsigned k = 0; k < p->q->n_nodes; k++) {
		p->ret->nodes[k].orders[order].unenforceable++;
		p->ret->nodes[k].orders[order].remarks[why]++;
	}
}

static bool is_pattern(enum rule_kind kind)
{
	return kind == RULE_NAME_GLOB || kind == RULE_URL_GLOB || kind == RULE_REGEX;
}

static bool is_url(enum rule_kind kind)
{
	return kind == RULE_URL || kind == RULE_URL_PREFIX || kind == RULE_URL_GLOB || kind == RULE_REGEX;
}

/* Its compile is rested from as batches are. */
static int add_beside_pattern(struct prober *p, unsigned list, unsigned order, const struct list_entry *e)
{
	struct ask v[BESIDE_MAX];
	unsigned n;
	uint64_t began_ns = now_ns();
	int err = prober_is_cancelled(p) ? given_up(p) : beside_pattern(p->beside, e, v, &n, p->e);
	if (err)
		return err;
	rest((now_ns() - began_ns) * p->q->rests);
	return add_neighbours(p, list, order, v, n, e->line);
}

int prober_entry(struct prober *p, unsigned list, unsigned order, const struct list_entry *e)
{
	const struct prober_list *l = &p->q->lists[list];
	struct ask v[ASKS_MAX];
	bool any;
	unsigned items = 0;
	if (safety_is_skipped(l->skipped, l->n_skipped, e->line)) {
		remark(p, order, PROBER_SKIPPED);
		return 0;
	}
	unsigned n = ask_entry(&p->asker, e, v, &any);
	if (e->exception) /* it wins over everything, so its own requests must pass */
		return add_neighbours(p, list, order, v, any ? 0 : n, e->line);
	if (e->https) {
		remark(p, order, PROBER_HTTPS);
		return 0;
	}
	const struct group g = {
	    .order = order, .list = list, .line = e->line, .any = any, .plain = is_url(e->kind)};
	int err = add_group(p, list, g, v, n, ask_is_exact(e->kind), -1, &items);
	if (!err && !items)
		remark(p, order, PROBER_UNPROVEN);
	if (!err && items && is_pattern(e->kind))
		return add_beside_pattern(p, list, order, e);
	n = err ? 0 : ask_beside(&p->asker, e, v);
	return err ? err : add_neighbours(p, list, order, v, n, e->line);
}
