/* SPDX-License-Identifier: BSD-3-Clause */
/* entry-page: the tables of docs/audit-format.md, from the rows: kinds, their fields, words. */
#include <string.h>

#include "audit/entry.h"

static const char *const type_words[] = {
    [ENTRY_UINT] = "uint",   [ENTRY_INT] = "int",   [ENTRY_FLAG] = "flag", [ENTRY_TEXT] = "text",
    [ENTRY_BYTES] = "bytes", [ENTRY_WORD] = "word", [ENTRY_NS] = "time",   [ENTRY_UINTS] = "uints",
};

static const char *table_of(const char *const *words)
{
#define T(table, LIST)      \
	if (words == table) \
		return &#table[strlen("entry_")];
	ENTRY_WORDS(T)
#undef T
	return "";
}

static void print_type(const struct entry_field *f)
{
	printf("%s", type_words[f->type]);
	if (f->type == ENTRY_BYTES)
		printf(" %u%s", f->bytes, f->or_none ? " or 0" : "");
	if (f->type == ENTRY_WORD)
		printf(" of %s", table_of(f->words));
}

static void print_kinds(void)
{
	printf("| kind | word | what happened |\n| --- | --- | --- |\n");
	for (unsigned kind = 0; kind < ENTRY_KINDS_END; kind++)
		if (entry_rows[kind].word)
			printf("| %u | `%s` | %s |\n", kind, entry_rows[kind].word, entry_rows[kind].help);
}

static void print_fields(unsigned kind)
{
	const struct entry_row *row = &entry_rows[kind];
	printf("\n#### %u `%s`: %s\n\n| item | field | type | meaning |\n| --- | --- | --- | --- |\n", kind,
	       row->word, row->help);
	for (unsigned i = 0; i < row->n; i++) {
		printf("| %u | `%s` | ", i + 2, row->fields[i].name);
		print_type(&row->fields[i]);
		printf(" | %s |\n", row->fields[i].help);
	}
}

static void print_words(const char *table, const char *const *words, unsigned n)
{
	printf("| %s | ", table);
	for (unsigned i = 0; i < n; i++)
		printf("%s%u `%s`", i ? ", " : "", i, words[i]);
	printf(" |\n");
}

int main(void)
{
	print_kinds();
	for (unsigned kind = 0; kind < ENTRY_KINDS_END; kind++)
		if (entry_rows[kind].word)
			print_fields(kind);
	printf("\n### Words\n\n| table | number and word |\n| --- | --- |\n");
#define T(table, LIST) print_words(&#table[strlen("entry_")], table, table##_n);
	ENTRY_WORDS(T)
#undef T
	return 0;
}
