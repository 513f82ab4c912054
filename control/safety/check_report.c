/* SPDX-License-Identifier: BSD-3-Clause */
/* check_report: what was found, bounded, in order. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/safety/check_state.h"

static int keep_skipped(struct check *c, uint32_t line)
{
	struct safety_report *r = c->ret;
	if (r->n_skipped && r->skipped[r->n_skipped - 1] == line) /* another finding of the same entry */
		return 0;
	if (r->n_skipped == SAFETY_MAX_SKIPPED) {
		c->too_many_skipped = true;
		return 0;
	}
	if (r->n_skipped == c->cap_skipped) {
		unsigned cap = c->cap_skipped ? c->cap_skipped * 2 : 64;
		uint32_t *at = realloc(r->skipped, cap * sizeof(*at));
		if (!at)
			return -ENOMEM;
		r->skipped = at;
		c->cap_skipped = cap;
	}
	r->skipped[r->n_skipped++] = line;
	return 0;
}

static bool is_accepted(const struct check *c, enum safety_class class, struct span text)
{
	const struct safety_class_row *row = &safety_classes[class];
	if (row->severity != SAFETY_OVERRIDE)
		return row->severity == SAFETY_NOTE;
	if (row->scope == SAFETY_LIST)
		return c->q->accept >> class & 1;
	return texts_find(&c->overrides, text) >= 0;
}

static int keep(struct check *c, const struct safety_finding *f, struct span text, const char *detail)
{
	struct safety_report *r = c->ret;
	unsigned *kept = &c->kept[safety_classes[f->class].severity];
	if (*kept == SAFETY_MAX_FINDINGS)
		return 0;
	if (r->n_findings == c->cap_findings) {
		unsigned cap = c->cap_findings ? c->cap_findings * 2 : 16;
		struct safety_finding *at = realloc(r->findings, cap * sizeof(*at));
		if (!at)
			return -ENOMEM;
		r->findings = at;
		c->cap_findings = cap;
	}
	struct safety_finding *to = &r->findings[r->n_findings];
	*to = *f;
	to->entry = text.p ? strndup((const char *)text.p, text.len) : NULL;
	to->detail = detail ? strdup(detail) : NULL;
	if ((text.p && !to->entry) || (detail && !to->detail)) {
		free(to->entry);
		free(to->detail);
		return -ENOMEM;
	}
	r->n_findings++;
	(*kept)++;
	return 0;
}

int check_find(struct check *c, enum safety_class class, uint32_t line, struct span text,
	       const struct guard_entry *guard, const char *detail)
{
	struct safety_finding f = {
	    .class = class, .accepted = is_accepted(c, class, text), .line = line, .guard = guard};
	if (!f.accepted && safety_classes[class].scope == SAFETY_ENTRY && c->q->policy.skip_guarded) {
		f.accepted = f.skipped = true;
		int err = keep_skipped(c, line);
		if (err)
			return err;
	}
	c->ret->total[class]++;
	if (!f.accepted) {
		c->ret->refusing++;
		c->ret->refused = true;
	}
	return keep(c, &f, text, detail);
}

static int by_weight(const void *x, const void *y)
{
	const struct safety_finding *a = x, *b = y;
	int d = (int)safety_classes[b->class].severity - (int)safety_classes[a->class].severity;
	if (a->accepted != b->accepted)
		return a->accepted ? 1 : -1;
	if (d)
		return d;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return (int)a->class - (int)b->class;
}

static int by_line(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	return (a > b) - (a < b);
}

int check_finish_report(struct check *c)
{
	struct safety_report *r = c->ret;
	if (r->n_skipped)
		qsort(r->skipped, r->n_skipped, sizeof(*r->skipped), by_line);
	unsigned n = 0;
	for (unsigned i = 0; i < r->n_skipped; i++)
		if (!n || r->skipped[n - 1] != r->skipped[i])
			r->skipped[n++] = r->skipped[i];
	r->n_skipped = n;
	if (r->n_findings)
		qsort(r->findings, r->n_findings, sizeof(*r->findings), by_weight);
	return 0;
}

bool safety_is_skipped(const uint32_t *skipped, unsigned n, uint32_t line)
{
	return n && bsearch(&line, skipped, n, sizeof(*skipped), by_line);
}

void safety_report_free(struct safety_report *r)
{
	for (unsigned i = 0; i < r->n_findings; i++) {
		free(r->findings[i].entry);
		free(r->findings[i].detail);
	}
	free(r->findings);
	free(r->skipped);
	*r = (struct safety_report){0};
}
