/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/url.h"

enum name_error url_from_text(const uint8_t *p, size_t len, struct url *ret)
{
	(void)p;
	(void)len;
	(void)ret;
	return NAME_BAD_BYTE;
}
