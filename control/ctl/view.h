/* SPDX-License-Identifier: BSD-3-Clause */
/* view: how a daemon's answer is shown to people.
 *
 * Model:    an array is a table of the view's columns. An object is its members, a line each: the view's first, then what it does
 *           not know, so that nothing of an answer is hidden; arrays of objects in it are tables below. Without columns those
 *           are shown that the answer has.
 * Errors:   what an answer lacks, as from another version of the daemon, is "-" in a table and left out elsewhere.
 */
#ifndef CONTROL_CTL_VIEW_H
#define CONTROL_CTL_VIEW_H

#include "control/ctl/text.h"

enum view_cell {
	CELL_TEXT,
	CELL_STATE, /* coloured by what it means */
	CELL_BYTES,
	CELL_SECONDS,
	CELL_HIDDEN, /* not shown */
};

struct view;

struct view_column {
	const char *title, *member; /* member "a.b": of the object a */
	enum view_cell cell;
	const struct view *of; /* of an object or an array of objects; may be NULL */
};

struct view {
	const char *done; /* a sentence in front, or all there is to say; {a} is the member a */
	const char *none; /* said in the place of a table without rows */
	const struct view_column *columns;
	unsigned n;
	bool only; /* of an object: what the view does not know is not shown */
	void (*print)(const json_t *result, const struct style *s); /* instead of all that */
};

#define VIEW_COLUMNS(array) .columns = array, .n = sizeof(array) / sizeof(*array)

/* view NULL: one without columns. */
void view_print(const struct view *view, const json_t *result, const struct style *s);
/* The member "a" or "a.b"; NULL: none. */
const json_t *view_member(const json_t *object, const char *path);
/* The sentence with its {members}. */
void view_sentence(const char *done, const json_t *result, const struct style *s);
/* The daemon's answer as a line of JSON. */
void view_json(const json_t *result, FILE *out);

#endif
