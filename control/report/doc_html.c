/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "common/utf8.h"
#include "control/report/doc_state.h"

#define WIDE 7 /* columns that fit on A4 as they are */

static const char head[] =
    "<meta charset=\"utf-8\"/>\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
    "<meta name=\"referrer\" content=\"no-referrer\"/>\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n";
static const char style[] =
    "<style>\n"
    "@page { size: A4; margin: 20mm 18mm; }\n"
    "body { font: 11pt/1.45 \"Liberation Serif\", \"Times New Roman\", serif; color: #111; background: #fff;"
    " max-width: 48em; margin: 2em auto; padding: 0 1em; }\n"
    "h1 { font-size: 1.35em; margin: 0 0 1em; } h2 { font-size: 1em; margin: 1.4em 0 .4em; }\n"
    "dl { display: grid; grid-template-columns: minmax(9em, 18em) 1fr; gap: .2em 1em; margin: 0 0 1em; }\n"
    "dt { font-weight: bold; } dd { margin: 0; overflow-wrap: anywhere; }\n"
    "table { border-collapse: collapse; width: 100%; margin: 1em 0; }\n"
    "caption { text-align: left; font-weight: bold; padding-bottom: .3em; }\n"
    "th, td { border-bottom: 1px solid #767676; padding: .2em .4em; vertical-align: top; }\n"
    "th { text-align: left; } td, thead th + th { text-align: right; } tbody th { overflow-wrap: anywhere; }\n"
    "table.wide { font-size: .72em; }\n"
    "thead { display: table-header-group; } tr { break-inside: avoid; } h1, h2, caption { break-after: avoid; }\n"
    "article + article { border-top: 1px solid #767676; margin-top: 2em; padding-top: 2em; }\n"
    "@media print { body { max-width: none; margin: 0; padding: 0; }"
    " article + article { break-before: page; border: 0; margin: 0; padding: 0; } }\n"
    "</style>\n";

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* Control characters, which HTML does not allow, and what is no UTF-8 are U+FFFD. */
void doc_escape(FILE *out, const char *text)
{
	const uint8_t *p = (const uint8_t *)text, *end = p + strlen(text);
	while (p < end) {
		size_t n = utf8_sequence(p, (size_t)(end - p));
		const char *is = entity((char)*p);
		bool bad = !n || !utf8_is_text(p, n);
		if (bad)
			fputs("\xef\xbf\xbd", out);
		else if (is)
			fputs(is, out);
		else
			fwrite(p, 1, n, out);
		p += n ? n : 1;
	}
}

/* <tag>text</tag>; before: what the tag says besides. */
static void element(const char *tag, const char *attributes, const char *text, FILE *out)
{
	fprintf(out, "<%s%s><bdi>", tag, attributes);
	doc_escape(out, text);
	fprintf(out, "</bdi></%s>", tag);
}

static void write_title(const json_t *block, FILE *out)
{
	element("h1", "", doc_string(block, "text"), out);
	fputc('\n', out);
}

static void write_part(const json_t *block, FILE *out)
{
	element("h2", "", doc_string(block, "text"), out);
	fputc('\n', out);
}

static void write_paragraph(const json_t *block, FILE *out)
{
	element("p", "", doc_string(block, "text"), out);
	fputc('\n', out);
}

static void write_fields(const json_t *block, FILE *out)
{
	size_t i;
	json_t *row;
	fputs("<dl>\n", out);
	json_array_foreach(json_object_get(block, "rows"), i, row)
	{
		element("dt", "", json_string_value(json_array_get(row, 0)), out);
		element("dd", "", json_string_value(json_array_get(row, 1)), out);
		fputc('\n', out);
	}
	fputs("</dl>\n", out);
}

static void write_list(const json_t *block, FILE *out)
{
	size_t i;
	json_t *row;
	fputs("<ul>\n", out);
	json_array_foreach(json_object_get(block, "rows"), i, row)
	{
		element("li", "", json_string_value(row), out);
		fputc('\n', out);
	}
	fputs("</ul>\n", out);
}

static void write_row(const json_t *row, bool is_head, FILE *out)
{
	size_t i;
	json_t *cell;
	char buffer[32];
	const char *text;
	fputs("<tr>", out);
	json_array_foreach(row, i, cell)
	{
		doc_cell(cell, buffer, sizeof(buffer), &text);
		if (is_head)
			element("th", " scope=\"col\"", text, out);
		else if (!i)
			element("th", " scope=\"row\"", text, out);
		else
			element("td", "", text, out);
	}
	fputs("</tr>\n", out);
}

static void write_table(const json_t *block, FILE *out)
{
	size_t i;
	json_t *row;
	bool wide = json_array_size(json_object_get(block, "head")) > WIDE;
	fputs(wide ? "<table class=\"wide\">\n" : "<table>\n", out);
	element("caption", "", doc_string(block, "text"), out);
	fputs("\n<thead>\n", out);
	write_row(json_object_get(block, "head"), true, out);
	fputs("</thead>\n<tbody>\n", out);
	json_array_foreach(json_object_get(block, "rows"), i, row) write_row(row, false, out);
	fputs("</tbody>\n</table>\n", out);
}

static const struct doc_writer writers[] = {
    {"title", write_title},   {"part", write_part}, {"paragraph", write_paragraph},
    {"fields", write_fields}, {"list", write_list}, {"table", write_table},
};

static void write_all(const struct doc *docs, unsigned n, FILE *out)
{
	size_t k;
	json_t *block;
	fprintf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n%s<title>",
		language_tags[docs[0].language], head);
	doc_escape(out, doc_string(json_array_get(docs[0].blocks, 0), "text"));
	fprintf(out, "</title>\n%s</head>\n<body>\n<main>\n", style);
	for (unsigned i = 0; i < n; i++) {
		fprintf(out, "<article lang=\"%s\">\n", language_tags[docs[i].language]);
		json_array_foreach(docs[i].blocks, k, block)
		    doc_block(block, writers, sizeof(writers) / sizeof(*writers), out);
		fputs("</article>\n", out);
	}
	fputs("</main>\n</body>\n</html>\n", out);
}

int doc_html(const struct doc *docs, unsigned n, char **ret, struct err *e)
{
	return doc_write(docs, n, write_all, ret, e);
}
