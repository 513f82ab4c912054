/* SPDX-License-Identifier: BSD-3-Clause */
/* Imports: from what somebody gave to a proposal, or a refusal that is recorded. */
#include <errno.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/hex.h"
#include "control/engine/engine_import.h"
#include "control/engine/engine_state.h"
#include "control/engine/import_job.h"
#include "control/log.h"
#include "control/store/exempt.h"
#include "control/store/lists.h"

#define EARLIER_MAX 64

struct importing {
	struct engine *engine;
	struct import_job job;
	struct list_row list;
	int64_t uid;
	char who[64], original[64], object[64];
	const char *source;
	struct import_after after;
};

static void importing_free(struct importing *i)
{
	if (i->job.guard)
		engine_guard_done(i->engine);
	import_job_fini(&i->job);
	list_row_free(&i->list);
	free(i);
}

/* New files' names tell nothing of the list. */
static int name_files(struct importing *i, struct err *e)
{
	uint8_t random[12];
	char hex[25];
	if (RAND_bytes(random, sizeof(random)) != 1)
		return err_set(e, -EIO, "no random numbers");
	hex_write(random, sizeof(random), hex);
	snprintf(i->original, sizeof(i->original), "%s.original", hex);
	snprintf(i->object, sizeof(i->object), "%s.entries", hex);
	engine_path(i->engine, i->original, i->job.original, sizeof(i->job.original));
	engine_path(i->engine, i->object, i->job.object, sizeof(i->job.object));
	return 0;
}

/* What was accepted before: to know a replay by. */
static int gather_before(struct importing *i, struct err *e)
{
	struct import_job *j = &i->job;
	struct store *s = i->engine->store;
	char *object = NULL;
	struct rows r;
	int err = list_last_good(s, e, i->list.id, &object, &j->accepted_serial);
	if (err)
		return err == -ENOENT ? 0 : err;
	engine_path(i->engine, object, j->previous, sizeof(j->previous));
	free(object);
	j->earlier = calloc(EARLIER_MAX, sizeof(*j->earlier));
	if (!j->earlier)
		return err_set(e, -ENOMEM, "no memory for an import");
	rows_open(
	    &r, s,
	    "SELECT i.report ->> 'digest', i.report ->> 'time', i.signature ->> 'signed_s', i.id = l.active_import"
	    " FROM imports i JOIN lists l ON l.id = i.list_id WHERE l.id = ? AND i.approved IS NOT NULL"
	    " ORDER BY i.id DESC LIMIT 64",
	    "i", i->list.id);
	while (rows_next(&r)) {
		if (rows_int(&r, 3)) {
			j->accepted_time = rows_int(&r, 1);
			j->signed_after = rows_int(&r, 2);
		} else if (j->n_earlier < EARLIER_MAX &&
			   hex_read(rows_text(&r, 0), j->earlier[j->n_earlier], sizeof(*j->earlier))) {
			j->n_earlier++;
		}
	}
	return rows_end(&r, e);
}

bool engine_addresses_assessed(struct engine *g, int64_t order)
{
	int64_t assessed = 0;
	store_int(
	    g->store, &assessed, NULL,
	    "SELECT fields ->> 'precision' = 'ip' AND fields ->> 'assessment' IS NOT NULL FROM orders WHERE id = ?",
	    "i", order);
	return assessed;
}

static int fill(struct importing *i, const struct engine_import *in, struct err *e)
{
	struct engine *g = i->engine;
	struct import_job *j = &i->job;
	int err = list_find(g->store, e, in->list_id, NULL, &i->list);
	if (err)
		return err;
	if (!strcmp(i->list.state, "ended") || !strcmp(i->list.state, "refused"))
		return err_set(e, -EPERM, "list %s is %s: nothing can be imported into it", i->list.name,
			       i->list.state);
	snprintf(j->file, sizeof(j->file), "%s", in->file);
	snprintf(j->format, sizeof(j->format), "%s", i->list.format);
	snprintf(i->who, sizeof(i->who), "%s", in->who);
	j->size = in->size;
	j->accept = in->accept;
	j->options = json_loads(i->list.options, 0, NULL);
	j->authority = control_config_authority(g->config, i->list.authority);
	j->temp = *g->config->limits.temp ? g->config->limits.temp : NULL;
	j->key = store_key(g->store);
	j->confidential = i->list.confidential;
	if (in->signature) {
		j->signature = malloc(in->signature_bytes + 1);
		if (!j->signature)
			return err_set(e, -ENOMEM, "no memory for an import");
		memcpy(j->signature, in->signature, in->signature_bytes);
		j->signature_bytes = in->signature_bytes;
	}
	j->addresses_assessed = engine_addresses_assessed(g, i->list.order_id);
	err = name_files(i, e);
	if (!err)
		err = gather_before(i, e);
	if (!err)
		err = overrides_active(g->store, e, i->list.order_id, &j->overrides, &j->n_overrides);
	j->guard = engine_guard_use(g);
	return err;
}

