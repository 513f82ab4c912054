/* SPDX-License-Identifier: BSD-3-Clause */
/* page_template: a block page's template, taken apart. For page.c. */
#ifndef RULES_PAGE_TEMPLATE_H
#define RULES_PAGE_TEMPLATE_H

#include "rules/page.h"

#define PAGE_MAX_PARTS 512

enum page_part_kind {
	PART_TEXT,
	PART_FIELD,
	PART_LINK,
	PART_CATEGORY,
	PART_HELPLINES,
	PART_RULE,
	PART_IF,
	PART_IF_NOT,
	PART_END
};

struct page_part {
	enum page_part_kind kind;
	enum meta_field field;
	struct span text;
};

struct page_language_template {
	struct page_part *part;
	unsigned n;
};

struct page_set {
	struct page_language_template language[PAGE_LANGUAGES];
	char *memory; /* of a template read from a file */
};

/* Fills ps->language with parts that point into text. */
int page_template_parse(const char *file, const char *text, size_t len, struct page_set *ps, struct err *e);

#endif
