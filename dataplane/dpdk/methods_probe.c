/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/methods_probe.h"

#include <errno.h>
#include <string.h>

#include "common/hex.h"
#include "common/rpc.h"

/* "tls name": the protocol's word and what is asked. */
static int read_one(const json_t *v, size_t i, struct trial_ask *ret, struct err *e)
{
	const char *text = json_string_value(v), *blank = text ? strchr(text, ' ') : NULL;
	for (unsigned p = 0; blank && p < TRY_PROTOS_N; p++) {
		size_t n = strlen(try_protos[p].word);
		if (n != (size_t)(blank - text) || memcmp(text, try_protos[p].word, n))
			continue;
		*ret = (struct trial_ask){(enum try_proto)p,
					  {(const uint8_t *)blank + 1, json_string_length(v) - n - 1}};
		return 0;
	}
	return err_set(
	    e, -EINVAL,
	    "requests: number %zu is none: give a string of a protocol (tls, quic, http, dns, dns-tcp, ip), a "
	    "blank, and a name, URL or address",
	    i);
}

static int read_all(const json_t *requests, struct trial_ask v[TRIAL_REQUESTS], struct err *e)
{
	size_t n = json_array_size(requests);
	if (!n || n > TRIAL_REQUESTS)
		return err_set(e, -EINVAL, "requests: give 1 to %d, not %zu", TRIAL_REQUESTS, n);
	for (size_t i = 0; i < n; i++) {
		int err = read_one(json_array_get(requests, i), i, &v[i], e);
		if (err)
			return err;
	}
	return 0;
}

static json_t *answer_of(const struct trial_answer *a)
{
	static const char *const words[TRIAL_OUTCOMES_N] = {
#define X(id, word, help) [TRIAL_##id] = #word,
	    TRIAL_OUTCOMES(X)
#undef X
	};
	if (a->outcome != TRIAL_HIT)
		return json_string(words[a->outcome]);
	return json_sprintf("%s %s %u:%u%s", hit_proto_names[a->proto], action_names[a->action], a->list,
			    a->line, a->dropped ? "" : " passes");
}

static bool same(const struct trial_answer *a, const struct trial_answer *b)
{
	return a->outcome == b->outcome && a->proto == b->proto && a->action == b->action &&
	       a->dropped == b->dropped && a->list == b->list && a->line == b->line;
}

/* Of one request: one answer where all workers that gave one agree. */
static json_t *answers_of(const struct view_probe *p, unsigned i)
{
	const struct trial_answer *first = NULL;
	bool agree = true;
	for (unsigned w = 0; w < p->n_workers; w++) {
		if (!p->workers[w].answered)
			continue;
		first = first ? first : &p->workers[w].answers[i];
		agree &= same(first, &p->workers[w].answers[i]);
	}
	if (!first || agree)
		return first ? answer_of(first) : json_null();
	json_t *all = json_array();
	for (unsigned w = 0; w < p->n_workers; w++)
		json_array_append_new(all, p->workers[w].answered ? answer_of(&p->workers[w].answers[i])
								  : json_null());
	return all;
}

static json_t *workers_of(const struct view_probe *p)
{
	json_t *all = json_array();
	for (unsigned w = 0; w < p->n_workers; w++) {
		char hex[65];
		bool has = p->workers[w].answered && p->workers[w].version;
		if (has)
			hex_write(p->workers[w].digest, 32, hex);
		json_array_append_new(all, json_pack("{s:i, s:b, s:o, s:o}", "worker", (int)w, "answered",
						     (int)p->workers[w].answered, "version",
						     rpc_u64(has ? p->workers[w].version : 0), "digest",
						     has ? json_string(hex) : json_null()));
	}
	return all;
}

int methods_probe(void *ctx, const json_t *params, json_t **ret_result, struct err *e)
{
	static struct trial_ask v[TRIAL_REQUESTS]; /* the main thread's; too large for a stack */
	static struct view_probe p;
	const struct dataplane_view *view = ctx;
	const json_t *requests = json_object_get(params, "requests");
	unsigned n = (unsigned)json_array_size(requests);
	int err = read_all(requests, v, e);
	err = err ? err : view->probe(view->ctx, v, n, &p, e);
	explicit_bzero(v, sizeof(v));
	if (err)
		return err;
	json_t *answers = json_array();
	for (unsigned i = 0; i < n; i++)
		json_array_append_new(answers, answers_of(&p, i));
	json_t *result = json_pack("{s:o, s:o}", "workers", workers_of(&p), "answers", answers);
	if (!result)
		return err_set(e, -ENOMEM, "memory ran out");
	*ret_result = result;
	return 0;
}
