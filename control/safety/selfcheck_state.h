/* SPDX-License-Identifier: BSD-3-Clause */
/* selfcheck_state: a self-check on its way, as its own files see it. Not for others. */
#ifndef CONTROL_SAFETY_SELFCHECK_STATE_H
#define CONTROL_SAFETY_SELFCHECK_STATE_H

#include "control/safety/ask.h"
#include "control/safety/selfcheck.h"
#include "control/safety/source.h"
#include "control/safety/texts.h"

#define SELFCHECK_SAMPLE 10000 /* entries whose neighbours are asked, about */

struct selfcheck_place {
	uint32_t list, line;
};

struct selfcheck {
	const struct selfcheck_request *q;
	struct selfcheck_result *ret;
	struct ruleset_scratch *scratch;
	struct texts overrides;
	struct selfcheck_place *allowed; /* rules that an override allows */
	unsigned n_allowed, cap_allowed;
	unsigned kept[2]; /* notes by whether they forbid publishing */
	uint32_t list;	  /* being asked */
	uint64_t sample_every;
	struct name name; /* the synthetic request */
	struct url url;
	struct asker asker;
	struct err *e;
};

/* The check over sources instead of files; selfcheck opens and closes them. */
int selfcheck_run(const struct selfcheck_request *q, struct safety_source *lists,
		  struct selfcheck_result *ret, struct err *e);

void selfcheck_note(struct selfcheck *s, enum selfcheck_kind kind, struct selfcheck_place at,
		    const struct rule_ref *other, const struct guard_entry *guard);

/* selfcheck_ask.c. Each asks the ruleset and returns false where the text is no canonical name, URL. */
bool selfcheck_ask_name(struct selfcheck *s, const char *text, size_t len, struct match *ret);
bool selfcheck_ask_url(struct selfcheck *s, const char *text, size_t len, struct match *ret);
/* The entry's own request, and a sample's neighbours. */
void selfcheck_entry(struct selfcheck *s, const struct list_entry *e);
void selfcheck_neighbours(struct selfcheck *s, const struct list_entry *e);

/* selfcheck_guard.c */
void selfcheck_guarded_names(struct selfcheck *s);
void selfcheck_guarded_prefix(struct selfcheck *s, const struct list_entry *e, const struct match *m);

static inline bool selfcheck_is(const struct rule_ref *r, uint32_t list, uint32_t line)
{
	return r->is_set && r->list == list && r->line == line;
}

#endif
