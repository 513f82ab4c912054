/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/report/published.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/report/figures.h"
#include "control/report/grow.h"
#include "control/store/clock.h"

#define DIGEST_CHARS 64

void published_subject(const struct period *p, char ret[PUBLISHED_SUBJECT])
{
	char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES];
	clock_text(p->from, from);
	clock_text(p->to, to);
	snprintf(ret, PUBLISHED_SUBJECT, "%s %s to %s", p->internal ? "internal" : "published", from, to);
}

/* Of the figures that tell of people's requests and of orders; how the machines did may be told anew. */
static int digest(const struct period *p, char ret[DIGEST_CHARS + 1], struct err *e)
{
	bool failed = false;
	json_t *protected = grow_begin(&failed), *table;
	size_t i;
	json_array_foreach(p->tables, i, table)
	{
		const struct figures_row *row = figures_find(json_string_value(json_object_get(table, "id")));
		if (row && row->protect)
			grow_array(protected, json_incref(table), &failed);
	}
	char *text = failed ? NULL : grow_text(protected, JSON_COMPACT | JSON_REAL_PRECISION(12));
	json_decref(protected);
	if (!text)
		return err_set(e, -ENOMEM, "memory ran out");
	report_digest(text, strlen(text), ret);
	free(text);
	return 0;
}

int published_text(const struct period *p, char ret[PUBLISHED_TEXT_BYTES], struct err *e)
{
	char sha256[DIGEST_CHARS + 1];
	int err = digest(p, sha256, e);
	if (!err)
		snprintf(ret, PUBLISHED_TEXT_BYTES,
			 "handed over for publication, protected figures SHA-256 %s", sha256);
	return err;
}

/* Text is compared as it stands: all times have one form, years four digits. */
static int check_overlap(struct store *s, const char *subject, struct err *e)
{
	struct rows r;
	int err = 0;
	rows_open(
	    &r, s,
	    "SELECT substr(subject, 11, 20), substr(subject, 35, 20), at FROM journal"
	    " WHERE act IN ('" PUBLISHED_ACT "', 'report.period') AND outcome = 'done'"
	    " AND subject LIKE 'published %' AND subject <> ?1"
	    " AND substr(subject, 11, 20) < substr(?1, 35, 20) AND substr(subject, 35, 20) > substr(?1, 11, 20)"
	    " ORDER BY 2 DESC, id LIMIT 1",
	    "t", subject);
	if (rows_next(&r)) {
		char at[CLOCK_TEXT_BYTES];
		clock_text(rows_int(&r, 2), at);
		err = err_set(
		    e, -EEXIST,
		    "from: the report of %s to %s was published (made %s), and overlaps with this period: with both, small counts "
		    "could be computed by subtraction; report a period that begins at %s or later, or make this one with --internal, "
		    "not for publication",
		    rows_text(&r, 0), rows_text(&r, 1), at, rows_text(&r, 1));
	}
	int asked = rows_end(&r, err ? NULL : e);
	return err ? err : asked;
}

static int check_figures(struct store *s, const struct period *p, const char *subject, struct err *e)
{
	char sha256[DIGEST_CHARS + 1];
	struct rows r;
	int err = digest(p, sha256, e);
	if (err)
		return err;
	rows_open(&r, s,
		  "SELECT substr(text, -64), at FROM journal WHERE act = '" PUBLISHED_ACT
		  "' AND outcome = 'done'"
		  " AND subject = ?1 ORDER BY id LIMIT 1",
		  "t", subject);
	if (rows_next(&r) && strcmp(rows_text(&r, 0), sha256) != 0) {
		char at[CLOCK_TEXT_BYTES];
		clock_text(rows_int(&r, 1), at);
		err = err_set(
		    e, -EEXIST,
		    "from: the report of this period was published (made %s), and its figures have changed since: with both, small "
		    "counts could be computed by subtraction; the earlier one stands, --internal shows what the figures are now",
		    at);
	}
	int asked = rows_end(&r, err ? NULL : e);
	return err ? err : asked;
}

int published_check(struct store *s, const struct period *p, struct err *e)
{
	char subject[PUBLISHED_SUBJECT];
	published_subject(p, subject);
	int err = check_overlap(s, subject, e);
	return err ? err : check_figures(s, p, subject, e);
}
