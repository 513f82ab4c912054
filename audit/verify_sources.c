/* SPDX-License-Identifier: BSD-3-Clause */
/* Rings of data planes: each of their numbers is a leaf, counted, or lost, and a tally says so. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify_run.h"

static int bad(struct verify_run *v, uint64_t leaf, const char *what)
{
	return verify_find(&v->found, VERIFY_SEQUENCE, leaf, leaf, NULL, "%s", what);
}

static struct verify_source *source_of(struct verify_run *v, uint64_t number)
{
	return number && number <= v->n_sources ? &v->sources[number - 1] : NULL;
}

static int rule_source(struct verify_run *v, uint64_t leaf, const struct entry *x)
{
	if (x->v[ENTRY_F(SOURCE, source)].n != v->n_sources + 1 || v->n_sources == VERIFY_SOURCES_MAX)
		return verify_find(&v->found, VERIFY_SEQUENCE, leaf, leaf, NULL,
				   "it is source %" PRIu64 ", and %zu would be the next one",
				   x->v[ENTRY_F(SOURCE, source)].n, v->n_sources + 1);
	if (v->n_sources == v->room_sources) {
		size_t room = v->room_sources ? 2 * v->room_sources : 64;
		struct verify_source *p = realloc(v->sources, room * sizeof(*p));
		if (!p)
			return verify_find_read(&v->found, -ENOMEM, leaf, leaf, NULL);
		v->sources = p;
		v->room_sources = room;
	}
	uint64_t begin = x->v[ENTRY_F(SOURCE, begin)].n;
	v->sources[v->n_sources++] = (struct verify_source){.begin = begin, .seq = begin, .tally = begin};
	return 0;
}

static uint64_t newest(const struct verify_source *s)
{
	return s->seq > s->tally ? s->seq : s->tally;
}

int verify_event_rule(struct verify_run *v, uint64_t leaf, const struct verify_fact *f)
{
	struct verify_source *s = source_of(v, f->source);
	if (!s)
		return verify_find(&v->found, VERIFY_SEQUENCE, leaf, leaf, NULL,
				   "it comes from source %u, which no leaf before it tells of", f->source);
	if (f->seq <= newest(s))
		return verify_find(&v->found, VERIFY_SEQUENCE, leaf, leaf, NULL,
				   "it is event %" PRIu64 " of source %u, of which %" PRIu64
				   " was told before",
				   f->seq, f->source, newest(s));
	s->seq = f->seq;
	if (f->kind == ENTRY_HIT)
		s->hits++;
	else
		s->others++;
	return 0;
}

static int rule_gap(struct verify_run *v, uint64_t leaf, const struct verify_fact *f, const struct entry *x)
{
	uint64_t first = x->v[ENTRY_F(GAP, first)].n, last = x->v[ENTRY_F(GAP, last)].n;
	struct verify_source *s = source_of(v, f->source);
	uint64_t before = s ? newest(s) : 0;
	int err = verify_event_rule(v, leaf, f);
	if (err)
		return err;
	if (first > last || last >= f->seq || first <= before)
		return bad(v, leaf, "the lost numbers that it names cannot be");
	s->lost += last - first + 1;
	v->r->lost += last - first + 1;
	return 0;
}

/* What retention removed may have been hits: of all sources together, no more than bodies are gone. */
static int short_of(struct verify_run *v, uint64_t leaf, struct verify_source *s, uint64_t hits,
		    uint64_t others)
{
	uint64_t lack = hits - s->hits + (others - s->others);
	if (lack > v->r->removed - v->removed_hits)
		return verify_find(&v->found, VERIFY_SEQUENCE, leaf, leaf, NULL,
				   "the tally says %" PRIu64 " hits and %" PRIu64
				   " other events, of which %" PRIu64 " are no leaves",
				   hits, others, lack);
	v->removed_hits += lack;
	s->hits = hits;
	s->others = others;
	return 0;
}

static int rule_tally(struct verify_run *v, uint64_t leaf, const struct entry *x)
{
	enum { HITS, COUNTED, OTHERS, LOST };
	struct verify_source *s = source_of(v, x->v[ENTRY_F(TALLY, source)].n);
	uint64_t seq = x->v[ENTRY_F(TALLY, seq)].n, sum = 0;
	const uint64_t told[4] = {
	    [HITS] = x->v[ENTRY_F(TALLY, hits)].n,
	    [COUNTED] = x->v[ENTRY_F(TALLY, counted)].n,
	    [OTHERS] = x->v[ENTRY_F(TALLY, others)].n,
	    [LOST] = x->v[ENTRY_F(TALLY, lost)].n,
	};
	if (!s)
		return bad(v, leaf, "the tally is of a source that no leaf before it tells of");
	if (seq < newest(s))
		return bad(v, leaf, "the tally ends before what was told before");
	for (int i = 0; i < 4; i++) {
		if (told[i] < s->told[i] || told[i] > seq - s->begin)
			return bad(v, leaf,
				   "the tally's numbers cannot be: less than before, or more than there are");
		sum += told[i];
		s->told[i] = told[i];
	}
	if (sum != seq - s->begin)
		return verify_find(&v->found, VERIFY_SEQUENCE, leaf, leaf, NULL,
				   "the tally accounts for %" PRIu64 " events of %" PRIu64, sum,
				   seq - s->begin);
	if (told[HITS] < s->hits || told[OTHERS] < s->others || told[LOST] < s->lost)
		return bad(v, leaf, "the tally says fewer events than there are leaves");
	v->r->lost += told[LOST] - s->lost;
	s->lost = told[LOST];
	s->tally = seq;
	return short_of(v, leaf, s, told[HITS], told[OTHERS]);
}

int verify_source_rule(struct verify_run *v, uint64_t leaf, const struct verify_fact *f,
		       const struct entry *x)
{
	switch (f->kind) {
	case ENTRY_SOURCE:
		return rule_source(v, leaf, x);
	case ENTRY_GAP:
		return rule_gap(v, leaf, f, x);
	default:
		return rule_tally(v, leaf, x);
	}
}
