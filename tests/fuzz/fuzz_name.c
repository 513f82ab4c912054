/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_name: a canonical name is its own canonical form, holds only what name.h promises and fits its limits.
 */
#include <assert.h>
#include <string.h>

#include "rules/address.h"
#include "rules/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void check_dns(const struct name *n)
{
	assert(n->len <= NAME_MAX_BYTES && !strpbrk(n->text, "#%/:<>?@[\\]^|"));
	size_t label = 0;
	for (size_t i = 0; i <= n->len; i++) {
		if (n->text[i] != '.' && n->text[i]) {
			assert(n->text[i] > ' ' && n->text[i] <= '~' &&
			       !(n->text[i] >= 'A' && n->text[i] <= 'Z'));
			label++;
			continue;
		}
		assert(label && label <= 63);
		label = 0;
	}
}

static void check(const struct name *n)
{
	struct name again;
	assert(n->len == strlen(n->text));
	assert(name_canonical((const uint8_t *)n->text, n->len, &again) == NAME_OK);
	assert(again.kind == n->kind && !strcmp(again.text, n->text));
	if (n->kind == NAME_DNS)
		check_dns(n);
	else
		assert(!memcmp(again.addr, n->addr, 16) && address_is4(n->addr) == (n->kind == NAME_IPV4));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct name n, from_authority;
	uint16_t port;
	if (name_from_authority(p, len, &from_authority, &port) == NAME_OK)
		check(&from_authority);
	if (name_canonical(p, len, &n) != NAME_OK)
		return 0;
	check(&n);
	/* What is a name is an authority that gives the same. */
	assert(name_from_authority(p, len, &from_authority, &port) == NAME_OK || memchr(p, ':', len));
	return 0;
}
