/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/view.h"

#include <stdlib.h>
#include <string.h>

#include "control/ctl/table.h"

#define INDENT 2

static const struct view no_view;

void view_json(const json_t *result, FILE *out)
{
	json_dumpf(result, out, JSON_COMPACT | JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY);
	fputc('\n', out);
}

const json_t *view_member(const json_t *object, const char *path)
{
	char first[64];
	const char *dot = strchr(path, '.');
	if (!dot)
		return json_object_get(object, path);
	snprintf(first, sizeof(first), "%.*s", (int)(dot - path), path);
	return view_member(json_object_get(object, first), dot + 1);
}

static char *format(const char *pattern, double v)
{
	char text[64];
	snprintf(text, sizeof(text), pattern, v);
	return strdup(text);
}

static char *bytes_text(double v)
{
	static const char *const units[] = {"%.0f bytes", "%.1f KiB", "%.1f MiB", "%.1f GiB"};
	unsigned u = 0;
	for (; v >= 1024 && u < 3; u++)
		v /= 1024;
	return format(units[u], v);
}

static char *seconds_text(double v)
{
	char text[64];
	unsigned long long s = v > 0 ? (unsigned long long)v : 0;
	if (v < 60)
		return format("%.3g s", v);
	if (s < 86400)
		snprintf(text, sizeof(text), "%02llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(text, sizeof(text), "%llu d %02llu:%02llu:%02llu", s / 86400, s / 3600 % 24,
			 s / 60 % 60, s % 60);
	return strdup(text);
}

static char *cell_text(enum view_cell cell, const json_t *v)
{
	if (cell == CELL_BYTES && json_is_number(v))
		return bytes_text(json_number_value(v));
	if (cell == CELL_SECONDS && json_is_number(v))
		return seconds_text(json_number_value(v));
	return text_of_json(v);
}

static enum colour cell_colour(enum view_cell cell, const json_t *v)
{
	if (cell != CELL_STATE)
		return COLOUR_NONE;
	return colour_of_state(json_is_boolean(v)  ? (json_is_true(v) ? "yes" : "no")
			       : json_is_string(v) ? json_string_value(v)
						   : "");
}

static bool is_table(const json_t *v)
{
	return json_array_size(v) && json_is_object(json_array_get(v, 0));
}

/* Figures stand on the right. */
static enum table_align align_of(const json_t *rows, const char *member)
{
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *v = view_member(json_array_get(rows, i), member);
		if (v && !json_is_null(v))
			return json_is_number(v) ? TABLE_RIGHT : TABLE_LEFT;
	}
	return TABLE_LEFT;
}

static void add_cell(struct table *t, enum view_cell cell, const json_t *v)
{
	char *text = cell_text(cell, v);
	table_text(t, text ? text : "", cell_colour(cell, v));
	free(text);
}

static void fill_columns(struct table *t, const struct view *view, const json_t *rows)
{
	size_t i;
	json_t *row;
	for (unsigned c = 0; c < view->n; c++)
		table_column(t, view->columns[c].title, align_of(rows, view->columns[c].member));
	json_array_foreach(rows, i, row)
	{
		table_row(t);
		for (unsigned c = 0; c < view->n; c++)
			add_cell(t, view->columns[c].cell, view_member(row, view->columns[c].member));
	}
}

/* Columns as the first row has members. */
static void fill_as_it_is(struct table *t, const json_t *rows)
{
	json_t *first = json_array_get(rows, 0), *row;
	void *at;
	size_t i;
	for (at = json_object_iter(first); at; at = json_object_iter_next(first, at))
		table_column(t, json_object_iter_key(at), align_of(rows, json_object_iter_key(at)));
	json_array_foreach(rows, i, row)
	{
		table_row(t);
		for (at = json_object_iter(first); at; at = json_object_iter_next(first, at))
			add_cell(t, CELL_TEXT, json_object_get(row, json_object_iter_key(at)));
	}
}

static void print_rows(const struct view *view, const json_t *rows, const struct style *s)
{
	struct table *t = json_array_size(rows) ? table_new() : NULL;
	if (!t) {
		fprintf(s->out, "%s\n", view->none ? view->none : "none");
		return;
	}
	if (!is_table(rows)) {
		json_t *one;
		size_t i;
		json_array_foreach(rows, i, one)
		{
			char *text = text_of_json(one);
			fprintf(s->out, "%s\n", text ? text : "");
			free(text);
		}
	} else {
		if (view->n)
			fill_columns(t, view, rows);
		else
			fill_as_it_is(t, rows);
		table_print(t, s);
	}
	table_free(t);
}

