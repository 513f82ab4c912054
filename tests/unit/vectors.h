/* SPDX-License-Identifier: BSD-3-Clause */
/* vectors: the tables of docs/lists.md, row by row.
 *
 * Model:    a table stands behind a line "<!-- vectors: NAME -->"; its first two lines are the head. A cell
 * in backquotes is a value, its escapes (\t \n \r \\ \| \xHH) decoded; a cell without is words.
 */
#ifndef TESTS_UNIT_VECTORS_H
#define TESTS_UNIT_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VECTOR_CELLS 4

struct cell {
	bool is_value;
	size_t len;
	char text[1024]; /* NUL-terminated */
};

struct vector {
	unsigned n, line;
	struct cell cell[VECTOR_CELLS];
};

/* Calls `run` with every row; returns how many, and prints the line of each row for which run is false. */
unsigned vectors_run(const char *table, bool (*run)(const struct vector *v), unsigned *ret_failed);

/* Whether the whole page holds the text. */
bool vectors_page_has(const char *text);

#endif
