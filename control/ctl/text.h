/* SPDX-License-Identifier: BSD-3-Clause */
/* text: text of others in a terminal's columns, and how a command's output looks.
 *
 * Model:    a style says where output goes, how wide it is and whether it has colours. Text is escaped by common/quote.h before
 *           it is measured, so that it never moves the cursor; a character is as wide as terminals show it.
 * Owner:    text_clean's result is the caller's.
 * Cost:     one pass a call.
 */
#ifndef CONTROL_CTL_TEXT_H
#define CONTROL_CTL_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TEXT_WIDTH 80 /* of help, and of a terminal that does not say */

struct style {
	FILE *out;
	unsigned width; /* columns; 0: lines are as long as they are, for other programs */
	bool colours;
	bool all; /* what a view leaves out otherwise */
};

enum colour { COLOUR_NONE, COLOUR_GOOD, COLOUR_WAIT, COLOUR_BAD, COLOUR_STRONG, COLOUR_N };

/* Of a terminal its width, and colours unless NO_COLOR is set. */
struct style style_of(FILE *out);
void style_begin(const struct style *s, enum colour c);
void style_end(const struct style *s, enum colour c);
/* What a state means to a reader: "active" is good, "open" waits for somebody, "refused" is bad. */
enum colour colour_of_state(const char *word);

/* The text as it may be shown, on the heap; NULL: no memory. */
char *text_clean(const char *text);
/* The same of a JSON value: numbers, words, true and false as yes and no, null as -, arrays with commas, objects as "key value". */
char *text_of_json(const json_t *v);
/* Columns that clean text takes. */
size_t text_columns(const char *clean);
/* The first line of clean text in `width` columns: its bytes. *ret_next: where the next line begins, NULL behind the last. */
size_t text_line(const char *clean, size_t width, const char **ret_next);
/* Clean text from column `at` on, later lines indented as far. Ends the line. */
void text_wrapped(const struct style *s, const char *clean, size_t at);

#endif
