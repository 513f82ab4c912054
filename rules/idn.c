/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/idn.h"

#include <idn2.h>
#include <string.h>

/* Bytes of the dot at p, 0 where there is none. */
static size_t dot_bytes(const uint8_t *p, size_t len)
{
	static const uint8_t wide_dots[][3] = {
	    {0xe3, 0x80, 0x82}, /* U+3002 */
	    {0xef, 0xbc, 0x8e}, /* U+FF0E */
	    {0xef, 0xbd, 0xa1}, /* U+FF61 */
	};
	if (p[0] == '.')
		return 1;
	for (size_t i = 0; len >= 3 && i < sizeof(wide_dots) / sizeof(*wide_dots); i++)
		if (!memcmp(p, wide_dots[i], 3))
			return 3;
	return 0;
}

static enum name_error append(uint8_t *out, size_t *at, const void *p, size_t len)
{
	if (len > IDN_OUTPUT_MAX - *at)
		return NAME_TOO_LONG;
	if (len)
		memcpy(out + *at, p, len);
	*at += len;
	return NAME_OK;
}

static enum name_error append_label(const uint8_t *p, size_t len, uint8_t *out, size_t *at)
{
	bool ascii = true;
	for (size_t i = 0; i < len; i++)
		ascii &= p[i] < 0x80;
	if (ascii)
		return append(out, at, p, len);

	uint8_t label[IDN_INPUT_MAX + 1], *a = NULL;
	if (memchr(p, 0, len))
		return NAME_BAD_IDN;
	memcpy(label, p, len);
	label[len] = 0;
	int rc = idn2_lookup_u8(label, &a, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc == IDN2_TOO_BIG_LABEL || rc == IDN2_TOO_BIG_DOMAIN)
		return NAME_TOO_LONG;
	if (rc != IDN2_OK)
		return NAME_BAD_IDN;
	enum name_error e = append(out, at, a, strlen((const char *)a));
	idn2_free(a);
	return e;
}

enum name_error idn_to_ascii(const uint8_t *p, size_t len, uint8_t ret[IDN_OUTPUT_MAX], size_t *ret_len)
{
	if (len > IDN_INPUT_MAX)
		return NAME_TOO_LONG;
	size_t at = 0, start = 0, dot = 0;
	for (size_t i = 0; i <= len; i += dot ? dot : 1) {
		dot = i < len ? dot_bytes(p + i, len - i) : 0;
		if (i < len && !dot)
			continue;
		enum name_error e = append_label(p + start, i - start, ret, &at);
		if (!e && dot)
			e = append(ret, &at, ".", 1);
		if (e)
			return e;
		start = i + dot;
	}
	*ret_len = at;
	return NAME_OK;
}
