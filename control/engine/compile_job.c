/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/engine/compile_job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/engine/digest.h"
#include "control/feed/entries.h"
#include "control/safety/safety.h"
#include "rules/compile.h"

#define CANCEL_EVERY 4096 /* entries between two looks at the flag */

/* The fingerprints' key: the same for the same sealing key, so that a rule keeps its opaque id from version to version. */
static void rule_key(const struct seal_key *key, uint8_t ret[32])
{
	static const char label[] = "roja ruleset fingerprints";
	uint8_t text[sizeof(label) + SEAL_KEY_BYTES];
	memcpy(text, label, sizeof(label));
	memcpy(text + sizeof(label), key->bytes, SEAL_KEY_BYTES);
	SHA256(text, sizeof(text), ret);
	explicit_bzero(text, sizeof(text));
}

static int add_entries(struct compiler *c, struct entries *r, const struct compile_skipped *skip,
		       const atomic_bool *cancel, struct err *e)
{
	static _Thread_local struct url u;
	struct list_entry le;
	struct entry en;
	int more, err = 0;
	for (unsigned n = 0; !err && (more = entries_next(r, &en, e)); n++) {
		if (more < 0)
			return more;
		if (n % CANCEL_EVERY == 0 && atomic_load_explicit(cancel, memory_order_relaxed))
			return err_set(e, -ECANCELED, "the compile was cancelled");
		if (skip && safety_is_skipped(skip->lines, skip->n, en.line))
			continue;
		err = entry_parse(&en, &u, &le, e);
		if (!err && compiler_add_entry(c, &le))
			err = err_set(e, -ENOMEM, "no memory for %u entries", n);
	}
	return err;
}

static int add_list(struct compiler *c, const struct compile_request *q, unsigned i,
		    const atomic_bool *cancel, struct err *e)
{
	const struct plan_list *l = &q->plan->lists[i];
	struct entries *r;
	char path[512];
	snprintf(path, sizeof(path), "%s/%s", q->objects, l->object);
	int err = compiler_begin_list(c, l->meta, e);
	if (!err)
		err = entries_open(path, q->key, &r, e);
	if (err)
		return err;
	err = add_entries(c, r, q->skipped ? &q->skipped[i] : NULL, cancel, e);
	entries_close(r);
	return err;
}

static int add_exceptions(struct compiler *c, const struct plan *p, struct err *e)
{
	static const char *const meta[META_COUNT] = {[META_name] = "exceptions"};
	static _Thread_local struct url u;
	char text[LIST_LINE_MAX];
	const char *why;
	struct list_entry le;
	if (!p->n_exceptions)
		return 0;
	int err = compiler_begin_list(c, meta, e);
	for (unsigned i = 0; !err && i < p->n_exceptions; i++) {
		int n = snprintf(text, sizeof(text), "!%s", p->exceptions[i]);
		if (list_parse_line((const uint8_t *)text, (size_t)n, &u, &le, &why) != 1)
			err = err_set(e, -EBADMSG, "an exception that was approved is no entry: %s", why);
		le.line = i + 1;
		if (!err && compiler_add_entry(c, &le))
			err = err_set(e, -ENOMEM, "no memory for exceptions");
	}
	return err;
}

static int build(struct compiler *c, const struct compile_request *q, const atomic_bool *cancel,
		 void **ret_image, size_t *ret_bytes, struct err *e)
{
	int err = 0;
	if (q->cache)
		compiler_set_cache(c, q->cache, q->key);
	for (unsigned i = 0; !err && i < q->plan->n_lists; i++)
		err = add_list(c, q, i, cancel, e);
	if (!err)
		err = add_exceptions(c, q->plan, e);
	return err ? err : compiler_build(c, ret_image, ret_bytes, e);
}

static void free_paths(char **paths, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		free(paths[i]);
	free(paths);
}

static int check(const struct compile_request *q, const struct ruleset *rules, const atomic_bool *cancel,
		 struct selfcheck_result *found, struct err *e)
{
	unsigned n = q->plan->n_lists;
	char **paths = calloc(n + 1, sizeof(*paths));
	const uint32_t **lines = calloc(n + 1, sizeof(*lines));
	unsigned *n_lines = calloc(n + 1, sizeof(*n_lines));
	int64_t *orders = calloc(n + 1, sizeof(*orders));
	int err = paths && lines && n_lines && orders ? 0 : err_set(e, -ENOMEM, "no memory for a self-check");
	for (unsigned i = 0; !err && i < n; i++) {
		lines[i] = q->skipped ? q->skipped[i].lines : NULL;
		n_lines[i] = q->skipped ? q->skipped[i].n : 0;
		orders[i] = q->plan->lists[i].order_id;
		if (asprintf(&paths[i], "%s/%s", q->objects, q->plan->lists[i].object) < 0)
			err = err_set(e, -ENOMEM, "no memory for a self-check");
	}
	if (!err)
		err = safety_selfcheck(
		    &(struct selfcheck_request){.ruleset = rules,
						.key = q->key,
						.entries = (const char *const *)paths,
						.n_lists = n,
						.skipped = lines,
						.n_skipped = n_lines,
						.guard = q->guard,
						.overrides = (const char *const *)q->plan->overrides,
						.n_overrides = q->plan->n_overrides,
						.override_orders = q->plan->override_orders,
						.list_orders = orders,
						.cancel = cancel},
		    found, e);
	if (paths)
		free_paths(paths, n);
	free(lines);
	free(n_lines);
	free(orders);
	return err;
}

static char *report_text(const struct report *r, const struct selfcheck_result *f)
{
	json_t *o = json_pack("{sIsIsI}", "lines", (json_int_t)r->lines, "entries", (json_int_t)r->entries,
			      "checked", (json_int_t)f->entries);
	for (unsigned i = 0; o && i < NOTE_KINDS_N; i++)
		json_object_set_new(o, note_kind_names[i], json_integer((json_int_t)r->notes_total[i]));
	for (unsigned i = 0; o && i < SELFCHECK_KINDS_N; i++)
		json_object_set_new(o, selfcheck_kinds[i].word, json_integer((json_int_t)f->total[i]));
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	return text;
}

static int64_t rules_of(const struct ruleset *rules)
{
	uint64_t n = 0;
	for (unsigned k = 0; k < RULE_KINDS_N; k++)
		n += ruleset_count(rules, k, false) + ruleset_count(rules, k, true);
	return (int64_t)n;
}

int compile_run(const struct compile_request *q, const atomic_bool *cancel, struct compile_result *ret,
		struct err *e)
{
	struct compiler *c = NULL;
	struct ruleset *rules = NULL;
	struct selfcheck_result found = {0};
	void *image = NULL;
	size_t bytes = 0;
	uint8_t key[32];
	*ret = (struct compile_result){0};
	rule_key(q->key, key);
	int err = compiler_new(key, &c, e);
	if (!err)
		err = build(c, q, cancel, &image, &bytes, e);
	if (!err)
		err = ruleset_over(image, bytes, &rules, e);
	if (!err)
		err = check(q, rules, cancel, &found, e);
	if (!err && q->file)
		err = ruleset_write_version(q->file, image, bytes, q->number, q->key, e);
	if (!err) {
		digest_hex(ruleset_digest(rules), ret->digest);
		ret->bytes = (int64_t)bytes;
		ret->rules = rules_of(rules);
		ret->report = report_text(compiler_report(c), &found);
		err = ret->report ? 0 : err_set(e, -ENOMEM, "no memory for a report");
	}
	selfcheck_result_free(&found);
	ruleset_free(rules);
	if (image)
		compiler_image_free(image, bytes);
	compiler_free(c);
	return err;
}
