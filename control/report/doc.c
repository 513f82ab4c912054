/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/report/doc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/rpc.h"

#define X(id, tag, name) tag,
const char *const language_tags[LANGUAGES_N + 1] = {LANGUAGES(X) NULL};
#undef X

void doc_init(struct doc *d, enum language language)
{
	*d = (struct doc){.language = language, .blocks = json_array()};
}

void doc_fini(struct doc *d)
{
	json_decref(d->blocks);
	d->blocks = NULL;
}

static void add(struct doc *d, const char *kind, json_t *text)
{
	if (json_array_append_new(d->blocks, json_pack("{ssso}", "kind", kind, "text", text)))
		d->failed = true;
}

void doc_title(struct doc *d, const char *text)
{
	add(d, "title", rpc_string(text));
}

void doc_part(struct doc *d, const char *heading)
{
	add(d, "part", rpc_string(heading));
}

void doc_paragraph(struct doc *d, const char *text)
{
	add(d, "paragraph", rpc_string(text));
}

/* The rows of the last block where it is of this kind, else of a new one. */
static json_t *rows_of(struct doc *d, const char *kind)
{
	size_t n = json_array_size(d->blocks);
	json_t *last = n ? json_array_get(d->blocks, n - 1) : NULL;
	const char *is = json_string_value(json_object_get(last, "kind"));
	if (is && !strcmp(is, kind))
		return json_object_get(last, "rows");
	json_t *rows = json_array();
	if (json_array_append_new(d->blocks, json_pack("{ssso}", "kind", kind, "rows", rows)))
		d->failed = true;
	return d->failed ? NULL : rows;
}

void doc_field(struct doc *d, const char *label, const char *text)
{
	if (text && json_array_append_new(rows_of(d, "fields"), json_pack("[so]", label, rpc_string(text))))
		d->failed = true;
}

void doc_number(struct doc *d, const char *label, int64_t n)
{
	doc_fieldf(d, label, "%" PRId64, n);
}

/* Calls with what the format makes; NULL: memory ran out. */
static char *text_of(const char *format, va_list ap)
{
	char *text = NULL;
	return vasprintf(&text, format, ap) < 0 ? NULL : text;
}

void doc_fieldf(struct doc *d, const char *label, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	char *text = text_of(format, ap);
	va_end(ap);
	d->failed |= !text;
	doc_field(d, label, text);
	free(text);
}

void doc_item(struct doc *d, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	char *text = text_of(format, ap);
	va_end(ap);
	if (!text || json_array_append_new(rows_of(d, "list"), rpc_string(text)))
		d->failed = true;
	free(text);
}

void doc_table(struct doc *d, const char *caption, json_t *head, json_t *rows)
{
	json_t *block =
	    json_pack("{sssososo}", "kind", "table", "text", rpc_string(caption), "head", head, "rows", rows);
	if (json_array_append_new(d->blocks, block))
		d->failed = true;
}
