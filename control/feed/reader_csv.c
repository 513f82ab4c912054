/* SPDX-License-Identifier: BSD-3-Clause */
/* CSV (RFC 4180), one column of it. A record has as many columns as the first one: what has slipped into another column is
 * no entry. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "control/feed/reader.h"

#define COLUMNS_MAX	 1000
#define NAME_BYTES	 100
#define RECORD_LINES_MAX 1000 /* that one quoted field may span */

enum state { AT_START, IN_PLAIN, IN_QUOTED, AT_QUOTE };

struct csv {
	struct reading *r;
	char separator;
	const char *name;	 /* of the column, NULL: its number is known */
	unsigned column, fields; /* from 0; that a record has, 0: not known yet */
	enum reader_take take;

	/* the record that is read */
	uint32_t line;
	enum state state;
	unsigned field;
	const char *bad; /* why it is none */
	bool is_lost;	 /* where it ends cannot be known */
	unsigned
	    stray_quotes; /* in fields without quotes: where they are not paired, the end cannot be known either */
	size_t n, cell_n; /* bytes of the field that is read; of the column's */
	char text[LIST_LINE_MAX + 1], cell[LIST_LINE_MAX + 1];
};

static const struct {
	const char *word;
	char c;
} separators[] = {{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"bar", '|'}};

static void put(struct csv *c, char byte)
{
	if (c->n < sizeof(c->text))
		c->text[c->n++] = byte;
}

static void end_field(struct csv *c)
{
	struct span s = reading_trim((struct span){(const uint8_t *)c->text, c->n});
	if (c->name && !c->fields && s.len == strlen(c->name) &&
	    !strncasecmp((const char *)s.p, c->name, s.len)) {
		c->column = c->field;
		c->name = NULL;
	}
	if (c->field == c->column) {
		memcpy(c->cell, c->text, c->n);
		c->cell_n = c->n;
	}
	c->field++;
	c->n = 0;
	c->state = AT_START;
}

static void read_byte(struct csv *c, char byte)
{
	bool quote = byte == '"';
	if (c->state != IN_QUOTED && byte == c->separator) {
		end_field(c);
	} else if (c->state == IN_QUOTED && quote) {
		c->state = AT_QUOTE;
	} else if (c->state == AT_QUOTE && quote) {
		put(c, byte);
		c->state = IN_QUOTED;
	} else if (c->state == AT_START && quote) {
		c->state = IN_QUOTED;
	} else {
		c->is_lost = c->is_lost || c->state == AT_QUOTE;
		c->stray_quotes += quote;
		if (quote)
			c->bad =
			    "a quote inside a field without quotes: put the field in quotes, its own quotes twice";
		put(c, byte);
		c->state = c->state == IN_QUOTED ? IN_QUOTED : IN_PLAIN;
	}
}

static void begin_record(struct csv *c, uint32_t line)
{
	c->line = line;
	c->state = AT_START;
	c->field = 0;
	c->bad = NULL;
	c->is_lost = false;
	c->stray_quotes = 0;
	c->n = c->cell_n = 0;
}

/* 1: c holds a record; 0: the end; -errno. */
static int read_record(struct csv *c)
{
	struct input_line line;
	int got = reading_line(c->r, &line);
	if (got <= 0)
		return got;
	begin_record(c, line.number);
	for (;;) {
		if (line.cut)
			return reading_fail(
			    c->r, line.number, -EBADMSG,
			    "the line is longer than %d bytes: is this CSV, and is each quote closed?",
			    INPUT_LINE_MAX);
		for (size_t i = 0; i < line.text.len; i++)
			read_byte(c, (char)line.text.p[i]);
		if (c->state != IN_QUOTED)
			break;
		put(c, '\n');
		got = line.number - c->line < RECORD_LINES_MAX ? reading_line(c->r, &line) : 0;
		if (got < 0)
			return got;
		if (!got)
			return reading_fail(
			    c->r, c->line, -EBADMSG,
			    "a field in quotes begins in this record and is not closed: where it ends "
			    "cannot be known, so nothing of the file is used");
	}
	end_field(c);
	if (c->is_lost || c->stray_quotes % 2)
		return reading_fail(
		    c->r, c->line, -EBADMSG,
		    "a quote stands inside a field of this record: where records end cannot be known, so "
		    "nothing of the file is used. A quote inside a field in quotes is written twice");
	return 1;
}

