/* SPDX-License-Identifier: BSD-3-Clause */
/* doc_state: what doc_text.c and doc_html.c share. */
#ifndef CONTROL_REPORT_DOC_STATE_H
#define CONTROL_REPORT_DOC_STATE_H

#include "control/report/doc.h"

/* A row a kind of block. */
struct doc_writer {
	const char *kind;
	void (*write)(const json_t *block, FILE *out);
};

/* A block by its row. */
void doc_block(const json_t *block, const struct doc_writer *rows, unsigned n, FILE *out);
/* Writes into memory; -ENOMEM also where a doc failed. */
int doc_write(const struct doc *docs, unsigned n,
	      void (*write)(const struct doc *docs, unsigned n, FILE *out), char **ret, struct err *e);
const char *doc_string(const json_t *block, const char *key);
/* A cell as text: what is no string is an integer. */
void doc_cell(const json_t *cell, char *buffer, size_t room, const char **ret);

#endif
