/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/list_entry.h"

#include <string.h>

#include "common/utf8.h"

const char *const rule_kind_names[RULE_KINDS_N] = {
#define X(kind, word, help) word,
    RULE_KINDS(X)
#undef X
};

static const uint8_t byte_props[256] = {
    [0x00 ... 0x08] = HAS_CONTROL,
    ['\t'] = HAS_BLANK,
    [0x0a ... 0x1f] = HAS_CONTROL,
    [' '] = HAS_BLANK,
    ['!' ... '"'] = HAS_ODD,
    ['#'] = HAS_QUERY | HAS_ODD,
    ['$' ... ')'] = HAS_ODD,
    ['*'] = HAS_STAR,
    ['+' ... ','] = HAS_ODD,
    ['/'] = HAS_SLASH,
    [':'] = HAS_COLON,
    [';' ... '>'] = HAS_ODD,
    ['?'] = HAS_QUERY | HAS_ODD,
    ['@'] = HAS_ODD,
    ['['] = HAS_ODD,
    ['\\'] = HAS_SLASH,
    [']' ... '^'] = HAS_ODD,
    ['`'] = HAS_ODD,
    ['{' ... '~'] = HAS_ODD,
    [0x7f] = HAS_CONTROL,
    [0x80 ... 0xff] = HAS_HIGH,
};

unsigned list_byte_props(const uint8_t *p, size_t len)
{
	unsigned has = 0;
	for (size_t i = 0; i < len; i++)
		has |= byte_props[p[i]];
	return has;
}

bool list_is_plain(const char *text, size_t len)
{
	return !(list_byte_props((const uint8_t *)text, len) & ~(unsigned)HAS_STAR);
}

size_t list_count_stars(const uint8_t *p, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		n += p[i] == '*';
	return n;
}

const char *list_name_error(enum name_error err)
{
	static const char *const sentences[] = {
	    [NAME_EMPTY] = "there is no host name: write name.test or host/path",
	    [NAME_TOO_LONG] =
		"a label is longer than 63 bytes or the name longer than 253: no such name can exist, "
		"ask for the right one",
	    [NAME_BAD_BYTE] =
		"a byte that no host name holds: write one entry a line, names in letters, digits, "
		"'-', '_' and '.'",
	    [NAME_BAD_LABEL] =
		"an empty label: remove the extra dot (name.test is the name and its subdomains, "
		"*.name.test the subdomains only)",
	    [NAME_BAD_IDN] =
		"not a valid internationalised name (IDNA2008), or a '*' inside an internationalised "
		"label: write the xn-- form that the browser sends",
	    [NAME_BAD_ADDR] =
		"looks like an address and is not one: write 192.0.2.1, 2001:db8::1, or a range as "
		"prefixes such as 192.0.2.0/24",
	    [NAME_BAD_PORT] = "the port is not a number from 0 to 65535",
	};
	return sentences[err];
}

static const char *odd_name(struct span s)
{
	if (s.len > 1 && s.p[0] == '|')
		return "this is ad-blocker syntax: write name.test instead of ||name.test^";
	if (memchr(s.p, '@', s.len))
		return "an e-mail address is no entry: write the name after the '@' if that is what was ordered";
	if (memchr(s.p, ';', s.len) || memchr(s.p, ',', s.len))
		return "several fields on one line: write one entry a line, without ',' and ';'";
	return list_name_error(NAME_BAD_BYTE);
}

static bool is_only(struct span s, const char *bytes)
{
	for (size_t i = 0; i < s.len; i++)
		if (!memchr(bytes, s.p[i], strlen(bytes)))
			return false;
	return true;
}

static const char *check_glob(struct span s)
{
	if (memmem(s.p, s.len, "**", 2))
		return "'**' has no meaning: write one '*', which stands for any bytes of one label";
	if (is_only(s, "*."))
		return "nothing but '*' would match every name: write the names that were ordered";
	if (is_only(s, "*.0123456789"))
		return "a '*' cannot stand in an address: write a prefix such as 192.0.2.0/24";
	if (!memchr(s.p, '.', s.len))
		return "a '*' stands for bytes of one label, so this matches names without a dot only: write every "
		       "label, as in ads*.name.test";
	return NULL;
}

/* Sorts a canonical name with '*' into subdomains and glob. */
static const char *set_name_pattern(struct list_entry *e)
{
	struct span s = e->text;
	if (s.len > 2 && !memcmp(s.p, "*.", 2) && !memchr(s.p + 2, '*', s.len - 2)) {
		e->kind = RULE_SUBDOMAINS;
		e->text = (struct span){s.p + 2, s.len - 2};
		return NULL;
	}
	e->kind = RULE_NAME_GLOB;
	return check_glob(s);
}

