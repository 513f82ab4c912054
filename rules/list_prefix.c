/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "rules/address.h"
#include "rules/list_entry.h"

static const uint8_t all_ipv4[16] = {[10] = 0xff, [11] = 0xff};

/* The address spelled the one way that everybody reads alike: four decimal numbers, or IPv6 without brackets.
 */
static bool parse_strict(struct span s, uint8_t ret[16])
{
	char text[INET6_ADDRSTRLEN];
	struct in_addr a4;
	if (!s.len || s.len >= sizeof(text))
		return false;
	memcpy(text, s.p, s.len);
	text[s.len] = 0;
	if (inet_pton(AF_INET, text, &a4) == 1) {
		memcpy(ret, all_ipv4, 12);
		memcpy(ret + 12, &a4, 4);
		return true;
	}
	return address_parse6(s.p, s.len, ret);
}

static bool is_number(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.len > 0;
}

static bool looks_ipv4(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] != '.' && !(s.p[i] >= '0' && s.p[i] <= '9'))
			return false;
	return s.len > 0;
}

static bool split_slash(struct span s, struct span *ret_left, struct span *ret_right)
{
	const uint8_t *slash = memchr(s.p, '/', s.len);
	if (!slash)
		return false;
	*ret_left = (struct span){s.p, (size_t)(slash - s.p)};
	*ret_right = (struct span){slash + 1, s.len - ret_left->len - 1};
	return true;
}

bool list_is_prefix(struct span s)
{
	struct span left, right;
	uint8_t addr[16];
	if (!split_slash(s, &left, &right))
		return false;
	if (is_number(right))
		return looks_ipv4(left) || parse_strict(left, addr) ||
		       (left.len && *left.p == '[' && left.p[left.len - 1] == ']');
	/* A netmask: 192.0.2.0/255.255.255.0 */
	return looks_ipv4(left) && parse_strict(left, addr) && looks_ipv4(right) && parse_strict(right, addr);
}

static bool has_bits_from(const uint8_t addr[16], unsigned bit)
{
	for (unsigned i = bit; i < 128; i++)
		if (addr[i / 8] & 0x80 >> i % 8)
			return true;
	return false;
}

static bool starts_alike(const uint8_t a[16], const uint8_t b[16], unsigned bits)
{
	for (unsigned i = 0; i < bits; i++)
		if ((a[i / 8] ^ b[i / 8]) & 0x80 >> i % 8)
			return false;
	return true;
}

static void set_prefix(struct url *u, struct list_entry *e, const uint8_t addr[16], unsigned len)
{
	bool is4 = address_is4(addr) && len >= 96;
	size_t n = address_format(addr, u->text);
	n += (size_t)sprintf(u->text + n, "/%u", is4 ? len - 96 : len);
	e->kind = RULE_PREFIX;
	e->prefix_len = (uint8_t)len;
	memcpy(e->addr, addr, 16);
	e->text = (struct span){(const uint8_t *)u->text, n};
}

static const char *parse_network(struct span left, struct span right, struct url *u, struct list_entry *e)
{
	uint8_t addr[16];
	unsigned len = 0;
	if (!is_number(right))
		return "a netmask: write the prefix length instead, as in 192.0.2.0/24";
	if (*left.p == '[')
		return "an address in brackets with a path or a prefix length: write 2001:db8::/32 for the network, "
		       "http://[2001:db8::]/32 for the URL";
	if (!parse_strict(left, addr))
		return "the network address is not complete: write all four numbers, as in 192.0.2.0/24";
	for (size_t i = 0; i < right.len && len <= 128; i++)
		len = len * 10 + (right.p[i] - '0');
	bool dotted = address_is4(addr) && !memchr(left.p, ':', left.len);
	if (len > (dotted ? 32 : 128))
		return "the prefix length is too large: at most 32 for IPv4, 128 for IPv6";
	if (!len)
		return "a prefix length of 0 is every address: write the networks that were ordered";
	len += dotted ? 96 : 0;
	if (has_bits_from(addr, len))
		return "bits are set behind the prefix length: write the network address (192.0.2.0/24), or the single "
		       "address without a length";
	if (len <= 96 && !dotted && starts_alike(addr, all_ipv4, len))
		return "this IPv6 prefix holds every IPv4-mapped address, which is all of IPv4: write the networks that were ordered";
	set_prefix(u, e, addr, len);
	return NULL;
}

static bool is_hex_spelled(struct span s)
{
	return memchr(s.p, 'x', s.len) || memchr(s.p, 'X', s.len);
}

const char *list_parse_prefix(struct span s, unsigned has, struct url *u, struct list_entry *e)
{
	struct span left, right;
	uint8_t addr[16];
	(void)has;
	if (split_slash(s, &left, &right))
		return parse_network(left, right, u, e);
	if (*s.p == '[' && s.p[s.len - 1] != ']')
		return "an address with a port is a URL: write http://[2001:db8::1]:8080/* for all of it, or leave the "
		       "port out";
	enum name_error err = name_canonical(s.p, s.len, &u->host);
	if (err)
		return list_name_error(err);
	/* 192.0.2.010 is 192.0.2.8 to a browser and 192.0.2.10 to its author; 10 is 0.0.0.10, or a number
	 * from a table. */
	if (u->host.kind == NAME_IPV4 && !parse_strict(s, addr) && !is_hex_spelled(s) &&
	    !memchr(s.p, ':', s.len))
		return "an address that can be read in two ways: write four decimal numbers without leading zeros, as in "
		       "192.0.2.1";
	set_prefix(u, e, u->host.addr, 128);
	return NULL;
}
