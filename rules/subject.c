/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/subject.h"

#include <string.h>

#define X(id, word, help) word,
const char *const subject_words[SUBJECTS_N] = {SUBJECTS(X)};
#undef X
#define X(id, word, help) help,
const char *const subject_help[SUBJECTS_N] = {SUBJECTS(X)};
#undef X

static bool begins(const char *text, const char *word)
{
	return !strncasecmp(text, word, strlen(word));
}

enum name_error subject_read(const char *text, struct subject *ret)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t len = strlen(text);
	bool https = begins(text, "https://");
	enum name_error err;
	if (https || begins(text, "http://") || strchr(text, '/')) {
		err = url_from_text(p, len, &ret->url);
		ret->kind = https ? SUBJECT_HTTPS : SUBJECT_URL;
		ret->name = ret->url.host;
		return err;
	}
	err = name_canonical(p, len, &ret->name);
	ret->kind = !err && ret->name.kind != NAME_DNS ? SUBJECT_ADDRESS : SUBJECT_NAME;
	return err;
}

const char *subject_canonical(const struct subject *s)
{
	return s->kind == SUBJECT_URL || s->kind == SUBJECT_HTTPS ? s->url.text : s->name.text;
}

void subject_match(const struct subject *s, const struct ruleset *rs, struct ruleset_scratch *scratch,
		   struct match *ret, struct match *ret_http)
{
	if (s->kind == SUBJECT_URL)
		ruleset_match_url(rs, scratch, &s->url, ret);
	else
		ruleset_match_name(rs, scratch, &s->name, ret);
	if (s->kind == SUBJECT_HTTPS)
		ruleset_match_url(rs, scratch, &s->url, ret_http);
	else
		*ret_http = *ret;
}