const char *list_parse_name(struct span s, unsigned has, struct url *u, struct list_entry *e)
{
	struct name *n = &u->host;
	bool star = has & HAS_STAR;

	e->kind = RULE_DOMAIN;
	if (s.p[0] == '=') {
		e->kind = RULE_HOST;
		s = (struct span){s.p + 1, s.len - 1};
		has = list_byte_props(s.p, s.len);
		if (has & (HAS_SLASH | HAS_STAR | HAS_QUERY))
			return "'=' stands before a host name alone: write =name.test, or the URL without '='";
	}
	if (has & HAS_COLON)
		return "a host with a port is a URL: write http://host:port/* for all of it, or leave the port out";
	if (has & HAS_ODD)
		return odd_name(s);
	enum name_error err = name_canonical(s.p, s.len, n);
	if (err)
		return list_name_error(err);
	if (n->kind != NAME_DNS)
		return "an address has no subdomains and is no host name: write it alone, as 192.0.2.1 or 192.0.2.0/24";
	/* Full-width forms turn into ASCII that was not there before. */
	if (has & HAS_HIGH && (!list_is_plain(n->text, n->len) || (!star && memchr(n->text, '*', n->len))))
		return list_name_error(NAME_BAD_BYTE);
	e->text = (struct span){(const uint8_t *)n->text, n->len};
	return star ? set_name_pattern(e) : NULL;
}

const char *list_parse_regex(struct span s, unsigned has, struct url *u, struct list_entry *e)
{
	(void)u;
	if (s.len < 2 || s.p[s.len - 1] != '/')
		return "a regular expression ends in '/', without flags (write (?i) inside it); a path needs its host "
		       "in front: host/path";
	if (s.len == 2)
		return "an empty regular expression would match everything: write the expression between the slashes";
	if (s.len - 2 > LIST_REGEX_MAX)
		return "the regular expression is longer than 4096 bytes: split it into several entries";
	if (has & HAS_HIGH)
		return "a regular expression is matched against ASCII: write xn-- labels and %XX escapes";
	e->kind = RULE_REGEX;
	e->text = (struct span){s.p + 1, s.len - 2};
	return NULL;
}

static struct span trim(struct span s)
{
	while (s.len && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t' || s.p[s.len - 1] == '\r'))
		s.len--;
	while (s.len && (*s.p == ' ' || *s.p == '\t'))
		s = (struct span){s.p + 1, s.len - 1};
	return s;
}

/* Without a comment: a '#' after white space. Elsewhere '#' begins a fragment. */
static struct span strip_comment(struct span s)
{
	for (size_t i = 1; i < s.len; i++)
		if (s.p[i] == '#' && (s.p[i - 1] == ' ' || s.p[i - 1] == '\t'))
			return trim((struct span){s.p, i});
	return s;
}

static bool is_ipv6(struct span s)
{
	return s.p[0] == '[' || memchr(s.p, ':', s.len) != memrchr(s.p, ':', s.len);
}

/* A bare IPv4 address ends in a digit of its last, numeric label; everything else goes to the name parser
 * first. */
static bool is_ipv4(struct span s)
{
	struct name n;
	if (!(s.p[0] >= '0' && s.p[0] <= '9'))
		return false;
	return name_canonical(s.p, s.len, &n) == NAME_OK && n.kind == NAME_IPV4;
}

static const char *parse_entry(struct span s, unsigned has, struct url *u, struct list_entry *e)
{
	bool two_slashes = s.len > 1 && s.p[0] == '/' && s.p[1] == '/';
	if (s.p[0] == '/' && !two_slashes)
		return list_parse_regex(s, has, u, e);
	if (s.p[0] == '=')
		return list_parse_name(s, has, u, e);
	if (has & HAS_SLASH && list_is_prefix(s))
		return list_parse_prefix(s, has, u, e);
	if (has & (HAS_SLASH | HAS_QUERY))
		return list_parse_url(s, has, u, e);
	if ((has & HAS_COLON && is_ipv6(s)) || (!(has & (HAS_COLON | HAS_STAR)) && is_ipv4(s)))
		return list_parse_prefix(s, has, u, e);
	return list_parse_name(s, has, u, e);
}

static const char *check_bytes(struct span s, unsigned has)
{
	if (has & HAS_CONTROL)
		return "control characters: save the list as plain UTF-8 text, one entry a line";
	if (has & HAS_BLANK && s.p[0] == '/' && (s.len < 2 || s.p[1] != '/'))
		return "white space in a regular expression: URLs hold none, write %20";
	if (has & HAS_BLANK)
		return "white space inside the entry: write one entry a line, a space in a URL as %20, a comment "
		       "after ' #'";
	if (has & HAS_HIGH && !utf8_is_text(s.p, s.len))
		return "not UTF-8: save the list as UTF-8, or write xn-- labels and %XX escapes";
	return NULL;
}

int list_parse_line(const uint8_t *p, size_t len, struct url *u, struct list_entry *ret, const char **ret_why)
{
	struct span s = trim((struct span){p, len});
	const char *why = NULL;
	if (!s.len || *s.p == '#')
		return 0;
	struct list_entry e = {.exception = *s.p == '!'};
	if (e.exception)
		s = trim((struct span){s.p + 1, s.len - 1});
	unsigned has = list_byte_props(s.p, s.len);
	if (has & HAS_BLANK) {
		s = strip_comment(s);
		has = list_byte_props(s.p, s.len);
	}
	if (len > LIST_LINE_MAX)
		why = "the line is longer than 16384 bytes";
	else if (!s.len || *s.p == '#')
		why = "a '!' without an entry: write !name.test for an exception";
	else
		why = check_bytes(s, has);
	if (!why)
		why = parse_entry(s, has, u, &e);
	if (why) {
		*ret_why = why;
		return -1;
	}
	*ret = e;
	return 1;
}
