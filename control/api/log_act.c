/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/log.h"
#include "control/api/log.h"
#include "control/audit/cosign.h"
#include "control/audit/index.h"
#include "control/audit/retention.h"
#include "control/store/clock.h"

#define LOG "the log"

int log_rotate_key(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	struct call *c = ctx;
	char key[NOTE_VKEY_BYTES] = "", text[NOTE_VKEY_BYTES + 64];
	(void)params;
	int err = log_rotate(c->log, key, e);
	snprintf(text, sizeof(text), "signs from the next checkpoint on with %s", key);
	err = call_journal(c, "audit.rotate", LOG, err, text, e);
	return err ? err : call_done(json_pack("{ss}", "key", key), ret, e);
}

int log_prune(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	struct call *c = ctx;
	(void)params;
	int err = call_journal(c, "audit.prune", LOG, retention_run(c->retention, e), "begun", e);
	return err ? err : call_done(json_object(), ret, e);
}

int log_reindex(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	struct call *c = ctx;
	(void)params;
	int err = call_journal(c, "audit.reindex", LOG, index_reset(c->index, e), "begun", e);
	return err ? err
		   : call_done(json_pack("{sI}", "leaves", (json_int_t)log_status(c->log)->durable), ret, e);
}

/* The witnesses' keys of the configuration, or the one that was given. */
static int witnesses(const struct call *c, const json_t *params, struct verifier **ret, unsigned *ret_n,
		     struct err *e)
{
	const char *given = call_text(params, "key");
	char *const *keys = given ? (char *const *)&given : c->config->audit.witnesses;
	unsigned n = given ? 1 : c->config->audit.n_witnesses;
	struct verifier *v = calloc(n ? n : 1, sizeof(*v));
	int err = v ? 0 : err_set(e, -ENOMEM, "memory ran out");
	for (unsigned i = 0; !err && i < n; i++) {
		struct err why = {""};
		err = verifier_parse(keys[i], &v[i], &why);
		if (err)
			err = err_set(e, -EINVAL, "%s: %s", given ? "key" : "audit.witnesses", why.text);
	}
	if (err) {
		free(v);
		return err;
	}
	*ret = v;
	*ret_n = n;
	return 0;
}

/* A leaf for each witness who said a line: what it names cannot go unnoticed. Said again, it is a leaf again. */
static int add_leaves(const struct call *c, const struct verifier *v, unsigned n, uint64_t mask,
		      uint64_t size, struct err *e)
{
	static struct entry entry;
	char vkey[NOTE_VKEY_BYTES];
	int err = 0;
	for (unsigned i = 0; i < n && !err; i++) {
		if (!(mask >> i & 1))
			continue;
		verifier_print(&v[i], vkey);
		entry.kind = ENTRY_WITNESS;
		entry.time_ns = (uint64_t)clock_now_ns();
		entry.v[ENTRY_F(WITNESS, size)].n = size;
		entry.v[ENTRY_F(WITNESS, vkey)].s = (struct span){(const uint8_t *)vkey, strlen(vkey)};
		err = log_add(c->log, &entry, NULL, e);
	}
	log_commit(c->log);
	return err;
}

int log_cosign(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	struct call *c = ctx;
	struct verifier *v = NULL;
	unsigned n, added = 0;
	uint64_t size = 0, mask = 0;
	char text[96];
	int err = witnesses(c, params, &v, &n, e);
	if (!err)
		err = cosign_add(log_folder(c->log), (uint64_t)call_number(params, "size"),
				 call_text(params, "lines"), v, n, &size, &added, &mask, e);
	if (!err)
		err = add_leaves(c, v, n, mask, size, e);
	free(v);
	snprintf(text, sizeof(text), "%u signatures of witnesses over the checkpoint of %llu leaves", added,
		 (unsigned long long)size);
	err = call_journal(c, "audit.cosign", LOG, err, text, e);
	return err ? err
		   : call_done(json_pack("{sI sI}", "size", (json_int_t)size, "added", (json_int_t)added),
			       ret, e);
}
