/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/pipeline_fixture.h"

/* A frame that meets a limit, and what else it takes. */
static enum verdict meet_no_ruleset(void)
{
	pipeline_set_ruleset(p, NULL, NULL);
	return client(1, SYN, 99, NULL, 0);
}

static enum verdict meet_bad_frame(void)
{
	struct frame f = frame_tcp(1, false, ACK, 100, 5000, "x", 1);
	f.bytes[14] = 0x42; /* an IPv4 header of 8 bytes */
	return give(f);
}

static enum verdict meet_fragment(void)
{
	struct frame f = frame_udp(1, 2, false, "xxxxxxxxxxxxxxxxxxxxxxxx", 24);
	f.bytes[14 + 6] = 0x20; /* more fragments */
	f.len -= 8;		/* cut short: fewer bytes than its header says */
	return give(f);
}

static enum verdict meet_flows(void)
{
	enum verdict v = VERDICT_PASS;
	for (unsigned i = 0; i < 3000 && v == VERDICT_PASS && !count()->flows_evicted; i++)
		v = client((uint16_t)(1000 + i), SYN, 99, NULL, 0);
	return v;
}

static enum verdict meet_streams(void)
{
	enum verdict v = VERDICT_PASS;
	size_t n = hello_build("www.other.example", 1500, false, hello);
	for (uint16_t port = 1; port < 400; port++) { /* more halves of hellos than buffers */
		client(port, SYN, 99, NULL, 0);
		client(port, ACK, 100, hello, n / 2);
	}
	for (uint16_t port = 1; port < 400 && v == VERDICT_PASS; port++)
		v = client(port, ACK, 100 + (uint32_t)(n / 2), hello + n / 2, n - n / 2);
	return v;
}

static enum verdict meet_message(void)
{
	size_t n = hello_build("www.other.example", 0, false, hello);
	client(1, SYN, 99, NULL, 0);
	hello[43] = 200; /* a session id of 200 bytes */
	return client(1, ACK, 100, hello, n);
}

static const struct {
	enum pipeline_limit limit;
	enum verdict (*meet)(void);
} limits[] = {
    {PIPELINE_LIMIT_NO_RULESET, meet_no_ruleset}, {PIPELINE_LIMIT_BAD_FRAME, meet_bad_frame},
    {PIPELINE_LIMIT_FRAGMENT, meet_fragment},	  {PIPELINE_LIMIT_FLOWS, meet_flows},
    {PIPELINE_LIMIT_STREAMS, meet_streams},	  {PIPELINE_LIMIT_MESSAGE, meet_message},
};
_Static_assert(sizeof(limits) / sizeof(*limits) == PIPELINE_LIMITS_N, "a row a limit");

static void open_small(unsigned closed, bool monitor)
{
	struct pipeline_config cfg = pipeline_config_default;
	cfg.flows = 1024;
	cfg.small = 64;
	cfg.medium = cfg.large = 16;
	cfg.closed = closed;
	cfg.monitor = monitor;
	open_with(cfg);
}

static void test_pipeline_limits_fail_open_or_closed_as_configured(void)
{
	for (unsigned i = 0; i < PIPELINE_LIMITS_N; i++) {
		unsigned bit = 1u << limits[i].limit;
		open_small(0, false);
		CU_ASSERT_EQUAL(limits[i].meet(), VERDICT_PASS);
		CU_ASSERT_EQUAL(count()->limit_drops, 0);
		close_all();
		open_small(~bit, false); /* the others do not matter */
		CU_ASSERT_EQUAL(limits[i].meet(), VERDICT_PASS);
		close_all();
		open_small(bit, true);
		CU_ASSERT_EQUAL(limits[i].meet(), VERDICT_PASS);
		close_all();
		open_small(bit, false);
		CU_ASSERT_EQUAL(limits[i].meet(), VERDICT_DROP);
		CU_ASSERT_TRUE(count()->dropped > 0);
		CU_ASSERT_EQUAL(out->n_hits, 0);
		close_all();
	}
}

static void test_pipeline_blocks_what_follows_a_refused_message(void)
{
	open_small(1u << PIPELINE_LIMIT_MESSAGE, false);
	CU_ASSERT_EQUAL(meet_message(), VERDICT_DROP);
	CU_ASSERT_EQUAL(client(1, ACK, 700, "more", 4), VERDICT_DROP);
	CU_ASSERT_EQUAL(client(2, SYN, 99, NULL, 0), VERDICT_PASS);
	size_t n = hello_build("www.other.example", 0, false, hello);
	CU_ASSERT_EQUAL(client(2, ACK, 100, hello, n), VERDICT_PASS);
	close_all();
}

static const struct test tests[] = {
    TEST(test_pipeline_limits_fail_open_or_closed_as_configured),
    TEST(test_pipeline_blocks_what_follows_a_refused_message),
};

HARNESS_MAIN("pipeline_limits", tests)
