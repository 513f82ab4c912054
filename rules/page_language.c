/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <strings.h>

#include "rules/page.h"

#define MAX_RANGES 64

const char *const page_languages[PAGE_LANGUAGES] = {"sq", "en", "sr", "mk"};

/* Languages whose speakers read one of ours; they come behind an equal wish for one of ours. */
static const struct {
	char tag[3];
	uint8_t page;
} readers[] = {{"sq", 0}, {"en", 1}, {"sr", 2}, {"mk", 3}, {"bs", 2}, {"hr", 2}, {"sh", 2}};

/* "q=0.8" in thousandths; 1000 where there is none, 0 where it is malformed. */
static unsigned quality(const uint8_t *p, const uint8_t *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == ';'))
		p++;
	if (p == end)
		return 1000;
	if (end - p < 3 || (*p | 0x20) != 'q' || p[1] != '=' || (p[2] != '0' && p[2] != '1'))
		return 0;
	unsigned q = (p[2] - '0') * 1000u, unit = 100;
	p += 3;
	if (p < end && *p == '.')
		for (p++; p < end && *p >= '0' && *p <= '9'; p++, unit /= 10)
			q += (*p - '0') * unit;
	return q > 1000 ? 1000 : q;
}

static int page_of(const uint8_t *tag, size_t len)
{
	for (unsigned i = 0; i < sizeof(readers) / sizeof(*readers); i++)
		if (len >= 2 && !strncasecmp((const char *)tag, readers[i].tag, 2) &&
		    (len == 2 || tag[2] == '-'))
			return readers[i].page;
	return -1;
}

unsigned page_language(struct span accept_language, const char *def)
{
	int best = -1, fallback = page_of((const uint8_t *)def, strlen(def));
	unsigned best_q = 0;
	const uint8_t *p = accept_language.p, *end = p ? p + accept_language.len : NULL;
	for (unsigned n = 0; p < end && n < MAX_RANGES; n++) {
		const uint8_t *comma = memchr(p, ',', (size_t)(end - p)), *stop = comma ? comma : end,
			      *tag = p;
		while (tag < stop && (*tag == ' ' || *tag == '\t'))
			tag++;
		const uint8_t *tag_end = tag;
		while (tag_end < stop && *tag_end != ';' && *tag_end != ' ' && *tag_end != '\t')
			tag_end++;
		int page = page_of(tag, (size_t)(tag_end - tag));
		unsigned q = page < 0 ? 0 : quality(tag_end, stop);
		if (q > best_q) {
			best_q = q;
			best = page;
		}
		p = stop + 1;
	}
	if (best >= 0)
		return (unsigned)best;
	return fallback < 0 ? 0 : (unsigned)fallback;
}
