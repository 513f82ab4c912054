/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/safety/suffix.h"

#include <libpsl.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "rules/name.h"

static const psl_ctx_t *list;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
	list = psl_latest(NULL);
	if (!list)
		list = psl_builtin();
}

/* Where nobody but the network itself answers. Not .test, .example and .invalid: the authorities' test entries are there. */
static const char *const special[] = {"localhost", "local", "arpa", "internal", "onion"};

static bool ends_in(const char *name, size_t len, const char *suffix)
{
	size_t n = strlen(suffix);
	return len >= n && !memcmp(name + len - n, suffix, n) && (len == n || name[len - n - 1] == '.');
}

enum suffix suffix_of(const char *name, size_t len)
{
	char text[NAME_MAX_BYTES + 1];
	unsigned dots = 0;
	for (size_t i = 0; i < len; i++)
		dots += name[i] == '.';
	for (unsigned i = 0; i < sizeof(special) / sizeof(*special); i++)
		if (ends_in(name, len, special[i]))
			return SUFFIX_SPECIAL;
	if (!dots)
		return SUFFIX_TOP;
	if (dots > 6 || len >= sizeof(text)) /* no suffix has more labels */
		return SUFFIX_NONE;
	memcpy(text, name, len);
	text[len] = 0;
	pthread_once(&once, load);
	if (!psl_is_public_suffix2(list, text, PSL_TYPE_ANY))
		return SUFFIX_NONE;
	return psl_is_public_suffix2(list, text, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) ? SUFFIX_PUBLIC
											 : SUFFIX_HOSTING;
}
