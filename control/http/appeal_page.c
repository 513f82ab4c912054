/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/http/appeal_page.h"

#include <stdlib.h>
#include <string.h>

#include "rules/page.h"

/* What was sent, each byte as "&quot;" at worst, and what we say. */
#define BYTES_MAX (sizeof(struct form) * 6 + 16384)

static const char *const words[WORDS_N][PAGE_LANGUAGES] = {
#define X(word, ...) [WORD_##word] = {__VA_ARGS__},
    APPEAL_WORDS(X)
#undef X
};

/* "sr" is written in Latin letters */
static const char *const tags[PAGE_LANGUAGES] = {"sq", "en", "sr-Latn", "mk"};

static const char style[] =
    "body{margin:0;background:#fff;color:#1a1a1a;font:1.1rem/1.6 system-ui,sans-serif}"
    "main,nav{max-width:38rem;margin:0 auto;padding:1rem 1.5rem}nav a{margin-right:1rem}"
    "h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.15rem;margin-top:2rem}"
    "label{display:block;font-weight:600;margin-top:1.2rem}.hint{margin:0}"
    "input,textarea,button{font:inherit;color:inherit;background:inherit;border:1px solid #767676;padding:.5rem}"
    "input,textarea{box-sizing:border-box;width:100%}button{margin-top:1.2rem;padding:.5rem 1.5rem}"
    "dt{font-weight:600;margin-top:.6rem}dd{margin:0;overflow-wrap:anywhere;white-space:pre-line}"
    ".wrong{border-left:.3rem solid #b3261e;padding-left:1rem}a{color:#0b4a8f}"
    ":focus-visible{outline:3px solid currentColor;outline-offset:2px}"
    "@media(prefers-color-scheme:dark){body{background:#16181b;color:#eee}a{color:#9cc9ff}"
    ".wrong{border-color:#ffb4ab}input,textarea,button{border-color:#999}}";

struct writing {
	struct page_out out;
	unsigned l;
};

static void html(struct writing *w, const char *text)
{
	page_put_text(&w->out, text);
}

static void escaped(struct writing *w, const char *text)
{
	page_put_escaped(&w->out, text);
}

static void word(struct writing *w, enum appeal_word which)
{
	escaped(w, words[which][w->l]);
}

/* <TAG>word</TAG> */
static void element(struct writing *w, const char *tag, enum appeal_word which)
{
	html(w, "<");
	html(w, tag);
	html(w, ">");
	word(w, which);
	html(w, "</");
	html(w, tag);
	html(w, ">\n");
}

static void languages(struct writing *w, const char *rule)
{
	html(w, "<nav aria-label=\"");
	word(w, WORD_LANGUAGES);
	html(w, "\">");
	for (unsigned i = 0; i < PAGE_LANGUAGES; i++) {
		html(w, "<a href=\"/appeal?lang=");
		html(w, page_languages[i]);
		if (*rule)
			html(w, "&amp;r=");
		escaped(w, rule);
		html(w, "\" hreflang=\"");
		html(w, tags[i]);
		html(w, "\" lang=\"");
		html(w, tags[i]);
		html(w, i == w->l ? "\" aria-current=\"true\">" : "\">");
		escaped(w, words[WORD_LANGUAGE][i]);
		html(w, "</a>");
	}
	html(w, "</nav>\n");
}

