/* SPDX-License-Identifier: BSD-3-Clause */
/* check_entry: one entry against suffixes and the guard. */
#include <errno.h>
#include <string.h>

#include "control/safety/check_state.h"
#include "control/safety/suffix.h"
#include "rules/address.h"

#define DEEP_LABELS 10

/* How many bytes behind the first '/' a prefix must have, on a platform, to be one page or person rather than many. */
#define PREFIX_ENOUGH 4

static const int suffix_class[] = {
    [SUFFIX_NONE] = -1,
    [SUFFIX_TOP] = SAFETY_TOP_LEVEL,
    [SUFFIX_SPECIAL] = SAFETY_SPECIAL_NAME,
    [SUFFIX_PUBLIC] = SAFETY_PUBLIC_SUFFIX,
    [SUFFIX_HOSTING] = SAFETY_HOSTING_SUFFIX,
};

static bool is_name(enum rule_kind k)
{
	return k == RULE_DOMAIN || k == RULE_HOST || k == RULE_SUBDOMAINS;
}

static bool is_url(enum rule_kind k)
{
	return k == RULE_URL || k == RULE_URL_PREFIX || k == RULE_URL_GLOB || k == RULE_REGEX;
}

/* What a URL on a guarded host is: its front page, many people's pages, or one page (-1). */
static int url_class(const struct list_entry *e, const struct guard_entry *g)
{
	if (g->group == GUARD_OPERATOR || g->group == GUARD_EMERGENCY)
		return (int)guard_groups[g->group].class;
	size_t path = e->text.len - e->host_len;
	if (e->kind == RULE_URL)
		return path <= 1 ? SAFETY_PLATFORM_PAGE : -1;
	return path <= 1	       ? (int)guard_groups[g->group].class
	       : path <= PREFIX_ENOUGH ? SAFETY_PLATFORM_PREFIX
				       : -1;
}

static int check_guard(struct check *c, const struct safety_row *row)
{
	const struct guard_entry *g = c->q->guard ? guard_find(c->q->guard, &row->entry) : NULL;
	if (!g)
		return 0;
	int class = is_url(row->entry.kind) ? url_class(&row->entry, g) : (int)guard_groups[g->group].class;
	return class < 0 ? 0 : check_find(c, (enum safety_class) class, row->entry.line, row->text, g, NULL);
}

/* The host of a customer's platform as a whole is its front page: a suffix has no pages of its own. */
static int check_suffix(struct check *c, const struct safety_row *row)
{
	const struct list_entry *e = &row->entry;
	bool whole_host = e->kind == RULE_URL_PREFIX && e->text.len == e->host_len + 1u;
	if (!is_name(e->kind) && !whole_host)
		return 0;
	enum suffix s = suffix_of((const char *)e->text.p, whole_host ? e->host_len : e->text.len);
	int class = suffix_class[s];
	return class < 0 ? 0 : check_find(c, (enum safety_class) class, e->line, row->text, NULL, NULL);
}

static int check_depth(struct check *c, const struct safety_row *row)
{
	unsigned labels = 1;
	char detail[40];
	for (size_t i = 0; i < row->entry.text.len; i++)
		labels += row->entry.text.p[i] == '.';
	if (labels <= DEEP_LABELS)
		return 0;
	snprintf(detail, sizeof(detail), "%u labels", labels);
	return check_find(c, SAFETY_DEEP_NAME, row->entry.line, row->text, NULL, detail);
}

static int check_prefix(struct check *c, const struct safety_row *row)
{
	const struct list_entry *e = &row->entry;
	bool v4 = e->prefix_len >= 96 && address_is4(e->addr);
	unsigned bits = v4 ? e->prefix_len - 96u : e->prefix_len;
	char detail[80];
	int err = 0;
	snprintf(detail, sizeof(detail), "a /%u of %s", bits, v4 ? "IPv4" : "IPv6");
	if (!c->q->policy.addresses_assessed)
		err = check_find(c, SAFETY_ADDRESS, e->line, row->text, NULL, detail);
	if (!err && bits < (v4 ? 24 : 48))
		err = check_find(c, SAFETY_WIDE_PREFIX, e->line, row->text, NULL, detail);
	return err;
}

int check_entry(struct check *c, const struct safety_row *row)
{
	const struct list_entry *e = &row->entry;
	int err = 0;
	if (e->exception)
		return check_find(c, SAFETY_EXCEPTION, e->line, row->text, NULL, NULL);
	if (e->https)
		err = check_find(c, SAFETY_HTTPS_URL, e->line, row->text, NULL, NULL);
	err = err ? err : check_suffix(c, row);
	err = err ? err : check_guard(c, row);
	if (!err && is_name(e->kind))
		err = check_depth(c, row);
	if (!err && e->kind == RULE_PREFIX)
		err = check_prefix(c, row);
	if (!err && (e->kind == RULE_NAME_GLOB || e->kind == RULE_URL_GLOB || e->kind == RULE_REGEX))
		err = check_pattern(c, row);
	return err;
}
