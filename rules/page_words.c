/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/page_words.h"

#include <string.h>

#include "rules/page.h"

static const struct {
	char language[3];
	const char *what, *contact, *link, *checked;
} helplines[] = {
#define X(language, what, contact, link, checked) {#language, what, contact, link, checked},
    HELPLINES(X)
#undef X
};

static const struct {
	char language[3];
	const char *word;
} checked_words[] = {
#define X(language, word) {#language, word},
    HELPLINE_CHECKED(X)
#undef X
};

static const struct {
	const char *category, *names[PAGE_LANGUAGES];
} categories[] = {
#define X(category, ...) {#category, {__VA_ARGS__}},
    CATEGORY_NAMES(X)
#undef X
};

static const char *checked_word(const char *language)
{
	unsigned i = 0;
	while (strcmp(checked_words[i].language, language))
		i++;
	return checked_words[i].word;
}

void page_put_helplines(struct page_out *o, unsigned l)
{
	const char *language = page_languages[l];
	page_put_text(o, "<ul>\n");
	for (unsigned i = 0; i < sizeof(helplines) / sizeof(*helplines); i++) {
		if (strcmp(helplines[i].language, language))
			continue;
		page_put_text(o, "<li>");
		page_put_escaped(o, helplines[i].what);
		page_put_text(o, ": <a href=\"");
		page_put_escaped(o, helplines[i].link);
		page_put_text(o, "\">");
		page_put_escaped(o, helplines[i].contact);
		page_put_text(o, "</a> (");
		page_put_text(o, checked_word(language));
		page_put_text(o, " ");
		page_put_text(o, helplines[i].checked);
		page_put_text(o, ")</li>\n");
	}
	page_put_text(o, "</ul>");
}

const char *page_appeal_form(unsigned l)
{
	static const char *const words[PAGE_LANGUAGES] = {APPEAL_FORM};
	return words[l];
}

const char *page_category(const char *category, unsigned l)
{
	for (unsigned i = 0; i < sizeof(categories) / sizeof(*categories); i++)
		if (!strcmp(categories[i].category, category))
			return categories[i].names[l];
	return "";
}
