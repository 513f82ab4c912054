/* SPDX-License-Identifier: BSD-3-Clause */
/* figures: the tables of a period, as rows: what each counts, in which words, and whether small counts of it are suppressed.
 *
 * Model:    LIST: a row a key, its figures in columns; protected, each column is a table of its own with its total. CROSS: a count a pair of keys,
 *           with totals of rows and columns. TIMES: median and 95th percentile of a sample.
 * Owner:    everything is static.
 */
#ifndef CONTROL_REPORT_FIGURES_H
#define CONTROL_REPORT_FIGURES_H

#include <jansson.h>

#include "control/report/period.h"
#include "control/report/period_words.h"

#define FIGURES_COLUMNS 6
#define FIGURES_KEYS	2
#define FIGURE_SMALL	"<10"
#define FIGURE_HIDDEN	"withheld"

enum figures_kind { FIGURES_LIST, FIGURES_CROSS, FIGURES_TIMES };

enum figures_protection {
	FIGURES_OPEN,	/* what the operator's machines and duties did: published as it is */
	FIGURES_COUNTS, /* counts of orders, entries, people's requests */
	FIGURES_ALL,	/* and times of so few */
};

struct figures_column {
	const char *id;
	enum period_word word;
	bool seconds; /* the question gives milliseconds */
};

struct figures_row {
	const char *id;
	enum period_word caption;
	enum figures_kind kind;
	enum figures_protection protect;
	bool total;
	const char *keys[FIGURES_KEYS];
	struct figures_column columns[FIGURES_COLUMNS]; /* of LIST and TIMES */
	/* Keys, then figures. ?1 from, ?2 to (seconds), ?3 the data planes' names as a JSON array. */
	const char *sql;
};
extern const struct figures_row figures_rows[];
extern const unsigned figures_n;
/* The row of a table's id. */
const struct figures_row *figures_find(const char *id);

/* One table; suppression is a step of its own (figures_protect). */
int figures_make(const struct report_context *c, const struct period *p, const struct figures_row *row,
		 json_t **ret, struct err *e);
/* Of all tables of the period; those of one total together. */
int figures_protect(json_t *tables, struct err *e);

#endif
