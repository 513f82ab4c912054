/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/report/csv.h"

#include <string.h>

#include "common/utf8.h"

void csv_text(FILE *out, const char *text)
{
	const uint8_t *p = (const uint8_t *)(text ? text : ""), *end = p + strlen((const char *)p);
	bool quoted = strpbrk((const char *)p, ",\"\r\n") != NULL;
	if (quoted)
		fputc('"', out);
	if (*p && strchr("=+-@\t\r", *p))
		fputc('\'', out);
	while (p < end) {
		size_t n = utf8_sequence(p, (size_t)(end - p));
		if (*p == '"')
			fputs("\"\"", out);
		else if (n)
			fwrite(p, 1, n, out);
		else
			fputs("\xef\xbf\xbd", out);
		p += n ? n : 1;
	}
	if (quoted)
		fputc('"', out);
}

void csv_record(FILE *out, const char *const *fields, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (i)
			fputc(',', out);
		csv_text(out, fields[i]);
	}
	fputs("\r\n", out);
}