static int take_record(struct csv *c)
{
	struct span cell = {(const uint8_t *)c->cell, c->cell_n};
	if (c->field == 1 && !c->cell_n && !c->column && !c->bad)
		return 0; /* an empty line */
	if (!c->bad && c->field != c->fields)
		c->bad =
		    "another number of columns than the first record has: is a separator missing, or a quote?";
	return c->bad ? reading_reject(c->r, c->line, c->bad, cell)
		      : reading_take(c->r, c->take, c->line, cell);
}

/* The first record says how many columns there are, and where it is a header, which one is ours. */
static int begin(struct csv *c, bool header)
{
	int got = read_record(c);
	if (got <= 0)
		return got;
	if (c->bad)
		return reading_fail(c->r, c->line, -EBADMSG, "the first record is no CSV: %s", c->bad);
	if (c->name)
		return reading_fail(c->r, c->line, -EINVAL,
				    "the header has no column %s: correct the option column, or separator",
				    c->name);
	if (c->column >= c->field)
		return reading_fail(
		    c->r, c->line, -EINVAL,
		    "there are %u columns, so no column %u: correct the option column, or separator",
		    c->field, c->column + 1);
	c->fields = c->field;
	return header ? 0 : take_record(c);
}

static void set_options(struct csv *c, bool *ret_header)
{
	const char *column = reading_option(c->r, "column"), *separator = reading_option(c->r, "separator");
	bool is_number = column[strspn(column, "0123456789")] == 0;
	for (unsigned i = 0; i < sizeof(separators) / sizeof(*separators); i++)
		if (!strcmp(separators[i].word, separator))
			c->separator = separators[i].c;
	c->column = is_number ? (unsigned)strtoul(column, NULL, 10) - 1 : COLUMNS_MAX;
	c->name = is_number ? NULL : column;
	c->take = reader_take_find(reading_option(c->r, "kind"));
	*ret_header = !is_number || reading_says_yes(c->r, "header");
}

static int read_csv(struct reading *r)
{
	struct csv *c = calloc(1, sizeof(*c));
	if (!c)
		return err_set(r->e, -ENOMEM, "%s: no memory to read it", r->name);
	c->r = r;
	bool header;
	set_options(c, &header);
	int err = begin(c, header), got = 0;
	while (!err && c->fields && (got = read_record(c)) > 0)
		err = take_record(c);
	explicit_bzero(c, sizeof(*c));
	free(c);
	return err ? err : got;
}

static const char *check_column(const char *value)
{
	bool is_number = *value && value[strspn(value, "0123456789")] == 0;
	unsigned long n = is_number && strlen(value) < 6 ? strtoul(value, NULL, 10) : 0;
	if (is_number ? n >= 1 && n <= COLUMNS_MAX : *value && strlen(value) <= NAME_BYTES)
		return NULL;
	return "a number from 1 to 1000, or the name that the header gives the column";
}

static const struct reader_option options[] = {
    {"column", "N|NAME", "1", "the column with the entries: its number from 1, or its name in the header",
     check_column},
    {"separator", "comma|semicolon|tab|bar", "comma", "what stands between columns", NULL},
    {"kind", READER_KINDS, "domain", "what the column holds", NULL},
    {"header", "yes|no", "no", "whether the first record is a header; with a column's name it is", NULL},
    READER_URL_OPTIONS,
    {0},
};

const struct reader reader_csv = {
    .format = {.name = "csv",
	       .help = "one column of a table in CSV (RFC 4180)",
	       .options = "column=N|NAME separator=comma|semicolon|tab|bar kind=" READER_KINDS
			  " header=yes|no " READER_URL_WORDS},
    .options = options,
    .read = read_csv,
};
