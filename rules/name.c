/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/name.h"

#include <string.h>

#include "rules/address.h"
#include "rules/idn.h"

/* Properties of a byte. UPPER has the value that turns an upper-case letter into a lower-case one. */
enum { DIGIT = 0x01, DOT = 0x02, HIGH = 0x04, BAD = 0x08, ADDR6 = 0x10, UPPER = 0x20 };

/* What the WHATWG URL standard forbids in a host is BAD; everything else can come from a browser and be
 * resolved through a wildcard record, so that refusing it here would be a way around a rule. */
static const uint8_t byte_props[256] = {
    [0x00 ... 0x20] = BAD,
    ['#'] = BAD,
    ['%'] = BAD,
    ['/'] = BAD,
    ['<'] = BAD,
    ['>'] = BAD,
    ['?'] = BAD,
    ['@'] = BAD,
    ['\\'] = BAD,
    ['^'] = BAD,
    ['|'] = BAD,
    [0x7f] = BAD,
    ['['] = ADDR6,
    [']'] = ADDR6,
    [':'] = ADDR6,
    ['0' ... '9'] = DIGIT,
    ['.'] = DOT,
    ['A' ... 'Z'] = UPPER,
    [0x80 ... 0xff] = HIGH,
};

enum { COPY_BYTES = 32 };
_Static_assert(sizeof(((struct name *)0)->text) % COPY_BYTES == 0, "text is copied in whole pieces");

static void set_name(struct name *ret, const uint8_t *text, size_t len)
{
	for (size_t i = 0; i < len; i += COPY_BYTES)
		memcpy(ret->text + i, text + i, COPY_BYTES);
	ret->text[len] = 0;
	ret->kind = NAME_DNS;
	ret->len = (uint8_t)len;
}

static enum name_error set_address(struct name *ret, const uint8_t addr[16])
{
	char *text = ret->text;
	bool is4 = address_is4(addr);
	memcpy(ret->addr, addr, 16);
	ret->kind = is4 ? NAME_IPV4 : NAME_IPV6;
	if (!is4)
		*text++ = '[';
	text += address_format(addr, text);
	if (!is4)
		*text++ = ']';
	*text = 0;
	ret->len = (uint8_t)(text - ret->text);
	return NAME_OK;
}

static enum name_error canonical_addr6(const uint8_t *p, size_t len, struct name *ret)
{
	uint8_t addr[16];
	if (p[0] == '[') {
		if (len < 2 || p[len - 1] != ']')
			return NAME_BAD_ADDR;
		p++;
		len -= 2;
	}
	return address_parse6(p, len, addr) ? set_address(ret, addr) : NAME_BAD_ADDR;
}

static bool has_long_label(const uint8_t *p, size_t len)
{
	size_t run = 0;
	for (size_t i = 0; i < len; i++) {
		run = p[i] == '.' ? 0 : run + 1;
		if (run > 63)
			return true;
	}
	return false;
}

static bool may_end_number(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == 'x';
}

typedef uint8_t piece __attribute__((vector_size(COPY_BYTES), aligned(1), may_alias));

static inline piece is_between(piece v, uint8_t first, uint8_t last)
{
	return (piece)(v - first <= (uint8_t)(last - first));
}

static inline bool any(piece v)
{
	uint64_t w[COPY_BYTES / 8];
	memcpy(w, &v, sizeof(w));
	return w[0] | w[1] | w[2] | w[3];
}

/* What nearly every name is: letters, digits, '-', '.', '_'. Lower-cases in place, a piece at a time; the
 * padding behind the text is letters and text[-1] a dot. The answer is the properties, BAD where a byte needs
 * a closer look. */
static unsigned lower_plain(uint8_t *text, size_t len)
{
	piece odd = {0}, digits = {0}, dots = {0};
	for (size_t i = 0; i < len; i += COPY_BYTES) {
		piece v = *(piece *)(text + i), before = *(piece *)(text + i - 1);
		piece lower = v | (is_between(v, 'A', 'Z') & UPPER);
		piece digit = is_between(v, '0', '9');
		odd |= ~(is_between(lower, 'a', 'z') | digit | is_between(v, '-', '.') | (piece)(v == '_'));
		digits |= digit;
		dots |= (piece)(v == '.') & (piece)(before == '.');
		*(piece *)(text + i) = lower;
	}
	return (any(odd) ? BAD : 0) | (any(digits) ? DIGIT : 0) | (any(dots) ? DOT : 0);
}

/* The properties of all bytes; DOT only where an empty label is. */
static unsigned lower_any(uint8_t *text, size_t len)
{
	unsigned seen = 0, adjacent = 0, before = DOT;
	for (size_t i = 0; i < len; i++) {
		unsigned props = byte_props[text[i]];
		seen |= props;
		adjacent |= props & before;
		before = props;
		text[i] = (uint8_t)(text[i] | (props & UPPER));
	}
	return (seen & ~(unsigned)DOT) | (adjacent & DOT);
}

