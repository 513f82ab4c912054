/* SPDX-License-Identifier: BSD-3-Clause */
/* check: two lists side by side. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "control/safety/check_state.h"

#define CANCEL_EVERY 4096 /* entries between two looks at cancel */

const struct safety_policy safety_policy_default = {.min_entries = 1,
						    .max_entries = 10000000,
						    .max_removed_percent = 20,
						    .max_added_percent = 100,
						    .max_rejected_percent = 5,
						    .slack = 10,
						    .added_slack = 100};

/* One of the two lists, and the row that it stands at. */
struct side {
	struct safety_source *source;
	struct safety_row row;
	bool has_row;
};

static int step(struct side *s, struct err *e)
{
	int more = s->source ? s->source->next(s->source->ctx, &s->row, e) : 0;
	s->has_row = more > 0;
	return more < 0 ? more : 0;
}

static int compare(const struct span a, const struct span b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = n ? memcmp(a.p, b.p, n) : 0;
	return d ? d : (a.len > b.len) - (a.len < b.len);
}

static int see_new(struct check *c, EVP_MD_CTX *sha, const struct safety_row *row)
{
	int test = texts_find(&c->tests, row->text);
	if (test >= 0)
		c->test_seen[test] = true;
	c->ret->entries++;
	c->ret->by_kind[row->entry.kind]++;
	if (!EVP_DigestUpdate(sha, row->text.p, row->text.len) || !EVP_DigestUpdate(sha, "\n", 1))
		return err_set(c->e, -EIO, "SHA-256 failed");
	return check_entry(c, row);
}

static int merge(struct check *c, struct side *new, struct side *old, EVP_MD_CTX *sha)
{
	const atomic_bool *cancel = c->q->cancel;
	int err = step(new, c->e);
	err = err ? err : step(old, c->e);
	for (unsigned n = 0; !err && (new->has_row || old->has_row); n++) {
		if (cancel && n % CANCEL_EVERY == 0 && atomic_load(cancel))
			return err_set(c->e, -ECANCELED, "the check was cancelled");
		int d = !old->has_row ? -1 : !new->has_row ? 1 : compare(new->row.text, old->row.text);
		c->ret->added += d < 0;
		c->ret->removed += d > 0;
		c->ret->kept += !d;
		c->ret->previous += d >= 0;
		if (d <= 0) {
			err = see_new(c, sha, &new->row);
			err = err ? err : step(new, c->e);
		}
		if (d >= 0 && !err)
			err = step(old, c->e);
	}
	return err;
}

static void free_state(struct check *c)
{
	if (c->probe)
		for (unsigned i = 0; i < probe_count(c->probe); i++)
			free(c->patterns[i].text);
	probe_free(c->probe);
	free(c->patterns);
	free(c->test_seen);
	texts_unset(&c->overrides);
	texts_unset(&c->tests);
}

int check_run(const struct safety_request *q, struct safety_source *entries, struct safety_source *previous,
	      struct safety_report *ret, struct err *e)
{
	struct safety_report report = {0};
	struct check c = {.q = q, .ret = &report, .has_previous = previous, .e = e};
	struct side new = {.source = entries}, old = {.source = previous};
	EVP_MD_CTX *sha = EVP_MD_CTX_new();
	c.test_seen = calloc(q->n_tests + 1u, sizeof(*c.test_seen));
	int err = sha && c.test_seen && EVP_DigestInit_ex(sha, EVP_sha256(), NULL) ? 0 : -ENOMEM;
	err = err ? err : texts_set(&c.overrides, q->overrides, q->n_overrides);
	err = err ? err : texts_set(&c.tests, q->tests, q->n_tests);
	err = err ? err : merge(&c, &new, &old, sha);
	err = err ? err : check_patterns(&c);
	if (!err && !EVP_DigestFinal_ex(sha, report.digest, NULL))
		err = err_set(e, -EIO, "SHA-256 failed");
	err = err ? err : check_finish_report(&c);
	err = err ? err : check_list(&c);
	err = err ? err : check_finish_report(&c);
	EVP_MD_CTX_free(sha);
	free_state(&c);
	if (err == -ENOMEM)
		err_set(e, err, "no memory to check a list");
	if (err)
		safety_report_free(&report);
	else
		*ret = report;
	return err;
}

int safety_check(const struct safety_request *q, struct safety_report *ret, struct err *e)
{
	struct safety_source new = {0}, old = {0};
	int err = safety_source_open(q->entries, q->key, &new, e);
	if (!err && q->previous)
		err = safety_source_open(q->previous, q->key, &old, e);
	if (!err)
		err = check_run(q, &new, q->previous ? &old : NULL, ret, e);
	safety_source_close(&new);
	safety_source_close(&old);
	return err;
}
