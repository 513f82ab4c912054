/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/quote.h"

#include <string.h>

#include "common/utf8.h"

/* Bytes of the character at p that may be printed as they are, 0 where it must be escaped. */
static size_t printable(const uint8_t *p, size_t len)
{
	size_t n = utf8_sequence(p, len);
	return n && utf8_is_text(p, n) ? n : 0;
}

void quote_json(FILE *out, const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	fputc('"', out);
	for (size_t len = strlen(text), n; len; p += n, len -= n) {
		n = printable(p, len);
		if (n && *p != '"' && *p != '\\') {
			fwrite(p, 1, n, out);
			continue;
		}
		n = n ? n : utf8_sequence(p, len);
		if (*p == '"' || *p == '\\')
			fprintf(out, "\\%c", *p);
		else if (n == 1)
			fprintf(out, "\\u%04x", *p);
		else if (n == 2) /* U+0080 to U+009F */
			fprintf(out, "\\u%04x", (p[0] & 0x1f) << 6 | (p[1] & 0x3f));
		else
			fputs("\\ufffd", out);
		n = n ? n : 1;
	}
	fputc('"', out);
}

void quote_plain(FILE *out, const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	for (size_t len = strlen(text), n; len; p += n, len -= n) {
		n = printable(p, len);
		if (n)
			fwrite(p, 1, n, out);
		else
			fprintf(out, "\\x%02x", *p);
		n = n ? n : 1;
	}
}

void quote_into(char *to, size_t cap, const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t used = 0;
	for (size_t len = strlen(text), n; len; p += n, len -= n) {
		n = printable(p, len);
		if (used + (n ? n : 4) >= cap)
			break;
		if (n)
			memcpy(to + used, p, n);
		else
			snprintf(to + used, cap - used, "\\x%02x", *p);
		used += n ? n : 4;
		n = n ? n : 1;
	}
	to[used] = 0;
}
