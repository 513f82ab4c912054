/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/api/lists.h"
#include "control/feed/fetch.h"
#include "control/feed/import.h"
#include "control/store/proposals.h"

#define EVERY_S	    3600 /* how often a URL is asked by default */
#define EVERY_MIN_S 60
#define EVERY_MAX_S 31536000

void lists_subject(const char *name, char ret[LISTS_SUBJECT])
{
	snprintf(ret, LISTS_SUBJECT, "list %.*s", LIST_NAME_MAX, name);
}

static int authority_of(const struct call *c, int64_t order, const struct config_authority **ret,
			struct err *e)
{
	char *name = NULL;
	int err = store_str(c->store, &name, e, "SELECT fields ->> 'authority' FROM orders WHERE id = ?", "i",
			    order);
	if (err == -ENOENT)
		return err_set(e, err, "order: there is no order %lld", (long long)order);
	if (!err)
		*ret = control_config_authority(c->config, name);
	free(name);
	return err;
}

static int check_url(const struct call *c, const char *key, const char *url, const struct config_authority *a,
		     struct err *e)
{
	const char *root = *c->config->limits.file_root ? c->config->limits.file_root : NULL;
	struct err why;
	int err = url ? fetch_check_url(url, a->allow_http, root, &why) : 0;
	return err ? err_set(e, err, "%s: %.480s", key, why.text) : 0;
}

static int check_source(const struct call *c, const struct list_source *s, const json_t *options,
			int64_t order, struct err *e)
{
	const struct config_authority *a = NULL;
	int err = import_check_format(s->format, options, e);
	if (!err)
		err = authority_of(c, order, &a, e);
	if (!err)
		err = check_url(c, "url", s->url, a, e);
	if (!err)
		err = check_url(c, "signature_url", s->signature_url, a, e);
	if (err)
		return err;
	if (s->signature_url && !s->url)
		return err_set(e, -EINVAL, "signature_url: there is no url that it belongs to");
	if (s->url && s->spool)
		return err_set(e, -EINVAL, "spool: a list has one source; there is a url already");
	if (s->spool && *s->spool != '/')
		return err_set(e, -EINVAL, "spool: give the folder's whole path, from /");
	if (s->url && (s->every_s < EVERY_MIN_S || s->every_s > EVERY_MAX_S))
		return err_set(e, -EINVAL, "every_s: between %d and %d seconds", EVERY_MIN_S, EVERY_MAX_S);
	if (strcmp(s->approval, "each") && strcmp(s->approval, "signed"))
		return err_set(e, -EINVAL, "approval: each or signed");
	if (!strcmp(s->approval, "signed") && !*a->trusted)
		return err_set(
		    e, -EINVAL,
		    "approval: the configuration trusts no certificate for the order's authority, so no signature "
		    "would be good: set authorities[].trusted, or take each");
	return 0;
}

static int add(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	const char *format = call_text(params, "format"), *approval = call_text(params, "approval");
	const char *name = call_text(params, "name");
	const json_t *options = json_object_get(params, "options");
	int64_t every_s = call_number(params, "every_s"), order = call_number(params, "order"), id, proposal;
	char *text = options ? json_dumps(options, JSON_COMPACT | JSON_SORT_KEYS) : strdup("{}");
	char subject[LISTS_SUBJECT];
	struct list_source s = {.format = format ? format : "plain",
				.options = text,
				.url = call_text(params, "url"),
				.signature_url = call_text(params, "signature_url"),
				.spool = call_text(params, "spool"),
				.approval = approval ? approval : "each"};
	s.every_s = s.url ? every_s ? every_s : EVERY_S : 0;
	lists_subject(name, subject);
	int err = text ? check_source(c, &s, options, order, e) : err_set(e, -ENOMEM, "memory ran out");
	if (!err)
		err = list_add(c->store, e, &c->who, order, name, &s, &id, &proposal);
	if (!err)
		err = journal_add(c->store, e, &c->who, "list.add", subject, OUTCOME_DONE,
				  "proposed for order %lld, format %s, approval %s", (long long)order,
				  s.format, s.approval);
	free(text);
	return err ? err
		   : call_done(json_pack("{sI sI}", "list", (json_int_t)id, "proposal", (json_int_t)proposal),
			       ret, e);
}

