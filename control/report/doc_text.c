/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/quote.h"
#include "control/report/doc_state.h"

#define COLUMNS_MAX 16

const char *doc_string(const json_t *block, const char *key)
{
	const char *text = json_string_value(json_object_get(block, key));
	return text ? text : "";
}

void doc_cell(const json_t *cell, char *buffer, size_t room, const char **ret)
{
	*ret = buffer;
	if (json_is_string(cell))
		*ret = json_string_value(cell);
	else
		snprintf(buffer, room, "%" PRId64, (int64_t)json_integer_value(cell));
}

void doc_block(const json_t *block, const struct doc_writer *rows, unsigned n, FILE *out)
{
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(rows[i].kind, doc_string(block, "kind")))
			rows[i].write(block, out);
}

int doc_write(const struct doc *docs, unsigned n,
	      void (*write)(const struct doc *docs, unsigned n, FILE *out), char **ret, struct err *e)
{
	char *text = NULL;
	size_t size;
	bool failed = false;
	for (unsigned i = 0; i < n; i++)
		failed |= docs[i].failed || !docs[i].blocks;
	FILE *f = failed ? NULL : open_memstream(&text, &size);
	if (f) {
		write(docs, n, f);
		failed = fclose(f);
	}
	if (!f || failed) {
		free(text);
		return err_set(e, -ENOMEM, "memory ran out");
	}
	*ret = text;
	return 0;
}

static void write_line(const json_t *block, FILE *out)
{
	quote_plain(out, doc_string(block, "text"));
	fputc('\n', out);
}

static void write_fields(const json_t *block, FILE *out)
{
	size_t i;
	json_t *row;
	json_array_foreach(json_object_get(block, "rows"), i, row)
	{
		quote_plain(out, json_string_value(json_array_get(row, 0)));
		fputs(": ", out);
		quote_plain(out, json_string_value(json_array_get(row, 1)));
		fputc('\n', out);
	}
}

static void write_list(const json_t *block, FILE *out)
{
	size_t i;
	json_t *row;
	json_array_foreach(json_object_get(block, "rows"), i, row)
	{
		fputs("- ", out);
		quote_plain(out, json_string_value(row));
		fputc('\n', out);
	}
}

/* Characters, not bytes: those of UTF-8 that begin one. */
static size_t width(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

static void measure(const json_t *row, size_t widths[COLUMNS_MAX])
{
	size_t i;
	json_t *cell;
	char buffer[32];
	const char *text;
	json_array_foreach(row, i, cell)
	{
		if (i >= COLUMNS_MAX)
			break;
		doc_cell(cell, buffer, sizeof(buffer), &text);
		widths[i] = width(text) > widths[i] ? width(text) : widths[i];
	}
}

/* The first column to the left, the others, which are figures, to the right. */
static void write_row(const json_t *row, const size_t widths[COLUMNS_MAX], FILE *out)
{
	size_t i;
	json_t *cell;
	char buffer[32];
	const char *text;
	json_array_foreach(row, i, cell)
	{
		if (i >= COLUMNS_MAX)
			break;
		doc_cell(cell, buffer, sizeof(buffer), &text);
		size_t pad = widths[i] - width(text);
		fprintf(out, "%s%*s", i ? "  " : "", i ? (int)pad : 0, "");
		quote_plain(out, text);
		if (!i)
			fprintf(out, "%*s", (int)pad, "");
	}
	fputc('\n', out);
}

static void write_table(const json_t *block, FILE *out)
{
	size_t i, widths[COLUMNS_MAX] = {0};
	json_t *row, *rows = json_object_get(block, "rows");
	write_line(block, out);
	fputc('\n', out);
	measure(json_object_get(block, "head"), widths);
	json_array_foreach(rows, i, row) measure(row, widths);
	write_row(json_object_get(block, "head"), widths, out);
	json_array_foreach(rows, i, row) write_row(row, widths, out);
}

static const struct doc_writer writers[] = {
    {"title", write_line},    {"part", write_line}, {"paragraph", write_line},
    {"fields", write_fields}, {"list", write_list}, {"table", write_table},
};

/* An empty line between blocks, but none below a heading. */
static void write_doc(const struct doc *d, FILE *out)
{
	size_t i;
	json_t *block;
	bool is_first = true;
	json_array_foreach(d->blocks, i, block)
	{
		if (!is_first)
			fputc('\n', out);
		doc_block(block, writers, sizeof(writers) / sizeof(*writers), out);
		is_first = !strcmp(doc_string(block, "kind"), "part");
	}
}

static void write_all(const struct doc *docs, unsigned n, FILE *out)
{
	for (unsigned i = 0; i < n; i++) {
		if (i)
			fputs("\n----\n\n", out);
		write_doc(&docs[i], out);
	}
}

int doc_text(const struct doc *docs, unsigned n, char **ret, struct err *e)
{
	return doc_write(docs, n, write_all, ret, e);
}
