/* SPDX-License-Identifier: BSD-3-Clause */
/* The same rows as JSON, CSV, text and HTML. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "control/report/csv.h"
#include "control/report/doc.h"
#include "control/report/figures.h"
#include "control/report/grow.h"
#include "control/report/suppress.h"
#include "control/store/clock.h"

static const char *const words[PERIOD_WORDS_N][LANGUAGES_N] = {
#define X(id, en, sq) [PERIOD_##id] = {en, sq},
    PERIOD_WORDS(X)
#undef X
};
static const struct {
	const char *key, *says[LANGUAGES_N];
} keys[] = {
#define X(key, en, sq) {key, {en, sq}},
    PERIOD_KEYS(X)
#undef X
};

static const char *key_says(const char *key, enum language lang)
{
	for (unsigned i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(keys[i].key, key))
			return keys[i].says[lang];
	return key;
}

static bool is_total(const json_t *row)
{
	return json_is_true(json_object_get(row, "total"));
}

/* JSON */

static json_t *row_json(const json_t *table, const json_t *row, bool *failed)
{
	json_t *o = json_object(), *names = json_object_get(table, "keys"),
	       *columns = json_object_get(table, "columns"), *v;
	size_t i;
	*failed |= !o;
	json_array_foreach(json_object_get(row, "keys"), i, v)
	    grow_object(o, json_string_value(json_array_get(names, i)), json_incref(v), failed);
	json_array_foreach(json_object_get(row, "cells"), i, v)
	    grow_object(o, json_string_value(json_array_get(columns, i)), json_incref(v), failed);
	return o;
}

static json_t *table_json(const json_t *table, bool *failed)
{
	json_t *rows = grow_begin(failed), *total = NULL, *row;
	size_t i;
	json_array_foreach(json_object_get(table, "rows"), i, row)
	{
		if (is_total(row))
			total = row_json(table, row, failed);
		else
			grow_array(rows, row_json(table, row, failed), failed);
	}
	return json_pack("{sOsOsoso}", "keys", json_object_get(table, "keys"), "columns",
			 json_object_get(table, "columns"), "rows", rows, "total",
			 total ? total : json_null());
}

static json_t *log_json(const struct log_point *p)
{
	char root[REPORT_ROOT_BYTES];
	if (!p)
		return json_null();
	report_root(&p->root, root);
	return json_pack("{sssIss}", "origin", p->origin, "size", (json_int_t)p->size, "root", root);
}

static char *show_json(const struct report_context *c, const struct period *p)
{
	char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES], made[CLOCK_TEXT_BYTES];
	json_t *tables = json_object(), *table;
	size_t i;
	bool failed = !tables;
	clock_text(p->from, from);
	clock_text(p->to, to);
	clock_text(c->now, made);
	json_array_foreach(p->tables, i, table) grow_object(
	    tables, json_string_value(json_object_get(table, "id")), table_json(table, &failed), &failed);
	json_t *o = json_pack("{sssissssssss so so so}", "report", "transparency", "format", 1, "variant",
			      p->internal ? "internal" : "published", "from", from, "to", to, "made", made,
			      "suppression",
			      p->internal ? json_null()
					  : json_pack("{sissss}", "below", SUPPRESS_BELOW, "small",
						      FIGURE_SMALL, "withheld", FIGURE_HIDDEN),
			      "log", log_json(c->checkpoint), "tables", tables);
	char *text = o && !failed ? grow_text(o, JSON_INDENT(1) | JSON_REAL_PRECISION(12)) : NULL;
	json_decref(o);
	return text;
}

/* CSV: a record a figure */

static void cell_text(const json_t *v, char *buffer, size_t room, const char **ret)
{
	*ret = buffer;
	if (json_is_string(v))
		*ret = json_string_value(v);
	else if (json_is_integer(v))
		snprintf(buffer, room, "%" PRId64, (int64_t)json_integer_value(v));
	else if (json_is_real(v))
		snprintf(buffer, room, "%.3f", json_real_value(v));
	else
		*buffer = 0;
}

static void csv_row(const json_t *table, const json_t *row, FILE *out)
{
	json_t *v, *names = json_object_get(row, "keys"), *columns = json_object_get(table, "columns");
	size_t i;
	char buffer[32];
	json_array_foreach(json_object_get(row, "cells"), i, v)
	{
		const char *fields[] = {json_string_value(json_object_get(table, "id")),
					is_total(row) ? "total" : "row",
					json_string_value(json_array_get(names, 0)),
					json_string_value(json_array_get(names, 1)),
					json_string_value(json_array_get(columns, i)),
					NULL};
		cell_text(v, buffer, sizeof(buffer), &fields[5]);
		if (*fields[5])
			csv_record(out, fields, 6);
	}
}

static char *show_csv(const struct period *p)
{
	static const char *const head[] = {"table", "kind", "key", "key2", "figure", "value"};
	char *text = NULL;
	size_t n, i, k;
	json_t *table, *row;
	FILE *f = open_memstream(&text, &n);
	if (!f)
		return NULL;
	csv_record(f, head, 6);
	json_array_foreach(p->tables, i, table) json_array_foreach(json_object_get(table, "rows"), k, row)
	    csv_row(table, row, f);
	if (!fclose(f))
		return text;
	free(text);
	return NULL;
}

/* Text and HTML */

