/* SPDX-License-Identifier: BSD-3-Clause */
/* csv: fields and records of RFC 4180.
 *
 * Model:    a field is quoted where it holds a comma, a quote, CR or LF, quotes doubled; a record ends in CRLF. What a spreadsheet would run as a
 *           formula (a text that begins with = + - @, a tab or CR) gets an apostrophe in front. UTF-8; what is none is U+FFFD.
 */
#ifndef CONTROL_REPORT_CSV_H
#define CONTROL_REPORT_CSV_H

#include <stdint.h>
#include <stdio.h>

/* text NULL: an empty field. */
void csv_text(FILE *out, const char *text);
void csv_record(FILE *out, const char *const *fields, unsigned n);

#endif
