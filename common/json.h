/* SPDX-License-Identifier: BSD-3-Clause */
/* json: strings for JSON output and for terminals, from bytes of unknown origin.
 *
 * Model:    what is not well-formed UTF-8 text is escaped, so that output is always valid and never moves a cursor.
 */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stdio.h>

/* A quoted JSON string; a byte outside UTF-8 becomes U+FFFD. */
void json_string(FILE *out, const char *text);
/* The text for a terminal: control characters and bytes outside UTF-8 as \xHH. */
void json_print_plain(FILE *out, const char *text);

#endif
