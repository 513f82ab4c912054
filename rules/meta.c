/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/meta.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "common/utf8.h"
#include "rules/url.h"

const struct meta_row meta_rows[META_COUNT] = {
#define X(field, def, help) {#field, def, help},
    META_FIELDS(X)
#undef X
};

const char *const action_names[ACTION_N] = {
    [ACTION_COUNT] = "count", [ACTION_DROP] = "drop",	      [ACTION_RESET] = "reset",
    [ACTION_PAGE] = "page",   [ACTION_REDIRECT] = "redirect", [ACTION_ALERT] = "alert",
    [ACTION_CLOSE] = "close", [ACTION_NXDOMAIN] = "nxdomain", [ACTION_ADDRESS] = "address",
    [ACTION_ICMP] = "icmp",
};

enum { ANY_ACTION = 1 << ACTION_COUNT | 1 << ACTION_DROP };

static const unsigned allowed_actions[META_COUNT] = {
    [META_action_http] = ANY_ACTION | 1 << ACTION_PAGE | 1 << ACTION_REDIRECT | 1 << ACTION_RESET,
    [META_action_tls] = ANY_ACTION | 1 << ACTION_ALERT | 1 << ACTION_RESET,
    [META_action_quic] = ANY_ACTION | 1 << ACTION_CLOSE,
    [META_action_dns] = ANY_ACTION | 1 << ACTION_NXDOMAIN | 1 << ACTION_ADDRESS,
    [META_action_ip] = ANY_ACTION | 1 << ACTION_ICMP,
};

int meta_action(enum meta_field f, const char *text)
{
	if ((unsigned)f >= META_COUNT)
		return -1;
	for (unsigned a = 0; a < ACTION_N; a++)
		if (allowed_actions[f] >> a & 1 && !strcmp(text, action_names[a]))
			return (int)a;
	return -1;
}

static bool is_word_of(const char *value, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(value, *words))
			return true;
	return false;
}

static bool is_category(const char *value)
{
	static const char *const words[] = {"csam", "gambling", "court", "cyber", "media", "other", NULL};
	return is_word_of(value, words);
}

static bool is_language(const char *value)
{
	static const char *const words[] = {"sq", "en", "sr", "mk", NULL};
	return is_word_of(value, words);
}

/* Stands in a header field and in the page's HTML as it is written, so nothing that ends either. */
static bool is_web_address(const char *value)
{
	if (strncmp(value, "http://", 7) && strncmp(value, "https://", 8))
		return false;
	for (const char *c = value; *c; c++)
		if (*c <= ' ' || *c > '~' || strchr("\"'<>\\^`{|}", *c))
			return false;
	struct url u;
	return url_from_text((const uint8_t *)value, strlen(value), &u) == NAME_OK;
}

static bool is_mail_address(const char *value)
{
	const char *at = strchr(value, '@');
	struct name n;
	if (!at || at == value || name_canonical((const uint8_t *)at + 1, strlen(at + 1), &n) || n.kind)
		return false;
	for (const char *c = value; c < at; c++)
		if (*c <= ' ' || *c > '~' || strchr("\"'<>\\^`{|}:/?#&%,;()[]", *c))
			return false;
	return true;
}

static bool is_appeal(const char *value)
{
	return is_web_address(value) || is_mail_address(value);
}

static bool is_ipv4(const char *value)
{
	struct in_addr a;
	return inet_pton(AF_INET, value, &a) == 1;
}

static bool is_ipv6(const char *value)
{
	struct in6_addr a;
	return inet_pton(AF_INET6, value, &a) == 1;
}

/* Fields that are not free text. */
static const struct {
	bool (*is_valid)(const char *value);
	const char *why;
} checks[META_COUNT] = {
    [META_category] = {is_category, "the category is one of csam, gambling, court, cyber, media, other"},
    [META_language] = {is_language, "the language is one of sq, en, sr, mk"},
    [META_appeal] = {is_appeal, "appeal is an http:// or https:// URL or an e-mail address"},
    [META_redirect] = {is_web_address, "redirect is an http:// or https:// URL in printable ASCII"},
    [META_dns_a] = {is_ipv4, "dns_a is an IPv4 address such as 192.0.2.1"},
    [META_dns_aaaa] = {is_ipv6, "dns_aaaa is an IPv6 address such as 2001:db8::1"},
    [META_action_http] = {NULL, "action_http is one of page, redirect, reset, drop, count"},
    [META_action_tls] = {NULL, "action_tls is one of alert, reset, drop, count"},
    [META_action_quic] = {NULL, "action_quic is one of close, drop, count"},
    [META_action_dns] = {NULL, "action_dns is one of nxdomain, address, drop, count"},
    [META_action_ip] = {NULL, "action_ip is one of icmp, drop, count"},
};

int meta_check(enum meta_field f, const char *value, const char **ret_why)
{
	size_t len = strlen(value);
	const char *why = NULL;
	if ((unsigned)f >= META_COUNT)
		why = "no such key; docs/lists.md has the table of keys";
	else if (!len)
		why = "the value is empty: leave the line out instead";
	else if (len > META_MAX_BYTES)
		why = "the value is longer than 400 bytes";
	else if (!utf8_is_text((const uint8_t *)value, len))
		why = "the value is not UTF-8 text or holds control characters";
	else if (allowed_actions[f] ? meta_action(f, value) < 0 : checks[f].why && !checks[f].is_valid(value))
		why = checks[f].why;
	if (!why)
		return 0;
	*ret_why = why;
	return -1;
}

int meta_find(const char *key, unsigned len)
{
	for (int f = 0; f < META_COUNT; f++) {
		unsigned i = 0;
		while (i < len && (key[i] == '-' ? '_' : key[i]) == meta_rows[f].key[i] &&
		       meta_rows[f].key[i])
			i++;
		if (i == len && !meta_rows[f].key[i])
			return f;
	}
	return -1;
}
