/* SPDX-License-Identifier: BSD-3-Clause */
#include "perf/gen_names.h"

#include <stdbool.h>
#include <stdio.h>

#include "perf/gen.h"

#define CORES 100000000u /* what four syllables can count */

static const char *const subs[] = {"www", "m",	 "cdn",	 "img",	  "video", "static", "files", "forum",
				   "s3",  "a1",	 "live", "play",  "shop",  "api",    "media", "de-1",
				   "go",  "app", "news", "track", "eu",	   "mail",   "ads",   "beta"};
static const char *const ends[] = {"",	     "",       "",    "",	"-shop", "bet", "24",
				   "-games", "stream", "-tv", "casino", "hub",	 "365", "-media"};
static const char *const tops[] = {"test", "example"};
#define N(a) (sizeof(a) / sizeof(*(a)))

struct parts {
	unsigned labels; /* 2 to 4 */
	const char *sub[2], *end, *top, *other_top;
	char core[9];
};

/* i to eight letters, one to one: a permutation of [0, CORES), then four syllables of a hundred. */
static void core_of(const struct gen_names *n, uint32_t i, char core[9])
{
	static const char consonants[] = "bcdfghjklmnpqrstvwyz", vowels[] = "aeiou";
	uint64_t v = (i * (uint64_t)48271 + n->seed % CORES) % CORES;
	for (unsigned k = 0; k < 8; k += 2, v /= 100) {
		core[k] = consonants[v % 100 / 5];
		core[k + 1] = vowels[v % 5];
	}
	core[8] = 0;
}

static void parts_of(const struct gen_names *n, uint32_t i, struct parts *p)
{
	uint64_t h = gen_mix(n->seed ^ i);
	p->labels = h % 8 < 4 ? 2 : h % 8 < 7 ? 3 : 4;
	p->sub[0] = subs[(h >> 8) % N(subs)];
	p->sub[1] = subs[(h >> 16) % N(subs)];
	p->end = ends[(h >> 24) % N(ends)];
	p->top = tops[(h >> 40) & 1];
	p->other_top = tops[~(h >> 40) & 1];
	core_of(n, i, p->core);
}

size_t gen_name(const struct gen_names *n, uint32_t i, enum gen_look look, char ret[GEN_NAME_MAX])
{
	uint32_t beside = n->n + i % (CORES - GEN_NAMES_MAX);
	struct parts p;
	parts_of(n, look == LOOK_UNLISTED ? beside : i, &p);
	if (look == LOOK_SIBLING && p.labels > 2)
		p.sub[0] = p.sub[0] == subs[0] ? subs[1] : subs[0];
	else if (look == LOOK_SIBLING || (look == LOOK_PARENT && p.labels == 2))
		core_of(n, beside, p.core);
	else if (look == LOOK_PARENT)
		p.labels = 2;
	const char *first = look == LOOK_BELOW ? "www." : look == LOOK_X ? "x" : "";
	const char *top = look == LOOK_OTHER_TOP ? p.other_top : p.top;
	bool two = p.labels == 4, one = p.labels > 2;
	return (size_t)snprintf(ret, GEN_NAME_MAX, "%s%s%s%s%s%s%s.%s%s", first, one ? p.sub[0] : "",
				one ? "." : "", two ? p.sub[1] : "", two ? "." : "", p.core, p.end, top,
				look == LOOK_GOES_ON ? ".example" : "");
}
