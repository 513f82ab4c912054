/* SPDX-License-Identifier: BSD-3-Clause */
/* versions: plans that were compiled, which of them was made active when and why, and which node took it when.
 *
 * Model:    a version is a plan (engine/plan.h) with the ruleset file compiled from it; neither changes. The active version is that of
 *           the last activation. Its number is what data planes, hits and events carry, and only grows: a plan that comes back
 *           gets a number of its own.
 * Errors:   -ENOENT.
 */
#ifndef CONTROL_STORE_VERSIONS_H
#define CONTROL_STORE_VERSIONS_H

#include "control/store/journal.h"

#define DIGEST_TEXT 65 /* SHA-256 in hexadecimal, and NUL */

struct version {
	int64_t id, activation; /* activation 0: it was not asked for */
	int64_t created;
	char plan_digest[DIGEST_TEXT], digest[DIGEST_TEXT];
	char file[128]; /* within the folder of rulesets */
};

struct version_new {
	int64_t id; /* version_next or above */
	const char *plan, *plan_digest, *file, *digest, *report;
	int64_t bytes, rules;
};

/* The lowest number that no version had. */
int version_next(struct store *s, struct err *e, int64_t *ret);
int version_add(struct store *s, struct err *e, const struct version_new *v);
int version_find(struct store *s, struct err *e, int64_t id, struct version *ret);
int version_activate(struct store *s, struct err *e, int64_t id, const char *why, int64_t *ret_activation);
/* The active one. */
int version_active(struct store *s, struct err *e, struct version *ret);
/* The one that was active before `activation` and is another. */
int version_before(struct store *s, struct err *e, int64_t activation, struct version *ret);
/* The plan, as JSON; the caller's reference. */
int version_plan(struct store *s, struct err *e, int64_t id, json_t **ret);

/* A node judges by the activation, its workers (switched: a JSON array of ns; NULL: not told): keeps when, and when each order came into force there and went out of it. */
int version_acked(struct store *s, struct err *e, int64_t activation, const char *dataplane, int64_t sent_ns,
		  int64_t acked_ns, const char *switched);
/* Sets lists and orders back to what version `id` held: lists to the imports of its plan, orders that it lacks are held.
 * Orders that ended since, and exceptions, stay as they are. */
int version_restore(struct store *s, struct err *e, int64_t id);
int version_tripped(struct store *s, struct err *e, int64_t activation);

#endif
