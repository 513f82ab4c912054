/* SPDX-License-Identifier: BSD-3-Clause */
/* selfcheck_guard: nothing guarded may be blocked as a whole. */
#include <string.h>

#include "control/safety/selfcheck_state.h"

static bool is_allowed(const struct selfcheck *s, const struct rule_ref *r)
{
	for (unsigned i = 0; i < s->n_allowed; i++)
		if (selfcheck_is(r, s->allowed[i].list, s->allowed[i].line))
			return true;
	return false;
}

static bool may_be_allowed(const struct guard_entry *g)
{
	return safety_classes[guard_groups[g->group].class].severity != SAFETY_REFUSE;
}

static void judge(struct selfcheck *s, const struct guard_entry *g, const struct match *m)
{
	if (!m->block || (may_be_allowed(g) && is_allowed(s, &m->rule)))
		return;
	selfcheck_note(s, SELFCHECK_GUARDED, (struct selfcheck_place){m->rule.list, m->rule.line}, NULL, g);
}

/* As a name and as the front page; one note is enough. */
static void ask(struct selfcheck *s, const struct guard_entry *g, const char *www)
{
	char text[NAME_MAX_BYTES + 8];
	struct match m;
	size_t n = (size_t)snprintf(text, sizeof(text), "%s%s", www, g->text);
	s->ret->guarded_names++;
	if (!selfcheck_ask_name(s, text, n, &m))
		return;
	if (!m.block) {
		text[n] = '/';
		if (!selfcheck_ask_url(s, text, n + 1, &m))
			return;
	}
	judge(s, g, &m);
}

void selfcheck_guarded_names(struct selfcheck *s)
{
	for (unsigned i = 0; i < guard_names(s->q->guard); i++) {
		ask(s, guard_at(s->q->guard, i), "");
		ask(s, guard_at(s->q->guard, i), "www.");
	}
}

void selfcheck_guarded_prefix(struct selfcheck *s, const struct list_entry *e, const struct match *m)
{
	const struct guard_entry *g = s->q->guard ? guard_find(s->q->guard, e) : NULL;
	if (g && !e->exception)
		judge(s, g, m);
}