/* NAME_BAD_IDN stands for any byte outside ASCII: the caller then goes the long way. */
static enum name_error canonical_ascii(const uint8_t *p, size_t len, struct name *ret)
{
	uint8_t buffer[COPY_BYTES + sizeof(ret->text) + COPY_BYTES], *text = buffer + COPY_BYTES, addr[16];

	len -= len && p[len - 1] == '.';
	if (!len)
		return NAME_EMPTY;
	if (len > NAME_MAX_BYTES)
		return NAME_TOO_LONG;
	memcpy(text, p, len);
	memset(text + len, 'a', COPY_BYTES);
	text[-1] = '.';
	unsigned seen = lower_plain(text, len);
	if (seen & BAD)
		seen = lower_any(text, len);
	if (seen & HIGH)
		return NAME_BAD_IDN;
	if (seen & ADDR6)
		return canonical_addr6(p, len, ret);
	if (seen & BAD)
		return NAME_BAD_BYTE;
	if (seen & DOT || text[len - 1] == '.')
		return NAME_BAD_LABEL;
	if (len > 63 && has_long_label(text, len))
		return NAME_TOO_LONG;
	if (seen & DIGIT && may_end_number(text[len - 1]) && address_ends_numeric(text, len))
		return address_parse4(text, len, addr) ? set_address(ret, addr) : NAME_BAD_ADDR;
	set_name(ret, text, len);
	return NAME_OK;
}

static bool has_high_byte(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] >= 0x80)
			return true;
	return false;
}

enum name_error name_canonical(const uint8_t *p, size_t len, struct name *ret)
{
	uint8_t ascii[IDN_OUTPUT_MAX];
	enum name_error e = canonical_ascii(p, len, ret);
	if (e != NAME_BAD_IDN && e != NAME_TOO_LONG)
		return e;
	/* A name of 253 bytes can be longer in UTF-8. */
	if (len > IDN_INPUT_MAX || !has_high_byte(p, len))
		return NAME_TOO_LONG;
	e = idn_to_ascii(p, len, ascii, &len);
	return e ? e : canonical_ascii(ascii, len, ret);
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool parse_port(const uint8_t *p, size_t len, uint16_t *ret)
{
	unsigned v = 0;
	for (size_t i = 0; i < len; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		v = v * 10 + (p[i] - '0');
		if (v > UINT16_MAX)
			return false;
	}
	*ret = (uint16_t)v;
	return true;
}

enum name_error name_split_authority(const uint8_t *p, size_t len, struct span *ret_host, uint16_t *ret_port)
{
	uint16_t port = 0;
	while (len && is_blank(p[len - 1]))
		len--;
	for (; len && is_blank(*p); p++)
		len--;
	const uint8_t *at = len ? memrchr(p, '@', len) : NULL;
	if (at) {
		len -= (size_t)(at + 1 - p);
		p = at + 1;
	}
	if (!len)
		return NAME_EMPTY;
	/* The port's colon is the last one: after the bracket of an IPv6 address, or the only one. */
	const uint8_t *bracket = *p == '[' ? memchr(p, ']', len) : NULL;
	const uint8_t *colon = memrchr(p, ':', len);
	if (colon && *p == '[' && (!bracket || colon < bracket))
		colon = NULL;
	if (colon && !bracket && memchr(p, ':', (size_t)(colon - p)))
		colon = NULL;
	if (colon && bracket && colon != bracket + 1)
		return NAME_BAD_ADDR;
	if (colon && !parse_port(colon + 1, (size_t)(p + len - colon - 1), &port))
		return NAME_BAD_PORT;
	*ret_host = (struct span){p, colon ? (size_t)(colon - p) : len};
	*ret_port = port;
	return NAME_OK;
}

enum name_error name_from_authority(const uint8_t *p, size_t len, struct name *ret, uint16_t *ret_port)
{
	struct span host;
	uint16_t port;
	enum name_error e = name_split_authority(p, len, &host, &port);
	if (!e)
		e = name_canonical(host.p, host.len, ret);
	if (!e)
		*ret_port = port;
	return e;
}

const char *name_strerror(enum name_error e)
{
	static const char *const sentences[] = {
	    [NAME_OK] = "the name is well formed",
	    [NAME_EMPTY] = "there is no name",
	    [NAME_TOO_LONG] = "a label is longer than 63 bytes or the name longer than 253",
	    [NAME_BAD_BYTE] = "a byte that no host name holds",
	    [NAME_BAD_LABEL] = "an empty label (two dots in a row, or one in front)",
	    [NAME_BAD_IDN] = "not a valid internationalised name (IDNA2008, UTS 46)",
	    [NAME_BAD_ADDR] = "looks like an address and is not one",
	    [NAME_BAD_PORT] = "the port is not a number from 0 to 65535",
	};
	return (unsigned)e < sizeof(sentences) / sizeof(*sentences) ? sentences[e] : "unknown error";
}