int lists_add(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	char subject[LISTS_SUBJECT];
	lists_subject(call_text(params, "name"), subject);
	return call_transact(ctx, "list.add", subject, add, params, ret, e);
}

/* The import that is named, or the last one that waits. */
static int find_waiting(const struct call *c, const struct list_row *l, int64_t import, int64_t *ret,
			struct err *e)
{
	int err = store_int(c->store, ret, e,
			    "SELECT id FROM imports WHERE list_id = ?1 AND CASE WHEN ?2 THEN id = ?2"
			    " ELSE state = 'proposed' END ORDER BY id DESC LIMIT 1",
			    "ii", l->id, import);
	if (err == -ENOENT && import)
		return err_set(e, err, "import: list %s has no import %lld", l->name, (long long)import);
	if (err == -ENOENT)
		return err_set(e, err, "no import of list %s waits for approval", l->name);
	return err;
}

static int approve(struct call *c, const struct list_row *l, const json_t *params, json_t **ret,
		   struct err *e)
{
	int64_t import, proposal;
	char subject[LISTS_SUBJECT];
	lists_subject(l->name, subject);
	int err = find_waiting(c, l, call_number(params, "import"), &import, e);
	if (err)
		return err;
	err = proposal_of(c->store, e, PROPOSAL_IMPORT, import, &proposal);
	if (err == -ENOENT)
		return err_set(e, err,
			       "import %lld of list %s does not wait for approval: rojactl list show %s",
			       (long long)import, l->name, l->name);
	if (!err)
		err = proposal_approve(c->store, e, &c->who, proposal, call_text(params, "note"));
	if (!err)
		err = journal_add(c->store, e, &c->who, "list.activate", subject, OUTCOME_DONE,
				  "import %lld, proposal %lld", (long long)import, (long long)proposal);
	return err ? err
		   : call_done(
			 json_pack("{sI sI}", "import", (json_int_t)import, "proposal", (json_int_t)proposal),
			 ret, e);
}

static int activate(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	struct list_row l;
	int err = call_list(c, params, &l, e);
	if (err)
		return err;
	err = approve(c, &l, params, ret, e);
	list_row_free(&l);
	return err;
}

int lists_activate(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	char subject[LISTS_SUBJECT];
	lists_subject(call_text(params, "list"), subject);
	return call_transact(ctx, "list.activate", subject, activate, params, ret, e);
}

static int roll_back(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	struct list_row l;
	int64_t import = call_number(params, "import");
	int err = call_list(c, params, &l, e);
	if (err)
		return err;
	err = list_rollback(c->store, e, &c->who, l.id, import, call_text(params, "reason"));
	list_row_free(&l);
	return err ? err : call_done(json_pack("{sI}", "import", (json_int_t)import), ret, e);
}

int lists_rollback(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	char subject[LISTS_SUBJECT];
	lists_subject(call_text(params, "list"), subject);
	return call_transact(ctx, "list.rollback", subject, roll_back, params, ret, e);
}

static void import_subject(const json_t *params, char ret[32])
{
	snprintf(ret, 32, "import %lld", (long long)call_number(params, "import"));
}

static int authenticate(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	char subject[32];
	import_subject(params, subject);
	int err =
	    list_authenticate(c->store, e, &c->who, call_number(params, "import"), call_text(params, "how"));
	if (!err)
		err = journal_add(c->store, e, &c->who, "list.authenticate", subject, OUTCOME_DONE, "%s",
				  call_text(params, "how"));
	return err ? err : call_done(json_object(), ret, e);
}

int lists_authenticate(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	char subject[32];
	import_subject(params, subject);
	return call_transact(ctx, "list.authenticate", subject, authenticate, params, ret, e);
}

int lists_poll(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	struct list_row l;
	char subject[LISTS_SUBJECT];
	lists_subject(call_text(params, "list"), subject);
	int err = call_list(c, params, &l, e);
	if (!err) {
		lists_subject(l.name, subject);
		err = engine_poll(c->engine, l.id, e);
		list_row_free(&l);
	}
	err = call_journal(c, "list.poll", subject, err, "its source is asked now", e);
	return err ? err : call_done(json_object(), ret, e);
}
