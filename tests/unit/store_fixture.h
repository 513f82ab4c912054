/* SPDX-License-Identifier: BSD-3-Clause */
/* store_fixture: a store in a temporary folder, and people. */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/store/clock.h"
#include "control/store/lists.h"
#include "control/store/orders.h"
#include "control/store/proposals.h"
#include "control/store/store.h"
#include "tests/unit/harness.h"

static const struct who ana = {64001, "ana"}, ben = {64002, "ben"};

struct fixture {
	char folder[64];
	struct seal_key key;
	struct store *s;
	struct err e;
};

static inline void fixture_open(struct fixture *f)
{
	strcpy(f->folder, "/tmp/roja-store.XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(f->folder));
	memset(&f->key, 7, sizeof(f->key));
	f->e.text[0] = 0;
	CU_ASSERT_EQUAL_FATAL(store_open(f->folder, &f->key, &f->s, &f->e), 0);
}

static inline void fixture_close(struct fixture *f)
{
	char command[96];
	store_close(f->s);
	snprintf(command, sizeof(command), "rm -r '%s'", f->folder);
	CU_ASSERT_EQUAL(system(command), 0);
}

/* What an order needs; `but` is taken out, or NULL. */
static inline json_t *fixture_fields(const char *but)
{
	char day[CLOCK_TEXT_BYTES];
	clock_text(clock_now() + 30 * 86400, day);
	json_t *o = json_pack("{ssssssssssssss}", "authority", "Test Authority", "reference", "1196",
			      "legal_basis", "Law 1, Art. 2", "category", "court", "received", "2026-01-02",
			      "expires", day, "precision", "domain");
	if (but)
		json_object_del(o, but);
	return o;
}

static inline int64_t fixture_count(struct fixture *f, const char *sql)
{
	int64_t n = -1;
	CU_ASSERT_EQUAL(store_int(f->s, &n, &f->e, sql, ""), 0);
	return n;
}

/* An order with a list and a signed import, all proposed by ana. */
struct proposed {
	int64_t order, list, import, order_proposal, list_proposal, import_proposal;
};

static inline struct proposed fixture_propose(struct fixture *f)
{
	struct proposed p = {0};
	json_t *fields = fixture_fields(NULL);
	const struct list_source source = {.format = "plain", .options = "{}", .approval = "each"};
	CU_ASSERT_EQUAL_FATAL(order_add(f->s, &f->e, &ana, fields, &p.order, &p.order_proposal), 0);
	json_decref(fields);
	CU_ASSERT_EQUAL_FATAL(
	    list_add(f->s, &f->e, &ana, p.order, "gambling", &source, &p.list, &p.list_proposal), 0);
	const struct import_row row = {.list_id = p.list,
				       .source = "file",
				       .file = "gambling.txt",
				       .sha256 = "00",
				       .original = "o",
				       .object = "e",
				       .serial = -1,
				       .entries = 2,
				       .added = 2,
				       .signature = "{}"};
	CU_ASSERT_EQUAL_FATAL(list_import_add(f->s, &f->e, &ana, &row, &p.import, &p.import_proposal), 0);
	return p;
}

#endif
