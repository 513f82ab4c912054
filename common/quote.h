/* SPDX-License-Identifier: BSD-3-Clause */
/* quote: strings for JSON output and for terminals, from bytes of unknown origin.
 *
 * Model:    what is not well-formed UTF-8 text is escaped, so that output is always valid and never moves a cursor.
 */
#ifndef COMMON_QUOTE_H
#define COMMON_QUOTE_H

#include <stddef.h>
#include <stdio.h>

/* A quoted JSON string; a byte outside UTF-8 becomes U+FFFD. */
void quote_json(FILE *out, const char *text);
/* The text for a terminal: control characters and bytes outside UTF-8 as \xHH. */
void quote_plain(FILE *out, const char *text);
/* The same in a buffer of cap bytes, cut where it does not fit. */
void quote_into(char *to, size_t cap, const char *text);

#endif
