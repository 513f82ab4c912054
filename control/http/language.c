/* SPDX-License-Identifier: BSD-3-Clause */
/* What a request asks for: parameters of its address, and the language. */
#include <string.h>

#include "common/utf8.h"
#include "control/http/http_state.h"
#include "rules/page.h"

#define RULE_DIGITS 16

const char *request_argument(struct request *r, const char *name)
{
	const char *value = NULL;
	size_t bytes = 0;
	if (MHD_lookup_connection_value_n(r->connection, MHD_GET_ARGUMENT_KIND, name, strlen(name), &value,
					  &bytes) != MHD_YES ||
	    !value || strlen(value) != bytes || !utf8_is_text((const uint8_t *)value, bytes))
		return "";
	return value;
}

const char *request_rule(const char *text)
{
	size_t n = strspn(text, "0123456789abcdef");
	return n == RULE_DIGITS && !text[n] ? text : "";
}

unsigned request_language(struct request *r, const char *def)
{
	const char *asked = r->form && *r->form->lang ? r->form->lang : request_argument(r, "lang");
	const char *wants = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "Accept-Language");
	for (unsigned i = 0; i < PAGE_LANGUAGES; i++)
		if (!strcmp(asked, page_languages[i]))
			return i;
	return page_language((struct span){(const uint8_t *)wants, wants ? strlen(wants) : 0}, def);
}
