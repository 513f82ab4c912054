/* SPDX-License-Identifier: BSD-3-Clause */
/* engine: turns what the store says into what every data plane enforces, and keeps it so.
 *
 * Model:    level-triggered. The plan (plan.h) is a function of the store and the time; while its digest is not that of the active
 *           version it is compiled in a worker, checked (control/safety/selfcheck.h), written as a sealed file named by its number, and
 *           made a version and active in one transaction; then every link wants it. Whoever dies when: the next look at the
 *           store does what is left. A plan that comes back is compiled again: what is guarded may have grown.
 * Owner:    engine_new allocates; engine_stop cancels jobs and closes links; engine_free once the loop has run dry.
 * Threads:  the loop's; imports and compiles run in workers of jobs.h.
 * Errors:   0 or -errno with a sentence. What goes wrong later becomes an alarm (store/alarms.h), never an exit.
 */
#ifndef CONTROL_ENGINE_ENGINE_H
#define CONTROL_ENGINE_ENGINE_H

#include <jansson.h>
#include <uv.h>

#include "control/config.h"
#include "control/engine/jobs.h"
#include "control/link/link.h"
#include "control/store/store.h"
#include "control/store/versions.h"

struct audit;
struct engine;
struct guard;
struct ruleset;

struct engine_counts { /* since the start */
	uint64_t compiles, compiles_failed, compile_ns, imports, imports_refused, polls, polls_failed, hits,
	    events_lost, damaged; /* over all data planes */
};

/* store, jobs, audit and config outlive it. */
int engine_new(uv_loop_t *loop, const struct control_config *config, struct store *store, struct jobs *jobs,
	       struct audit *audit, struct engine **ret, struct err *e);
void engine_stop(struct engine *g);
void engine_free(struct engine *g);

/* Something in the store changed: looked at within this turn of the loop or the next. */
void engine_poke(struct engine *g);

struct engine_import {
	int64_t list_id;
	int64_t uid; /* who gave it; WHO_PROGRAM_UID: a source */
	const char *who;
	int fd;			   /* taken over, also on failure */
	const char *file, *source; /* its name; "file", "url", "spool", "rule": a literal */
	uint64_t size;		   /* that the giver announced; 0: not. Fewer bytes: refused as cut short */
	const void *signature;	   /* copied; NULL: none */
	size_t signature_bytes;
	uint64_t accept; /* bits of safety classes of scope list that are accepted this once */
};

/* Reads, checks, keeps and proposes it. The job's result:
 * {import, proposal (absent: none), refused, why, file, sha256, bytes, lines, entries, added, removed, rejected, duplicates, skipped,
 * signature {signer, issuer, signed, fingerprint, valid_until}, findings [{severity, class, line, entry (not of a confidential list), text,
 * advice}], notes_kept, standing (true: approved in advance)}. What is refused is recorded as well, and alarmed. */
int engine_import(struct engine *g, const struct engine_import *in, uint64_t *ret_job, struct err *e);
/* An entry added to (or taken out of) the list's last import by hand: the same job and result. */
int engine_rule(struct engine *g, const struct who *who, int64_t list_id, const char *entry, bool add,
		uint64_t *ret_job, struct err *e);
/* The same check again, against what is enforced now, with a compile of this import alone and its self-check: the report as above and
 * {selfcheck: {entries, own, covered, excepted, unproven, missed, guarded, neighbour}}. import 0: the last one. */
int engine_check(struct engine *g, int64_t uid, int64_t list_id, int64_t import_id, uint64_t *ret_job,
		 struct err *e);
/* Asks the list's source now. */
int engine_poll(struct engine *g, int64_t list_id, struct err *e);
/* Within its own transaction sets lists and orders back to version `id`, journals and alarms it, pokes. The job's result:
 * {version, digest, active} once it is active; the new active version may have another number where orders have ended since. */
int engine_rollback(struct engine *g, const struct who *who, int64_t id, const char *reason,
		    uint64_t *ret_job, struct err *e);

/* Asks every worker of every data plane about every entry of an order (0: of all), and about neighbours (control/probe/prober.h). -EBUSY: one
 * runs. The job's result: {version, failed (something passes, is harmed, or did not answer), missed, harmed, dataplanes [{dataplane, answered,
 * why, workers, entries, missed, unenforceable, harmed}]}. */
int engine_probe(struct engine *g, int64_t uid, int64_t order, uint64_t *ret_job, struct err *e);
/* Whether one runs, how many entries it has asked, and of how many. */
bool engine_probing(const struct engine *g, uint64_t *ret_entries, uint64_t *ret_of);

/* The ruleset of the active version, for questions; NULL: none, or it cannot be read (then e says why). Lives until the next turn
 * of the loop. */
const struct ruleset *engine_ruleset(struct engine *g, struct err *e);
/* What is active; id 0: none. */
const struct version *engine_active(const struct engine *g);
/* The active version's plan: its lists in the order of the ruleset's. NULL: none. Borrowed. */
const json_t *engine_plan(const struct engine *g);
/* What is being compiled, or cannot be: "" nothing. */
const char *engine_pending(const struct engine *g);

struct audit *engine_audit(const struct engine *g);
unsigned engine_nodes(const struct engine *g);
struct link *engine_node(const struct engine *g, unsigned i);
/* Lives until the next call. */
const struct engine_counts *engine_counts(struct engine *g);
/* The path of a file that the store names: of entries (an import's `object`), originals, rulesets. */
void engine_path(const struct engine *g, const char *file, char *ret, size_t room);
/* Reads the guard files again. 0 or why not: then the old ones stay. */
int engine_reload(struct engine *g, struct err *e);

#endif
