/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/list_write.h"

#include <string.h>

/* What stands in front of and behind the text of each kind. */
static const struct {
	const char *before, *behind;
} around[RULE_KINDS_N] = {
    [RULE_DOMAIN] = {"", ""},	 [RULE_HOST] = {"=", ""},	[RULE_SUBDOMAINS] = {"*.", ""},
    [RULE_URL] = {"", ""},	 [RULE_URL_PREFIX] = {"", "*"}, [RULE_URL_GLOB] = {"", ""},
    [RULE_NAME_GLOB] = {"", ""}, [RULE_REGEX] = {"/", "/"},	[RULE_PREFIX] = {"", ""},
};

/* Without one, 192.0.2.0/24 as a URL would be read as a prefix. */
static const char *scheme(const struct list_entry *e)
{
	bool url = e->kind == RULE_URL || e->kind == RULE_URL_PREFIX || e->kind == RULE_URL_GLOB;
	return !url ? "" : e->https ? "https://" : "http://";
}

size_t list_entry_write(const struct list_entry *e, char *ret, size_t room)
{
	const char *parts[] = {e->exception ? "!" : "", scheme(e), around[e->kind].before};
	size_t n = 0;
	for (unsigned i = 0; i < 3; i++)
		n += strlen(parts[i]);
	n += e->text.len + strlen(around[e->kind].behind);
	if (n >= room)
		return n;
	char *p = ret;
	for (unsigned i = 0; i < 3; i++)
		p = stpcpy(p, parts[i]);
	memcpy(p, e->text.p, e->text.len);
	strcpy(p + e->text.len, around[e->kind].behind);
	return n;
}
