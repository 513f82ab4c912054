/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/pipeline_fixture.h"

struct fixture rules;
struct page_set *pages;
struct pipeline *p;
const struct pipeline_out *out;
uint8_t hello[4096];

static const char list[] =
    "#! appeal: https://appeal.example/\nblocked.example\nhttp://shop.test/bad\n203.0.113.0/24\n";

void open_with(struct pipeline_config cfg)
{
	struct err e;
	fixture_open_one(&rules, list);
	CU_ASSERT_EQUAL_FATAL(page_set_new(NULL, &pages, &e), 0);
	cfg.pages = pages;
	CU_ASSERT_EQUAL_FATAL(pipeline_new(&cfg, &p, &e), 0);
	pipeline_set_ruleset(p, rules.rs, rules.s);
}

void open_default(void)
{
	struct pipeline_config cfg = pipeline_config_default;
	cfg.flows = 1024;
	open_with(cfg);
}

void close_all(void)
{
	pipeline_free(p);
	page_set_free(pages);
	fixture_close(&rules);
}

enum verdict give_at(struct frame f, uint64_t now_ns)
{
	struct packet pkt = {.data = f.bytes, .len = f.len, .link = LINK_ETHERNET};
	out = pipeline_burst(p, &pkt, 1, now_ns);
	return (enum verdict)pkt.verdict;
}

enum verdict give(struct frame f)
{
	return give_at(f, 1);
}

enum verdict client(uint16_t port, uint8_t flags, uint32_t seq, const void *data, size_t len)
{
	return give(frame_tcp(port, false, flags, seq, 5000, data, len));
}

enum verdict server(uint16_t port, uint8_t flags, uint32_t ack)
{
	return give(frame_tcp(port, true, flags, 5000, ack, NULL, 0));
}

const struct counters *count(void)
{
	return pipeline_counters(p);
}
