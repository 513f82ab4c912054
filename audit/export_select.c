/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/export_select.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool has(const uint64_t *list, unsigned n, uint64_t value)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i] == value)
			return true;
	return false;
}

static int add(uint64_t *list, unsigned *n, uint64_t value, struct err *e)
{
	if (!value || has(list, *n, value))
		return 0;
	if (*n == EXPORT_LISTS_MAX)
		return err_set(e, -E2BIG, "the order has more than %d lists or imports", EXPORT_LISTS_MAX);
	list[(*n)++] = value;
	return 0;
}

static bool is_text(struct span s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.p, text, s.len);
}

int export_subject_learn(struct export_subject *s, const struct entry *x, struct err *e)
{
	if (x->kind == ENTRY_ORDER && is_text(x->v[ENTRY_F(ORDER, reference)].s, s->reference)) {
		uint64_t order = x->v[ENTRY_F(ORDER, order)].n;
		if (s->order && s->order != order)
			return err_set(e, -ENOTUNIQ,
				       "the reference is that of order %" PRIu64 " and of order %" PRIu64,
				       s->order, order);
		s->order = order;
	}
	/* an import comes behind its order */
	if (x->kind != ENTRY_IMPORT || !s->order || x->v[ENTRY_F(IMPORT, order)].n != s->order)
		return 0;
	int err = add(s->lists, &s->n_lists, x->v[ENTRY_F(IMPORT, list)].n, e);
	return err ? err : add(s->imports, &s->n_imports, x->v[ENTRY_F(IMPORT, import)].n, e);
}

/* "order 12" and no more */
static bool is_subject(struct span s, const char *word, uint64_t number)
{
	char text[48];
	snprintf(text, sizeof(text), "%s %" PRIu64, word, number);
	return is_text(s, text);
}

static bool act_is_of(const struct export_subject *s, struct span subject)
{
	bool is = is_subject(subject, "order", s->order);
	for (unsigned i = 0; !is && i < s->n_lists; i++)
		is = is_subject(subject, "list", s->lists[i]);
	for (unsigned i = 0; !is && i < s->n_imports; i++)
		is = is_subject(subject, "import", s->imports[i]);
	return is;
}

static bool is_of(const struct export_subject *s, const struct entry *x)
{
	switch ((unsigned)x->kind) {
	case ENTRY_HIT:
		return x->v[ENTRY_F(HIT, order)].n == s->order;
	case ENTRY_COUNT:
		return x->v[ENTRY_F(COUNT, order)].n == s->order;
	case ENTRY_ORDER:
		return x->v[ENTRY_F(ORDER, order)].n == s->order;
	case ENTRY_IMPORT:
		return x->v[ENTRY_F(IMPORT, order)].n == s->order;
	case ENTRY_PROBE:
		return x->v[ENTRY_F(PROBE, order)].n == s->order;
	case ENTRY_VERSION:
		return has(x->v[ENTRY_F(VERSION, orders)].uints, x->v[ENTRY_F(VERSION, orders)].n_uints,
			   s->order);
	case ENTRY_ACT:
		return act_is_of(s, x->v[ENTRY_F(ACT, subject)].s);
	default:
		return false;
	}
}

bool export_subject_has(const struct export_subject *s, const struct entry *x, uint64_t from_ns,
			uint64_t to_ns)
{
	if (x->kind == ENTRY_LOG || x->kind == ENTRY_KEY || x->kind == ENTRY_SOURCE)
		return true;
	return x->time_ns >= from_ns && (!to_ns || x->time_ns < to_ns) && is_of(s, x);
}

uint64_t export_stamp_after(const char *folder, uint64_t least, uint64_t most)
{
	char path[4096];
	uint64_t found = 0;
	struct dirent *f;
	snprintf(path, sizeof(path), "%s/stamps", folder);
	DIR *d = opendir(path);
	while (d && (f = readdir(d))) {
		char *end;
		uint64_t size = strtoull(f->d_name, &end, 10);
		if (!strcmp(end, ".tsr") && size >= least && size <= most && (!found || size < found))
			found = size;
	}
	if (d)
		closedir(d);
	return found;
}
