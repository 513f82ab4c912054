/* SPDX-License-Identifier: BSD-3-Clause */
/* doc: a page for people: title, parts, paragraphs, fields, lists and tables, shown as text and as HTML from the same blocks.
 *
 * Model:    blocks in the order in which they were added. The HTML is one file that needs no other: its style is in it, it has no script and
 *           fetches nothing (its own policy says so), it prints on A4, and a screen reader finds language, headings, captions and headers. What
 *           people wrote is escaped, and isolated where it changes the direction of writing.
 * Owner:    doc_init, doc_fini; texts are copied.
 * Threads:  one.
 * Errors:   a doc that memory did not suffice for says so when it is shown: -ENOMEM.
 */
#ifndef CONTROL_REPORT_DOC_H
#define CONTROL_REPORT_DOC_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "common/err.h"
#include "control/report/language.h"

struct doc {
	enum language language;
	json_t *blocks;
	bool failed;
};

void doc_init(struct doc *d, enum language language);
void doc_fini(struct doc *d);

void doc_title(struct doc *d, const char *text);
void doc_part(struct doc *d, const char *heading);
void doc_paragraph(struct doc *d, const char *text);
/* "label: value"; text NULL: nothing. Fields that follow each other belong together. */
void doc_field(struct doc *d, const char *label, const char *text);
void doc_number(struct doc *d, const char *label, int64_t n);
__attribute__((format(printf, 3, 4))) void doc_fieldf(struct doc *d, const char *label, const char *format,
						      ...);
/* "- text"; items that follow each other are one list. */
__attribute__((format(printf, 2, 3))) void doc_item(struct doc *d, const char *format, ...);
/* head: the columns' titles, an array of strings; rows: arrays of strings and integers. Both are taken over. */
void doc_table(struct doc *d, const char *caption, json_t *head, json_t *rows);

/* Text, of 0x0a and UTF-8; n docs one behind the other. *ret is the caller's. */
int doc_text(const struct doc *docs, unsigned n, char **ret, struct err *e);
int doc_html(const struct doc *docs, unsigned n, char **ret, struct err *e);
/* A text within HTML, in an element or an attribute. */
void doc_escape(FILE *out, const char *text);

#endif