static int keep(struct importing *i, json_t *report, json_t *signature, int64_t *ret_id,
		int64_t *ret_proposal, bool *ret_standing, struct err *e)
{
	struct store *s = i->engine->store;
	const struct import_job *j = &i->job;
	const struct who who = {i->uid, i->who};
	char subject[LIST_NAME_MAX + 8];
	char *report_text = json_dumps(report, JSON_COMPACT);
	char *signature_text = signature ? json_dumps(signature, JSON_COMPACT) : NULL;
	const struct import_row row = {.list_id = i->list.id,
				       .source = i->source,
				       .file = j->file,
				       .sha256 = j->read.sha256,
				       .original = j->was_read ? i->original : "",
				       .object = j->was_read ? i->object : NULL,
				       .report = report_text,
				       .bytes = (int64_t)j->read.bytes,
				       .serial = j->read.serial,
				       .lines = (int64_t)j->read.lines,
				       .entries = (int64_t)j->read.entries,
				       .rejected = (int64_t)j->read.rejected,
				       .duplicates = (int64_t)j->read.duplicates,
				       .added = (int64_t)j->safety.added,
				       .removed = (int64_t)j->safety.removed,
				       .skipped = j->safety.n_skipped,
				       .why = *j->why ? j->why : NULL,
				       .signature = signature_text};
	snprintf(subject, sizeof(subject), "list %s", i->list.name);
	int err = report_text && (signature_text || !signature)
		      ? store_begin(s, e)
		      : err_set(e, -ENOMEM, "no memory for a report");
	if (!err) {
		err = list_import_add(s, e, &who, &row, ret_id, ret_proposal);
		if (!err)
			err = journal_add(
			    s, e, &who, "list.import", subject, *j->why ? OUTCOME_REFUSED : OUTCOME_DONE,
			    "import %lld, SHA-256 %s%s%s", (long long)*ret_id,
			    *j->read.sha256 ? j->read.sha256 : "not computed", *j->why ? ": " : "", j->why);
		*ret_standing = !err && !*j->why && i->list.auto_signed && j->is_signed &&
				!strcmp(i->list.state, "approved") &&
				!strcmp(i->list.order_state, "approved");
		if (*ret_standing)
			err = list_import_standing(s, e, *ret_id, *ret_proposal);
		err = store_end(s, err, e);
	}
	free(report_text);
	free(signature_text);
	return err;
}

static json_t *result_json(const struct importing *i, json_t *report, json_t *signature, int64_t id,
			   int64_t proposal, bool standing)
{
	const struct import_job *j = &i->job;
	json_t *o =
	    json_pack("{sIsssbsssIsIsIsIsIsIsIsOsOsOsIsb}", "import", (json_int_t)id, "list", i->list.name,
		      "refused", *j->why != 0, "sha256", j->read.sha256, "bytes", (json_int_t)j->read.bytes,
		      "lines", (json_int_t)j->read.lines, "entries", (json_int_t)j->read.entries, "added",
		      (json_int_t)j->safety.added, "removed", (json_int_t)j->safety.removed, "rejected",
		      (json_int_t)j->read.rejected, "duplicates", (json_int_t)j->read.duplicates, "signature",
		      signature ? signature : json_null(), "findings", json_object_get(report, "findings"),
		      "totals", json_object_get(report, "totals"), "skipped", (json_int_t)j->safety.n_skipped,
		      "standing", standing);
	if (o) {
		json_object_set_new(o, "file", json_string(j->file));
		json_object_set_new(o, "notes_kept", json_integer(j->read.n_notes));
		if (*j->why)
			json_object_set_new(o, "why", json_string(j->why));
		if (proposal)
			json_object_set_new(o, "proposal", json_integer(proposal));
	}
	return o;
}

static int take(struct importing *i, json_t **ret, struct err *e)
{
	struct engine *g = i->engine;
	int64_t id = 0, proposal = 0;
	bool standing = false;
	json_t *report = import_job_report(&i->job), *signature = import_job_signature(&i->job);
	int err = report ? keep(i, report, signature, &id, &proposal, &standing, e)
			 : err_set(e, -ENOMEM, "no memory for a report");
	if (!err) {
		i->job.kept = i->job.was_read;
		g->counts.imports_refused += *i->job.why != 0;
		*ret = result_json(i, report, signature, id, proposal, standing);
		if (standing)
			engine_poke(g);
	}
	json_decref(report);
	json_decref(signature);
	return err;
}

static int on_done(void *ctx, void *arg, int err, bool cancelled, json_t **ret, struct err *e)
{
	struct engine *g = ctx;
	struct importing *i = arg;
	if (!err && (cancelled || g->stopping))
		err = err_set(e, -ECANCELED, "the daemon stops: import it again");
	if (!err)
		err = take(i, ret, e);
	if (i->after.done)
		i->after.done(i->after.ctx, err, *ret, e);
	importing_free(i);
	return err;
}

static int work(void *arg, const atomic_bool *cancel, struct err *e)
{
	struct importing *i = arg;
	return import_job_run(&i->job, cancel, e);
}

int engine_import_after(struct engine *g, const struct engine_import *in, const struct import_after *after,
			uint64_t *ret_job, struct err *e)
{
	struct importing *i = calloc(1, sizeof(*i));
	if (!i) {
		close(in->fd);
		return err_set(e, -ENOMEM, "no memory for an import");
	}
	i->engine = g;
	i->uid = in->uid;
	i->source = in->source;
	i->job.fd = in->fd;
	int err = fill(i, in, e);
	if (!err)
		err = jobs_add(g->jobs, "list.import", in->uid,
			       &(struct job_work){.work = work, .done = on_done, .ctx = g, .arg = i}, ret_job,
			       e);
	if (err) {
		importing_free(i);
		return err;
	}
	if (after)
		i->after = *after;
	g->counts.imports++;
	return 0;
}

int engine_import(struct engine *g, const struct engine_import *in, uint64_t *ret_job, struct err *e)
{
	return engine_import_after(g, in, NULL, ret_job, e);
}
