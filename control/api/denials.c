/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/api/denials.h"

#include <string.h>

static struct denial *find(struct denials *d, int64_t uid, const char *act)
{
	struct denial *free_one = NULL;
	for (unsigned i = 0; i < DENIALS_MAX; i++) {
		struct denial *x = &d->all[i];
		if (x->act && x->uid == uid && !strcmp(x->act, act))
			return x;
		if (!x->act && !free_one)
			free_one = x;
	}
	return free_one;
}

static int tell(struct store *s, const struct denial *x, struct err *e)
{
	const struct who who = {x->uid, x->who};
	return journal_add(s, e, &who, x->act, "api", OUTCOME_REFUSED, "%llu more within a minute",
			   (unsigned long long)x->more);
}

int denials_add(struct denials *d, struct store *s, const struct who *who, const char *act, const char *text,
		uint64_t now_ms, struct err *e)
{
	struct denial *x = find(d, who->uid, act);
	struct denial *others = &d->all[DENIALS_MAX];
	if (!x && !others->act)
		*others = (struct denial){WHO_PROGRAM_UID, "several", "others", now_ms, 0};
	if (!x)
		x = others;
	if (x->act) {
		x->more++;
		return 0;
	}
	*x = (struct denial){.uid = who->uid, .act = act, .since_ms = now_ms};
	snprintf(x->who, sizeof(x->who), "%s", who->name);
	return journal_add(s, e, who, act, "api", OUTCOME_REFUSED, "%s", text);
}

int denials_tick(struct denials *d, struct store *s, uint64_t now_ms, struct err *e)
{
	for (unsigned i = 0; i <= DENIALS_MAX; i++) {
		struct denial *x = &d->all[i];
		if (!x->act || (now_ms != UINT64_MAX && now_ms - x->since_ms < DENIALS_EVERY_MS))
			continue;
		int err = x->more ? tell(s, x, e) : 0;
		if (err)
			return err; /* told at another tick */
		x->act = x->more ? x->act : NULL;
		x->more = 0;
		x->since_ms = now_ms;
	}
	return 0;
}
