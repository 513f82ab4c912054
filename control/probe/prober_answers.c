/* SPDX-License-Identifier: BSD-3-Clause */
/* prober_answers: what a data plane's workers said, held against what was ordered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/probe/prober_state.h"

/* What one worker, or all, would do with a request. */
struct said {
	enum { SAID_PASS, SAID_EXCEPT, SAID_HIT } what;
	bool leaves; /* all its frames */
	unsigned long list, line;
};

/* "PROTOCOL ACTION LIST:LINE[ passes]", "pass", "except"; whatever else is as if it passed. */
static struct said read_said(const json_t *answer)
{
	const char *text = json_string_value(answer), *place = text ? strchr(text, ' ') : NULL;
	struct said s = {.what = SAID_PASS, .leaves = true};
	if (text && !strcmp(text, "except"))
		s.what = SAID_EXCEPT;
	place = place ? strchr(place + 1, ' ') : NULL;
	if (!place)
		return s;
	char *end;
	s.what = SAID_HIT;
	s.list = strtoul(place + 1, &end, 10);
	s.line = *end == ':' ? strtoul(end + 1, &end, 10) : 0;
	s.leaves = !strcmp(end, " passes");
	return s;
}

enum outcome { ACTED, COUNTED, EXCEPTED, LET_PASS };

static enum outcome outcome_of(const struct item *i, const struct said *s, bool monitor)
{
	if (s->what == SAID_EXCEPT)
		return EXCEPTED;
	if (s->what == SAID_PASS)
		return LET_PASS;
	if (!s->leaves)
		return ACTED;
	return i->expect == ACTION_COUNT || monitor ? COUNTED : LET_PASS;
}

/* Of all workers: the worst. */
static enum outcome worst_of(const struct item *i, const json_t *answer, bool monitor)
{
	size_t k;
	json_t *one;
	enum outcome worst = ACTED;
	if (!json_is_array(answer)) {
		struct said s = read_said(answer);
		return outcome_of(i, &s, monitor);
	}
	json_array_foreach(answer, k, one)
	{
		struct said s = read_said(one);
		enum outcome o = outcome_of(i, &s, monitor);
		worst = o > worst ? o : worst;
	}
	return worst;
}

static void judge_entry(struct prober *p, unsigned node, struct prober_tally *t, const struct group *g,
			const json_t *answers, bool hangs)
{
	const struct prober_told *told = &p->ret->nodes[node];
	enum outcome worst = ACTED, best = LET_PASS;
	int proto = -1;
	for (unsigned k = g->from; k < g->from + g->n; k++) {
		const struct item *i = &p->batch.items[k];
		enum outcome o = hangs ? LET_PASS : worst_of(i, json_array_get(answers, k), told->monitor);
		if (o == LET_PASS && proto < 0)
			proto = i->proto;
		worst = o > worst ? o : worst;
		best = o < best ? o : best;
	}
	enum outcome o = g->any ? best : worst;
	if (o == LET_PASS && g->any && !hangs) { /* perhaps none of them is what the expression wants */
		prober_doubt(p, node, g);
		return;
	}
	if (o == EXCEPTED) {
		t->unenforceable++;
		t->remarks[PROBER_EXCEPTED]++;
		return;
	}
	if (o == COUNTED && told->monitor && p->batch.items[g->from].expect != ACTION_COUNT) {
		t->unenforceable++;
		t->remarks[PROBER_MONITOR]++;
		return;
	}
	t->entries++;
	t->enforced += o != LET_PASS;
	t->missed += o == LET_PASS;
	if (o != LET_PASS) {
		t->remarks[PROBER_COUNTED] += o == COUNTED;
		t->remarks[PROBER_PLAIN] += g->plain;
	} else if (t->missed_proto < 0) {
		t->missed_proto = proto;
		t->missed_line = g->line;
	}
}

static void judge_neighbour(struct prober *p, unsigned node, struct prober_tally *t, const struct group *g,
			    const json_t *answers)
{
	const struct item *i = &p->batch.items[g->from];
	const json_t *answer = json_array_get(answers, g->from);
	size_t n = json_is_array(answer) ? json_array_size(answer) : 1;
	t->neighbours++;
	for (size_t w = 0; w < n; w++) {
		struct said s = read_said(json_is_array(answer) ? json_array_get(answer, w) : answer);
		if (s.what != SAID_HIT || s.leaves)
			continue;
		if (p->ret->nodes[node].foreign)
			t->harmed++; /* its lists are none of ours */
		else
			prober_suspect(p, node, g, i, (uint32_t)s.list, (uint32_t)s.line);
		return; /* one harm is enough */
	}
}

void prober_judge(struct prober *p, unsigned node, const json_t *result)
{
	struct prober_told *told = &p->ret->nodes[node];
	const json_t *answers = json_object_get(result, "answers"),
		     *workers = json_object_get(result, "workers");
	size_t i;
	json_t *w;
	bool hangs = false; /* what a worker that hangs does not judge passes */
	told->workers = (unsigned)json_array_size(workers);
	json_array_foreach(workers, i, w)
	{
		if (!json_is_true(json_object_get(w, "answered")))
			hangs = true;
		else
			told->version = (uint64_t)json_integer_value(json_object_get(w, "version"));
	}
	told->hangs |= hangs;
	for (unsigned k = 0; k < p->batch.n_groups; k++) {
		const struct group *g = &p->batch.groups[k];
		struct prober_tally *t = &told->orders[g->order];
		if (g->neighbour)
			judge_neighbour(p, node, t, g, answers);
		else
			judge_entry(p, node, t, g, answers, hangs);
	}
}
