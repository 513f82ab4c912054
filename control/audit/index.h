/* SPDX-License-Identifier: BSD-3-Clause */
/* index: finds entries of the log by order, authority, category, time, action and node. It holds nothing that the log does not.
 *
 * Model:    FOLDER/index.db (SQLite) follows the log: a transaction applies leaves and moves `applied` on, so a death repeats nothing. Leaves with
 *           the same kind, order, list, protocol, action and node are a scope; postings say for each scope and block of 256 entry bundles how many
 *           hits there are, and in which bundles: queries read only the bundles that matter. Besides: orders (authority, category,
 *           reference), rules that were hit (their last place), outages, gaps, hits by hour. A damaged or old index, or one that
 *           was open when the machine went down, is removed and built anew; of bodies that were removed from the log the new one has the counts by hour that the old one had, where that can be read.
 * Owner:    index_open allocates, index_close frees. The store's connection sees it as schema `audit` (ATTACH), for joins.
 * Threads:  one.
 * Errors:   -EUCLEAN never comes out: the file was renewed, and index_follow says that there is more.
 * Cost:     50,000 hits a second take a tenth of a core at most, and some bytes of disk a hundred hits; call index_follow each INDEX_EVERY_MS at most.
 */
#ifndef CONTROL_AUDIT_INDEX_H
#define CONTROL_AUDIT_INDEX_H

#include <jansson.h>

#include "audit/log.h"
#include "control/store/store.h"

#define INDEX_EVERY_MS 200
#define INDEX_MOST     20000 /* leaves of a call that holds up nobody for long */

struct audit_index;

/* Opens or makes it, and attaches it to the store's connection as `audit`. */
int index_open(const char *folder, struct audit_log *log, struct store *store, struct audit_index **ret,
	       struct err *e);
void index_close(struct audit_index *x);
/* Applies durable leaves that it lacks, at most `most` of them. *ret_more: whether some are left. */
int index_follow(struct audit_index *x, uint64_t most, bool *ret_more, struct err *e);
uint64_t index_applied(const struct audit_index *x);
/* Forgets everything: index_follow builds it anew. */
int index_reset(struct audit_index *x, struct err *e);

/* When what an entry tells of happened: of a count, its minute. */
uint64_t index_happened_ns(const struct entry *entry);

struct index_query {
	int64_t order;					  /* 0: any */
	const char *authority, *category, *action, *node; /* NULL: any */
	int64_t from_ns, to_ns;				  /* to_ns 0: any */
	uint64_t after;					  /* leaves behind this one; with last: before it */
	bool last;					  /* the newest ones, still in the log's order */
	unsigned limit;
};
/* Hits and counts as JSON, from the leaves themselves: [{leaf, time, ...entry's fields}]; a removed body is left out. */
int index_hits(struct audit_index *x, const struct index_query *q, json_t **ret, struct err *e);
/* The order, list and line of the last hit of a rule by its opaque id; -ENOENT: none. */
int index_rule(struct audit_index *x, const char *rule, int64_t *ret_order, int64_t *ret_list,
	       int64_t *ret_line, struct err *e);

#endif
