/* SPDX-License-Identifier: BSD-3-Clause */
/* name: the one canonical form of a host name or address literal, for list entries and for the wire alike.
 *
 * Model:    lower-case A-labels without a trailing dot (UTS 46 non-transitional, IDNA2008, through libidn2),
 *           or an address in its 16-byte form. The same bytes give the same result wherever they come from.
 *           docs/lists.md is the specification, its vectors are the test.
 *           A name may hold any printable ASCII but # % / : < > ? @ [ \ ] ^ | (what browsers resolve, WHATWG
 *           URL): whoever prints it escapes it.
 * Owner:    results hold their text; nothing is borrowed.
 * Threads:  none kept; any thread.
 * Limits:   NAME_MAX_BYTES (RFC 1035 2.3.4), 63 bytes a label, NAME_MAX_LABELS; beyond them NAME_TOO_LONG.
 * Errors:   enum name_error; `ret` is untouched unless NAME_OK.
 * Cost:     one pass, no heap, for ASCII, "xn--" labels included: a valid one is its own canonical form, an
 *           invalid one is kept as it is, since the wire carries it so. Names with other bytes go through
 *           libidn2, which allocates and frees: the one exception to "no heap in the packet path".
 */
#ifndef RULES_NAME_H
#define RULES_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/span.h"

#define NAME_MAX_BYTES	253
#define NAME_MAX_LABELS 127

enum name_kind { NAME_DNS, NAME_IPV4, NAME_IPV6 };

enum name_error {
	NAME_OK,
	NAME_EMPTY,
	NAME_TOO_LONG,	/* a label over 63 bytes, a name over 253 */
	NAME_BAD_BYTE,	/* a byte no host name holds: space, control, '/', '%', '@' ... */
	NAME_BAD_LABEL, /* an empty label, as in "a..b" */
	NAME_BAD_IDN,	/* not valid under IDNA2008/UTS 46 */
	NAME_BAD_ADDR,	/* looks like an address (last label numeric, or brackets) and is not one */
	NAME_BAD_PORT,
};

struct name {
	uint8_t kind;	  /* enum name_kind */
	uint8_t len;	  /* of text, without its NUL */
	uint8_t addr[16]; /* NAME_IPV4 as ::ffff:a.b.c.d, NAME_IPV6 as it is; for NAME_DNS unset */
	char text[NAME_MAX_BYTES + 3]; /* canonical: "name.test", "192.0.2.1", "[2001:db8::1]" */
};

/* Canonicalises len bytes: a host name in any IDN form, or an address literal in any spelling that clients
 * resolve (dotted, octal, hex and short IPv4 as inet_aton and the WHATWG URL standard read them; IPv6 with or
 * without brackets and zone, IPv4-mapped is IPv4). One trailing dot is dropped; underscores are allowed. No
 * port. */
enum name_error name_canonical(const uint8_t *p, size_t len, struct name *ret);

/* The same for "host[:port]" as in an HTTP Host field or authority (RFC 9110 7.2): also drops userinfo
 * ("u:p@") and surrounding spaces, tabs and line breaks (obs-fold). *ret_port is 0 where none is given. */
enum name_error name_from_authority(const uint8_t *p, size_t len, struct name *ret, uint16_t *ret_port);

/* Takes such an authority apart; the host is not yet judged. */
enum name_error name_split_authority(const uint8_t *p, size_t len, struct span *ret_host, uint16_t *ret_port);

/* One sentence for a person: "a label is longer than 63 bytes". */
const char *name_strerror(enum name_error e);

#endif
