/* SPDX-License-Identifier: BSD-3-Clause */
/* export_select: which leaves are of an order; inside audit/export*.c. */
#ifndef AUDIT_EXPORT_SELECT_H
#define AUDIT_EXPORT_SELECT_H

#include "audit/export.h"

struct export_subject {
	const char *reference;
	uint64_t order; /* 0: not found yet */
	uint64_t lists[EXPORT_LISTS_MAX], imports[EXPORT_LISTS_MAX];
	unsigned n_lists, n_imports;
};

/* First pass: the order's number, by its reference; then its lists and imports. */
int export_subject_learn(struct export_subject *s, const struct entry *x, struct err *e);
/* Second: is the entry of the order, and in the period? `log`, `key` and `source` are of every one. */
bool export_subject_has(const struct export_subject *s, const struct entry *x, uint64_t from_ns,
			uint64_t to_ns);
/* Size of the first time-stamped checkpoint of at least `least` and at most `most` leaves; 0: none. */
uint64_t export_stamp_after(const char *folder, uint64_t least, uint64_t most);

#endif