static bool begin(struct writing *w, unsigned l, enum appeal_word title, const char *rule)
{
	*w = (struct writing){{malloc(BYTES_MAX), 0, BYTES_MAX}, l};
	if (!w->out.p)
		return false;
	html(w, "<!DOCTYPE html>\n<html lang=\"");
	html(w, tags[l]);
	html(w, "\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
	word(w, title);
	html(w, "</title>\n<style>");
	html(w, style);
	html(w, "</style>\n</head>\n<body>\n");
	languages(w, rule);
	html(w, "<main>\n");
	element(w, "h1", title);
	return true;
}

static enum MHD_Result end(struct request *r, struct writing *w, unsigned status)
{
	const struct reply how = {.status = status, .type = REPLY_HTML, .language = page_languages[w->l]};
	html(w, "</main>\n</body>\n</html>\n");
	return reply(r, &how, (char *)w->out.p, w->out.len);
}

struct field {
	const char *name;
	enum appeal_word label, hint, wrong;
	const char *max;
	bool required, lines;
};
static const struct field fields[] = {
    {"subject", WORD_SUBJECT, WORD_SUBJECT_HINT, WORD_BAD_SUBJECT, "2000", true, false},
    {"text", WORD_TEXT, WORD_TEXT_HINT, WORD_BAD_TEXT, "2000", true, true},
    {"contact", WORD_CONTACT, WORD_CONTACT_HINT, WORD_BAD_CONTACT, "100", false, false},
};

static void put_field(struct writing *w, const struct field *f, const char *value, bool wrong)
{
	html(w, "<label for=\"");
	html(w, f->name);
	html(w, "\">");
	word(w, f->label);
	html(w, "</label>\n<p class=\"hint\" id=\"");
	html(w, f->name);
	html(w, "-hint\">");
	word(w, f->hint);
	html(w, f->lines ? "</p>\n<textarea rows=\"8\" id=\"" : "</p>\n<input type=\"text\" id=\"");
	html(w, f->name);
	html(w, "\" name=\"");
	html(w, f->name);
	html(w, "\" aria-describedby=\"");
	html(w, f->name);
	html(w, wrong ? "-hint wrong\" aria-invalid=\"true\" maxlength=\"" : "-hint\" maxlength=\"");
	html(w, f->max);
	html(w, f->required ? "\" required" : "\"");
	html(w, f->lines ? ">\n" : " value=\"");
	escaped(w, value);
	html(w, f->lines ? "</textarea>\n" : "\">\n");
}

static void put_form(struct writing *w, const struct form *sent, const char *rule, enum appeal_word wrong)
{
	const char *values[] = {sent ? sent->subject : "", sent ? sent->text : "", sent ? sent->contact : ""};
	html(w, "<form method=\"post\" action=\"/appeal\">\n<input type=\"hidden\" name=\"lang\" value=\"");
	html(w, page_languages[w->l]);
	html(w, "\">\n");
	for (unsigned i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		put_field(w, &fields[i], values[i], wrong == fields[i].wrong);
	if (*rule) {
		html(w, "<p>");
		word(w, WORD_RULE);
		html(w, ": ");
		escaped(w, rule);
		html(w, "</p>\n<input type=\"hidden\" name=\"rule\" value=\"");
		escaped(w, rule);
		html(w, "\">\n");
	}
	element(w, "button", WORD_SEND);
	html(w, "</form>\n");
}

static void put_question(struct writing *w)
{
	element(w, "h2", WORD_STATE_TITLE);
	html(w, "<form method=\"get\" action=\"/appeal\">\n<input type=\"hidden\" name=\"lang\" value=\"");
	html(w, page_languages[w->l]);
	html(w, "\">\n<label for=\"ticket\">");
	word(w, WORD_TICKET);
	html(w, "</label>\n<input type=\"text\" id=\"ticket\" name=\"ticket\" required autocomplete=\"off\" "
		"autocapitalize=\"off\" spellcheck=\"false\" maxlength=\"16\">\n");
	element(w, "button", WORD_SHOW);
	html(w, "</form>\n");
}

enum MHD_Result appeal_form_page(struct request *r, unsigned l, unsigned status, enum appeal_word wrong)
{
	struct writing w;
	const char *rule = request_rule(r->form ? r->form->rule : request_argument(r, "r"));
	if (!begin(&w, l, WORD_TITLE, rule))
		return MHD_NO;
	if (wrong != WORDS_N) {
		html(&w, "<p class=\"wrong\" id=\"wrong\" role=\"alert\">");
		word(&w, wrong);
		html(&w, "</p>\n");
	}
	element(&w, "p", WORD_INTRO);
	element(&w, "p", WORD_PRIVACY);
	put_form(&w, r->form, rule, wrong);
	put_question(&w);
	return end(r, &w, status);
}

static void put_row(struct writing *w, enum appeal_word name, const char *value)
{
	if (!value)
		return;
	element(w, "dt", name);
	html(w, "<dd>");
	escaped(w, value);
	html(w, "</dd>\n");
}

enum MHD_Result appeal_done_page(struct request *r, unsigned l, const char *ticket)
{
	struct writing w;
	if (!begin(&w, l, WORD_DONE, ""))
		return MHD_NO;
	html(&w, "<dl>\n");
	put_row(&w, WORD_TICKET, ticket);
	html(&w, "</dl>\n");
	element(&w, "p", WORD_DONE_TEXT);
	html(&w, "<p><a href=\"/appeal?lang=");
	html(&w, page_languages[l]);
	html(&w, "&amp;ticket=");
	html(&w, ticket);
	html(&w, "\">");
	word(&w, WORD_STATE_TITLE);
	html(&w, "</a></p>\n");
	return end(r, &w, MHD_HTTP_CREATED);
}

static const char *state_word(const char *state, unsigned l)
{
	static const struct {
		const char *state;
		enum appeal_word word;
	} rows[] = {{"open", WORD_OPEN}, {"upheld", WORD_UPHELD}, {"rejected", WORD_REJECTED}};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (state && !strcmp(state, rows[i].state))
			return words[rows[i].word][l];
	return NULL;
}

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

enum MHD_Result appeal_state_page(struct request *r, unsigned l, const json_t *state)
{
	struct writing w;
	if (!begin(&w, l, WORD_STATE_TITLE, ""))
		return MHD_NO;
	html(&w, "<dl>\n");
	put_row(&w, WORD_TICKET, text(state, "ticket"));
	put_row(&w, WORD_STATE, state_word(text(state, "state"), l));
	put_row(&w, WORD_CREATED, text(state, "created"));
	put_row(&w, WORD_DEADLINE, text(state, "decided") ? NULL : text(state, "deadline"));
	put_row(&w, WORD_DECIDED, text(state, "decided"));
	put_row(&w, WORD_NOTE, text(state, "note"));
	html(&w, "</dl>\n");
	put_question(&w);
	return end(r, &w, MHD_HTTP_OK);
}
