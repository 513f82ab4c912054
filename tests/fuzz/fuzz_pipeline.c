/* SPDX-License-Identifier: BSD-3-Clause */
/* The input is frames: a byte (its low bits the link, its high bits how far the clock goes on), two bytes of length, the frame.
 * Whatever they are, verdicts, hits and answers stay within bounds, and without a hit nothing is injected. */
#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "dataplane/core/answer_page.h"
#include "dataplane/core/decode.h"
#include "dataplane/core/pipeline.h"
#include "rules/compile.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static const char list[] =
    "blocked.example\n=host.test\nhttp://shop.test/a*\n/evil[0-9]+/\nads*.test.example\n192.0.2.66\n"
    "2001:db8:bad::/48\n!ok.blocked.example\n";
static struct ruleset *rules;
static struct ruleset_scratch *scratch;
static struct page_set *pages;

static void require(int ok)
{
	if (!ok)
		abort();
}

static void start(void)
{
	static const uint8_t key[16] = {1};
	struct compiler *c;
	void *image;
	size_t bytes = 0;
	require(!compiler_new(key, &c, NULL));
	FILE *f = fmemopen((void *)(uintptr_t)list, sizeof(list) - 1, "r");
	require(f && !compiler_add_list(c, f, "fuzz.txt", NULL) && !compiler_build(c, &image, &bytes, NULL));
	fclose(f);
	compiler_free(c);
	require(!ruleset_over(image, bytes, &rules, NULL) && !ruleset_scratch_new(rules, &scratch, NULL));
	require(!page_set_new(NULL, &pages, NULL));
}

static struct pipeline *new_pipeline(uint8_t how)
{
	struct pipeline_config cfg = pipeline_config_default;
	struct pipeline *p;
	cfg.flows = 64;
	cfg.small = 8;
	cfg.medium = 2;
	cfg.large = 1;
	cfg.fragments = 4;
	cfg.http2 = 2;
	cfg.checksums = CHECKSUM_POLICY_IGNORE;
	cfg.monitor = how & 1;
	cfg.closed = how & 2 ? ~0u : 0;
	cfg.pages = pages;
	cfg.secret[0] = 7;
	require(!pipeline_new(&cfg, &p, NULL));
	pipeline_set_ruleset(p, rules, scratch);
	return p;
}

static unsigned take_frames(const uint8_t **p, size_t *len, struct packet *pkts, uint64_t *now_ns)
{
	unsigned n = 0;
	while (*len >= 3 && n < 8) {
		uint8_t how = (*p)[0];
		size_t bytes = be16(*p + 1);
		*p += 3;
		*len -= 3;
		if (bytes > *len)
			bytes = *len;
		pkts[n++] =
		    (struct packet){.data = *p, .len = (uint32_t)bytes, .link = (uint8_t)(how % LINK_N)};
		*now_ns += (uint64_t)(how >> 3) << 28;
		*p += bytes;
		*len -= bytes;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct packet pkts[8];
	uint64_t now_ns = 1;
	unsigned n;
	if (!rules)
		start();
	bool monitor = len && p[0] & 1;
	struct pipeline *pipe = new_pipeline(len ? p[0] : 0);
	while ((n = take_frames(&p, &len, pkts, &now_ns))) {
		const struct pipeline_out *out = pipeline_burst(pipe, pkts, n, now_ns);
		require(out->n_hits <= PIPELINE_HITS && out->n_answers <= PIPELINE_ANSWERS);
		require(out->n_decided <= PIPELINE_BURST);
		for (unsigned i = 0; i < n; i++)
			require(pkts[i].verdict == VERDICT_PASS ||
				(pkts[i].verdict == VERDICT_DROP && !monitor));
		for (unsigned i = 0; i < out->n_hits; i++)
			require(out->hits[i].packet < n && out->hits[i].rule.is_set);
		for (unsigned i = 0; i < out->n_answers; i++)
			require(out->answers[i].packet < n && out->answers[i].len <= 2048);
	}
	pipeline_free(pipe);
	return 0;
}
