/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/log.h"
#include "common/hex.h"
#include "control/api/log.h"
#include "control/audit/index.h"
#include "control/audit/retention.h"
#include "control/store/clock.h"

static json_t *time_or_null(int64_t seconds)
{
	char text[CLOCK_TEXT_BYTES];
	if (!seconds)
		return json_null();
	clock_text(seconds, text);
	return json_string(text);
}

static json_t *text_or_null(const char *text)
{
	return *text ? json_string(text) : json_null();
}

#define SECONDS(ns) ((int64_t)((ns) / 1000000000))

static json_t *retention_json(const struct retention_status *r)
{
	return json_pack("{sb so so sI so}", "runs", r->runs, "begun", time_or_null(r->begun), "ended",
			 time_or_null(r->ended), "removed", (json_int_t)r->removed, "failed",
			 text_or_null(r->failed));
}

int log_status_show(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	const struct log_status *s = log_status(c->log);
	const struct retention_status *r = retention_status(c->retention);
	char key[NOTE_VKEY_BYTES], root[2 * sizeof(s->root.b) + 1];
	(void)params;
	verifier_print(log_verifier(c->log), key);
	hex_write(s->root.b, sizeof(s->root.b), root);
	return call_done(json_pack("{ss ss sI sI sI so ss so so so sI sI sI sI sI so}", "origin",
				   log_verifier(c->log)->name, "key", key, "leaves", (json_int_t)s->size,
				   "durable", (json_int_t)s->durable, "published", (json_int_t)s->published,
				   "published_at", time_or_null(SECONDS(s->published_ns)), "root", root,
				   "trouble", text_or_null(s->trouble), "trouble_since",
				   time_or_null(SECONDS(s->trouble_ns)), "recovered",
				   text_or_null(s->recovered), "commits", (json_int_t)s->commits, "failures",
				   (json_int_t)s->failures, "indexed", (json_int_t)index_applied(c->index),
				   "minimum", (json_int_t)r->minimum, "bodies_removed", (json_int_t)r->total,
				   "retention", retention_json(r)),
			 ret, e);
}

int log_checkpoint_show(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	char path[4200], note[NOTE_MAX_BYTES + 1];
	(void)params;
	snprintf(path, sizeof(path), "%s/checkpoint", log_folder(c->log));
	FILE *f = fopen(path, "re");
	if (!f)
		return errno == ENOENT ? err_set(e, -ENOENT, "the log has no checkpoint yet")
				       : err_set(e, -errno, "%s: %s", path, strerror(errno));
	size_t n = fread(note, 1, sizeof(note) - 1, f);
	bool bad = ferror(f);
	fclose(f);
	note[n] = 0;
	return bad ? err_set(e, -EIO, "%s: cannot be read", path)
		   : call_done(json_pack("{ss}", "checkpoint", note), ret, e);
}
