/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_page(void)
{
	static char page[256 * 1024];
	FILE *f = fopen(LISTS_PAGE, "rb");
	if (!f)
		abort();
	page[fread(page, 1, sizeof(page) - 1, f)] = 0;
	fclose(f);
	return page;
}

static char decode_escape(const char **p)
{
	static const char from[] = "tnr", to[] = "\t\n\r";
	char c = *(*p)++;
	const char *known = strchr(from, c);
	if (c == 'x') {
		char pair[3] = {(*p)[0], (*p)[1], 0};
		*p += 2;
		return (char)strtoul(pair, NULL, 16);
	}
	return known ? to[known - from] : c;
}

/* The text between two bars. */
static void set_cell(struct cell *c, const char *p, const char *end)
{
	while (p < end && *p == ' ')
		p++;
	while (p < end && end[-1] == ' ')
		end--;
	*c = (struct cell){.is_value = end - p >= 2 && *p == '`' && end[-1] == '`'};
	p += c->is_value;
	end -= c->is_value;
	while (p < end && c->len < sizeof(c->text) - 1) {
		char b = *p++;
		if (b == '\\' && (c->is_value || *p == '|'))
			b = decode_escape(&p);
		c->text[c->len++] = b;
	}
}

static bool parse_row(const char *p, const char *end, struct vector *v)
{
	if (p == end || *p != '|')
		return false;
	v->n = 0;
	for (p++; p < end && v->n < VECTOR_CELLS;) {
		const char *bar = p;
		while (bar < end && *bar != '|')
			bar += *bar == '\\' ? 2 : 1;
		set_cell(&v->cell[v->n++], p, bar);
		p = bar + 1;
	}
	return true;
}

unsigned vectors_run(const char *table, bool (*run)(const struct vector *v), unsigned *ret_failed)
{
	static struct vector v;
	char mark[64], *page = read_page();
	snprintf(mark, sizeof(mark), "<!-- vectors: %s -->", table);
	const char *p = strstr(page, mark);
	unsigned rows = 0;
	*ret_failed = 0;
	if (!p)
		return 0;
	v.line = 1;
	for (const char *c = page; c < p; c++)
		v.line += *c == '\n';
	for (p = strchr(p, '\n'); p && p[1]; p = strchr(p + 1, '\n')) {
		const char *end = strchr(p + 1, '\n');
		v.line++;
		if (!end || !parse_row(p + 1, end, &v))
			break;
		if (++rows <= 2 || run(&v))
			continue;
		printf("# docs/lists.md:%u: %s\n", v.line, v.cell[0].text);
		++*ret_failed;
	}
	return rows < 2 ? 0 : rows - 2;
}

bool vectors_page_has(const char *text)
{
	return strstr(read_page(), text);
}
