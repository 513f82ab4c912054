/* SPDX-License-Identifier: BSD-3-Clause */
/* The input is an Accept-Language value, a NUL, and a template. */
#include <stdlib.h>
#include <string.h>

#include "rules/page_template.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct page_set ps;
	const uint8_t *nul = memchr(p, 0, len);
	size_t n = nul ? (size_t)(nul - p) : len;
	struct err e;
	if (page_language((struct span){p, n}, "mk") > 3)
		abort();
	if (!nul)
		return 0;
	memset(&ps, 0, sizeof(ps));
	page_template_parse("fuzz", (const char *)nul + 1, len - n - 1, &ps, &e);
	for (unsigned i = 0; i < PAGE_LANGUAGES; i++) {
		for (unsigned k = 0; k < ps.language[i].n; k++)
			if (ps.language[i].part[k].text.p + ps.language[i].part[k].text.len > p + len)
				abort();
		free(ps.language[i].part);
	}
	return 0;
}
