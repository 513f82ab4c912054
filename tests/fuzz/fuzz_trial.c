/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_trial: lines of a digit (a protocol) and a text: refused, or frames that the pipeline judges as the ruleset judges the name, URL or
 * address itself. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/core/decode.h"
#include "dataplane/core/trial.h"
#include "rules/compile.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static const char list[] = "name.test\n=host.test\n!a.name.test\nhost.test/a\nhost.test/b*\n203.0.113.0/25\n";

static struct pipeline *pipeline;
static struct trial_batch *batch;
static struct ruleset *rules;
static struct ruleset_scratch *scratch;

static void begin(void)
{
	static const uint8_t key[16] = {1};
	struct compiler *c;
	struct err e;
	void *image;
	size_t bytes;
	FILE *f = fmemopen((void *)(uintptr_t)list, sizeof(list) - 1, "rb");
	if (!f || compiler_new(key, &c, &e) || compiler_add_list(c, f, "fuzz", &e) ||
	    compiler_build(c, &image, &bytes, &e) || ruleset_over(image, bytes, &rules, &e) ||
	    ruleset_scratch_new(rules, &scratch, &e) || trial_batch_new(&batch, &e))
		abort();
	fclose(f);
	compiler_free(c);
}

/* A name in TLS, QUIC or DNS, as the ruleset says of it. */
static void check_name(struct span text, const struct trial_answer *a)
{
	struct name n;
	struct match m;
	if (name_canonical(text.p, text.len, &n) != NAME_OK || n.kind != NAME_DNS)
		return;
	ruleset_match_name(rules, scratch, &n, &m);
	if (a->outcome == TRIAL_HIT)
		assert(m.block && m.rule.line == a->line);
	else
		assert(a->dropped == false);
}

static void one(uint8_t digit, struct span text)
{
	struct err e = {""};
	struct trial_answer a;
	enum try_proto proto = (enum try_proto)(digit % TRY_PROTOS_N);
	unsigned before = batch->n;
	if (trial_add(batch, proto, text, &e)) {
		assert(e.text[0] && batch->n == before);
		return;
	}
	const struct trial_request *r = &batch->requests[before];
	for (unsigned k = 0; k < r->n; k++) {
		struct decoded d;
		const struct trial_frame *f = &batch->frames[r->from + k];
		assert(f->at + f->len <= TRIAL_ROOM);
		decode(batch->room + f->at, f->len, LINK_ETHERNET, &d);
		assert(d.kind == DECODE_TCP || d.kind == DECODE_UDP);
	}
	trial_judge(pipeline, batch, before, 1, &a);
	assert(a.outcome < TRIAL_OUTCOMES_N && a.outcome != TRIAL_UNJUDGED);
	if (proto == TRY_TLS || proto == TRY_QUIC)
		check_name(text, &a);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;
	struct err e;
	if (!rules)
		begin();
	if (trial_pipeline_new(&pipeline_config_default, &pipeline, &e))
		abort();
	pipeline_set_ruleset(pipeline, rules, scratch);
	trial_reset(batch, rules);
	while (p < end) {
		const uint8_t *newline = memchr(p, '\n', (size_t)(end - p)), *stop = newline ? newline : end;
		if (stop > p)
			one(*p, (struct span){p + 1, (size_t)(stop - p) - 1});
		p = stop + 1;
	}
	pipeline_free(pipeline);
	return 0;
}
