/* SPDX-License-Identifier: BSD-3-Clause */
#include <malloc.h>
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

static void wipe_and_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

void rpc_wipe_freed(void)
{
	json_set_alloc_funcs(malloc, wipe_and_free);
}