/* "key, key" of a row, or of the head; what an authority or a data plane is called is never translated. */
static json_t *label(const json_t *names, const json_t *values, enum language lang)
{
	char *text = NULL;
	size_t n, i;
	json_t *v;
	FILE *f = open_memstream(&text, &n);
	json_array_foreach(values, i, v)
	{
		const char *name = json_string_value(json_array_get(names, i)), *says = json_string_value(v);
		bool is_name = names != values && (!strcmp(name, "authority") || !strcmp(name, "dataplane"));
		if (f)
			fprintf(f, "%s%s", i ? ", " : "", is_name ? says : key_says(says, lang));
	}
	json_t *ret = f && !fclose(f) ? json_string(text) : NULL;
	free(text);
	return ret;
}

static json_t *cell_shown(const json_t *v, enum language lang)
{
	char buffer[32];
	const char *text;
	if (json_is_integer(v))
		return json_integer(json_integer_value(v));
	cell_text(v, buffer, sizeof(buffer), &text);
	if (!strcmp(text, FIGURE_HIDDEN))
		text = words[PERIOD_WITHHELD][lang];
	return json_string(*text ? text : "–");
}

static json_t *head_of(const json_t *table, const struct figures_row *row, enum language lang, bool *failed)
{
	const json_t *names = json_object_get(table, "keys");
	json_t *head = grow_begin(failed), *v;

	size_t i;
	grow_array(head, label(names, names, lang), failed);
	json_array_foreach(json_object_get(table, "columns"), i, v)
	{
		const char *says = row->kind == FIGURES_CROSS ? key_says(json_string_value(v), lang)
							      : words[row->columns[i].word][lang];
		grow_array(head, json_string(says), failed);
	}
	return head;
}

static void show_table(struct doc *d, const json_t *table)
{
	const struct figures_row *row = figures_find(json_string_value(json_object_get(table, "id")));
	json_t *rows = grow_begin(&d->failed), *r, *v;
	size_t i, k;
	enum language lang = d->language;
	json_array_foreach(json_object_get(table, "rows"), i, r)
	{
		json_t *cells = grow_begin(&d->failed);
		grow_array(cells,
			   is_total(r)
			       ? json_string(words[PERIOD_TOTAL][lang])
			       : label(json_object_get(table, "keys"), json_object_get(r, "keys"), lang),
			   &d->failed);
		json_array_foreach(json_object_get(r, "cells"), k, v)
		    grow_array(cells, cell_shown(v, lang), &d->failed);
		grow_array(rows, cells, &d->failed);
	}
	if (json_array_size(rows)) {
		doc_table(d, words[row->caption][lang], head_of(table, row, lang, &d->failed), rows);
		return;
	}
	json_decref(rows);
	doc_part(d, words[row->caption][lang]);
	doc_paragraph(d, words[PERIOD_NOTHING][lang]);
}

static void time_field(struct doc *d, enum period_word word, int64_t at)
{
	char text[CLOCK_TEXT_BYTES];
	clock_text(at, text);
	doc_field(d, words[word][d->language], text);
}

static void show_doc(const struct report_context *c, const struct period *p, struct doc *d)
{
	enum language lang = d->language;
	char root[REPORT_ROOT_BYTES];
	size_t i;
	json_t *table;
	doc_title(d, words[p->internal ? PERIOD_TITLE_INTERNAL : PERIOD_TITLE][lang]);
	time_field(d, PERIOD_FROM, p->from);
	time_field(d, PERIOD_TO, p->to);
	time_field(d, PERIOD_MADE, c->now);
	if (c->checkpoint) {
		report_root(&c->checkpoint->root, root);
		doc_fieldf(d, words[PERIOD_LOG][lang], "%s, %" PRIu64 ", %s", c->checkpoint->origin,
			   c->checkpoint->size, root);
	}
	doc_paragraph(d, words[PERIOD_ABOUT][lang]);
	if (!p->internal)
		doc_paragraph(d, words[PERIOD_SUPPRESSED][lang]);
	if (p->from < c->now - (int64_t)c->config->retention.counts_days * 86400)
		doc_paragraph(d, words[PERIOD_OLD_HITS][lang]);
	json_array_foreach(p->tables, i, table) show_table(d, table);
	doc_paragraph(d, words[PERIOD_UTC][lang]);
}

static int add(struct files *to, const char *end, char *text, struct err *e)
{
	char name[FILES_NAME];
	snprintf(name, sizeof(name), "transparency.%s", end);
	return files_add(to, name, text, text ? strlen(text) : 0, e);
}

static int add_docs(const struct report_context *c, const struct period *p, enum language lang,
		    struct files *to, struct err *e)
{
	struct doc d;
	char *text = NULL, *html = NULL, end[16];
	doc_init(&d, lang);
	show_doc(c, p, &d);
	int err = doc_text(&d, 1, &text, e);
	snprintf(end, sizeof(end), "%s.txt", language_tags[lang]);
	if (!err)
		err = add(to, end, text, e);
	if (!err)
		err = doc_html(&d, 1, &html, e);
	snprintf(end, sizeof(end), "%s.html", language_tags[lang]);
	if (!err)
		err = add(to, end, html, e);
	doc_fini(&d);
	return err;
}

int period_files(const struct report_context *c, const struct period *p, struct files *to, struct err *e)
{
	int err = add(to, "json", show_json(c, p), e);
	if (!err)
		err = add(to, "csv", show_csv(p), e);
	for (enum language lang = 0; lang < LANGUAGES_N && !err; lang++)
		err = add_docs(c, p, lang, to, e);
	return err;
}
