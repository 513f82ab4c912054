/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "common/rpc.h"
#include "common/utf8.h"

json_t *rpc_u64(uint64_t v)
{
	return json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v);
}

json_t *rpc_string(const char *text)
{
	json_t *s = json_string(text);
	char *clean = s ? NULL : strdup(text);
	if (!clean)
		return s;
	for (size_t at = 0, len = strlen(clean), n; at < len; at += n ? n : 1) {
		n = utf8_sequence((const uint8_t *)clean + at, len - at);
		if (!n)
			clean[at] = '?';
	}
	s = json_string(clean);
	free(clean);
	return s;
}
