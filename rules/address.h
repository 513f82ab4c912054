/* SPDX-License-Identifier: BSD-3-Clause */
/* address: IPv4 and IPv6 literals, in every spelling that clients resolve.
 *
 * Model:    16 bytes, IPv4 as ::ffff:a.b.c.d. Spellings as the WHATWG URL standard reads them ("host
 *           parsing"), text as RFC 5952 writes it.
 * Threads:  any.
 * Errors:   false, with the output untouched.
 * Cost:     one pass, no heap.
 */
#ifndef RULES_ADDRESS_H
#define RULES_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADDRESS_TEXT_MAX 40 /* "ffff:...:ffff" and a NUL */

/* Whether the last label of a lower-case name without a trailing dot is a number ("7", "0x1f"): such a name
 * is an IPv4 address or nothing. */
bool address_ends_numeric(const uint8_t *p, size_t len);

/* One to four lower-case numbers: decimal, octal ("0300") or hexadecimal ("0xc0"), the last filling what is
 * left. */
bool address_parse4(const uint8_t *p, size_t len, uint8_t ret[16]);

/* RFC 4291 2.2, without brackets; a zone ("%eth0") is dropped. */
bool address_parse6(const uint8_t *p, size_t len, uint8_t ret[16]);

/* Whether the 16 bytes are an IPv4 address. */
bool address_is4(const uint8_t addr[16]);

/* Writes "192.0.2.1" or "2001:db8::1" and a NUL; returns the length. */
size_t address_format(const uint8_t addr[16], char ret[ADDRESS_TEXT_MAX]);

#endif