struct fields {
	const struct view *view;
	const json_t *object;
	const struct style *s;
	size_t label; /* its width */
	size_t indent;
	bool tables;
};

static void print_object(const struct fields *f);

/* tables: those of a member's rows; else everything else, in one pass each, so that lines come before tables. */
static void print_member(const struct fields *f, const char *title, enum view_cell cell,
			 const struct view *of, const json_t *v)
{
	if (!v || json_is_null(v) || cell == CELL_HIDDEN || is_table(v) != f->tables)
		return;
	const struct view *view = of ? of : &no_view;
	FILE *out = f->s->out;
	if (f->tables) {
		fputc('\n', out);
		style_begin(f->s, COLOUR_STRONG);
		fprintf(out, "%*s%s\n", (int)f->indent, "", title);
		style_end(f->s, COLOUR_STRONG);
		print_rows(view, v, f->s);
		return;
	}
	if (json_object_size(v)) {
		struct fields inner = {
		    .view = view, .object = v, .s = f->s, .label = f->label, .indent = f->indent + INDENT};
		fprintf(out, "%*s%s\n", (int)f->indent, "", title);
		print_object(&inner);
		return;
	}
	if (json_is_object(v) || (json_is_array(v) && !json_array_size(v)))
		return;
	char *text = cell_text(cell, v);
	enum colour c = cell_colour(cell, v);
	fprintf(out, "%*s%-*s  ", (int)f->indent, "", (int)f->label, title);
	style_begin(f->s, c);
	text_wrapped(f->s, text ? text : "", f->indent + f->label + 2);
	style_end(f->s, c);
	free(text);
}

static bool is_known(const struct view *view, const char *member)
{
	size_t len = strlen(member);
	for (unsigned c = 0; c < view->n; c++) {
		const char *m = view->columns[c].member;
		if (!strcmp(m, member) || (!strncmp(m, member, len) && m[len] == '.'))
			return true;
	}
	return false;
}

static void print_pass(const struct fields *f)
{
	const struct view *view = f->view;
	const char *key;
	json_t *v;
	for (unsigned c = 0; c < view->n; c++)
		print_member(f, view->columns[c].title, view->columns[c].cell, view->columns[c].of,
			     view_member(f->object, view->columns[c].member));
	if (view->only)
		return;
	json_object_foreach((json_t *)f->object, key, v)
	{
		char *title = is_known(view, key) ? NULL : text_clean(key);
		if (title)
			print_member(f, title, CELL_TEXT, NULL, v);
		free(title);
	}
}

static void print_object(const struct fields *f)
{
	struct fields pass = *f;
	pass.tables = false;
	print_pass(&pass);
	pass.tables = true;
	print_pass(&pass);
}

static size_t label_width(const struct view *view, const json_t *object)
{
	size_t w = 0;
	void *at;
	for (unsigned c = 0; c < view->n; c++)
		if (view_member(object, view->columns[c].member) && strlen(view->columns[c].title) > w)
			w = strlen(view->columns[c].title);
	for (at = json_object_iter((json_t *)object); at && !view->only;
	     at = json_object_iter_next((json_t *)object, at))
		if (!is_known(view, json_object_iter_key(at)) && strlen(json_object_iter_key(at)) > w)
			w = strlen(json_object_iter_key(at));
	return w > 24 ? 24 : w;
}

void view_sentence(const char *done, const json_t *result, const struct style *s)
{
	char *sentence = NULL, name[64];
	size_t len;
	FILE *out = open_memstream(&sentence, &len);
	if (!out)
		return;
	while (*done) {
		size_t plain = strcspn(done, "{"), inside = done[plain] ? strcspn(done + plain + 1, "}") : 0;
		fwrite(done, 1, plain, out);
		done += plain;
		if (!*done)
			break;
		snprintf(name, sizeof(name), "%.*s", (int)inside, done + 1);
		char *text = text_of_json(view_member(result, name));
		fputs(text ? text : "", out);
		free(text);
		done += inside + 2;
	}
	fclose(out);
	text_wrapped(s, sentence, 0);
	free(sentence);
}

void view_print(const struct view *view, const json_t *result, const struct style *s)
{
	const struct view *v = view ? view : &no_view;
	if (v->print) {
		v->print(result, s);
		return;
	}
	if (v->done)
		view_sentence(v->done, result, s);
	if (json_is_array(result)) {
		print_rows(v, result, s);
	} else if (json_is_object(result) && !(v->done && v->only && !v->n)) {
		struct fields f = {.view = v, .object = result, .s = s, .label = label_width(v, result)};
		print_object(&f);
	} else if (!v->done) {
		fputs("done\n", s->out);
	}
}
