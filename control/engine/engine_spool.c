/* SPDX-License-Identifier: BSD-3-Clause */
/* Spool folders: the oldest complete file of a list's folder is imported, one at a time. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/engine/engine_import.h"
#include "control/engine/sources.h"
#include "control/log.h"
#include "control/store/clock.h"
#include "control/store/lists.h"

#define SETTLE_S	 5
#define SIGNATURE_WAIT_S 30
#define LOOK_EVERY_S	 5

static int open_spool(struct engine *g, int64_t list, const char *folder, bool confidential,
		      struct spool **ret, struct err *e)
{
	struct spool_of *empty = NULL;
	for (unsigned i = 0; i < SPOOLS_MAX; i++) {
		struct spool_of *s = &g->sources->spools[i];
		if (s->spool && s->list == list) {
			*ret = s->spool;
			return 0;
		}
		if (!s->spool && !empty)
			empty = s;
	}
	if (!empty)
		return err_set(e, -ENOSPC, "more than %d lists have spool folders", SPOOLS_MAX);
	const struct spool_options o = {
	    .settle_s = SETTLE_S, .signature_wait_s = SIGNATURE_WAIT_S, .remove_done = confidential};
	int err = spool_new(folder, &o, &empty->spool, e);
	if (err)
		return err;
	empty->list = list;
	*ret = empty->spool;
	return 0;
}

struct taking {
	struct engine *engine;
	int64_t list;
	struct spool *spool;
	struct spool_file file;
	bool found;
};

static void on_offer(void *ctx, const struct spool_file *f)
{
	struct taking *t = ctx;
	if (!t->found)
		t->file = *f;
	t->found = true;
}

static void on_imported(void *ctx, int err, const json_t *result, const struct err *e)
{
	struct taking *t = ctx;
	struct err failed = {""};
	int moved = 0;
	if (t->engine->stopping) {
		free(t);
		return;
	}
	if (!err && !json_is_true(json_object_get(result, "refused")))
		moved = spool_done(t->spool, &t->file, &failed);
	else if (err != -ECANCELED)
		moved =
		    spool_refuse(t->spool, &t->file,
				 err ? e->text : json_string_value(json_object_get(result, "why")), &failed);
	if (moved)
		log_error("a spool folder's file cannot be moved away: %s", failed.text);
	source_end(t->engine, t->list);
	free(t);
}

static int take(struct taking *t, struct err *e)
{
	struct engine *g = t->engine;
	struct list_row l;
	uint64_t job;
	int fd = -1;
	uint8_t *signature = NULL;
	size_t signature_bytes = 0;
	int err = list_find(g->store, e, t->list, NULL, &l);
	if (err)
		return err;
	uint64_t max = control_config_authority(g->config, l.authority)->max_bytes;
	list_row_free(&l);
	err = spool_take(t->spool, &t->file, *g->config->limits.temp ? g->config->limits.temp : NULL, max,
			 NULL, &fd, &signature, &signature_bytes, e);
	if (err == -EFBIG)
		spool_refuse(t->spool, &t->file, e->text, NULL);
	if (err)
		return err;
	const struct engine_import in = {.list_id = t->list,
					 .uid = WHO_PROGRAM_UID,
					 .who = who_program.name,
					 .fd = fd,
					 .file = t->file.name,
					 .source = "spool",
					 .signature = signature,
					 .signature_bytes = signature_bytes};
	err = engine_import_after(g, &in, &(struct import_after){on_imported, t}, &job, e);
	free(signature);
	return err;
}

int spool_look(struct engine *g, int64_t list, struct err *e)
{
	char *folder = NULL;
	int64_t confidential = 1;
	struct spool_seen seen;
	struct taking *t = calloc(1, sizeof(*t));
	int err = t ? 0 : err_set(e, -ENOMEM, "no memory for a spool folder");
	if (!err)
		err = store_str(g->store, &folder, e, "SELECT spool FROM lists WHERE id = ?", "i", list);
	if (!err)
		err = store_int(
		    g->store, &confidential, e,
		    "SELECT o.confidential FROM lists l JOIN orders o ON o.id = l.order_id WHERE l.id = ?",
		    "i", list);
	if (!err) {
		*t = (struct taking){.engine = g, .list = list};
		err = open_spool(g, list, folder, confidential, &t->spool, e);
	}
	if (!err)
		err = spool_scan(t->spool, clock_now(), on_offer, t, &seen, e);
	if (!err)
		err = store_run(
		    g->store, e,
		    "UPDATE lists SET polled = ?1, next_poll = ?1 + ?2, poll_error = NULL WHERE id = ?3",
		    "iii", clock_now(), (int64_t)LOOK_EVERY_S, list);
	free(folder);
	bool takes = !err && t->found && source_begin(g, list);
	if (takes) {
		err = take(t, e);
		if (err)
			source_end(g, list);
	}
	if (!takes || err)
		free(t);
	return err;
}

void spools_free(struct sources *s)
{
	for (unsigned i = 0; i < SPOOLS_MAX; i++)
		spool_free(s->spools[i].spool);
}
