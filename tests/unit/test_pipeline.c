/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "dataplane/core/quic.h"
#include "tests/unit/pipeline_fixture.h"

static void test_pipeline_holds_only_the_last_piece_of_a_hello(void)
{
	open_default();
	size_t n = hello_build("www.blocked.example", 1700, false, hello);
	CU_ASSERT_EQUAL(client(1, SYN, 99, NULL, 0), VERDICT_PASS);
	CU_ASSERT_EQUAL(client(1, ACK, 100, hello, 1000), VERDICT_PASS);
	CU_ASSERT_EQUAL(out->n_hits, 0);
	CU_ASSERT_EQUAL(client(1, ACK, 1100, hello + 1000, n - 1000), VERDICT_DROP);
	CU_ASSERT_EQUAL(out->n_hits, 1);
	CU_ASSERT_EQUAL(out->hits[0].rule.line, 2);
	CU_ASSERT_EQUAL(out->n_answers, 3); /* alert, RST to the client, RST to the server */
	CU_ASSERT_FALSE(out->answers[0].forward);
	CU_ASSERT_TRUE(out->answers[2].forward);
	CU_ASSERT_EQUAL(client(1, ACK, 1100, hello + 1000, n - 1000), VERDICT_DROP);
	CU_ASSERT_EQUAL(out->n_hits, 0);
	close_all();
}

static void test_pipeline_passes_and_forgets_a_clean_hello(void)
{
	open_default();
	size_t n = hello_build("notblocked.example", 0, false, hello);
	client(1, SYN, 99, NULL, 0);
	server(1, SYN | ACK, 100);
	CU_ASSERT_EQUAL(client(1, ACK, 100, hello, n), VERDICT_PASS);
	CU_ASSERT_EQUAL(count()->tls_hellos, 1);
	CU_ASSERT_EQUAL(server(1, ACK, (uint32_t)(100 + n)), VERDICT_PASS);
	CU_ASSERT_EQUAL(client(1, ACK, (uint32_t)(100 + n), "\x17\x03\x03\x00\x01x", 6), VERDICT_PASS);
	CU_ASSERT_EQUAL(count()->hits, 0);
	CU_ASSERT_EQUAL(count()->dropped, 0);
	close_all();
}

static bool unsure_of(uint32_t flow)
{
	return out->n_decided == 1 && !out->decided[0].sure && out->decided[0].flow == flow;
}

static void test_pipeline_tells_decided_flows_only_where_sure(void)
{
	open_default();
	size_t n = hello_build("www.other.example", 0, false, hello);
	uint32_t flow;
	/* the server answered: decided; both directions have one number */
	client(1, SYN, 99, NULL, 0);
	server(1, SYN | ACK, 100);
	CU_ASSERT_EQUAL(client(1, ACK, 100, hello, n), VERDICT_PASS);
	CU_ASSERT_EQUAL_FATAL(out->n_decided, 1);
	CU_ASSERT_TRUE(out->decided[0].sure);
	flow = out->decided[0].flow;
	CU_ASSERT_EQUAL(out->decided[0].version, 4);
	CU_ASSERT_EQUAL(memcmp(out->decided[0].lo, "\300\0\2\1", 4), 0);
	CU_ASSERT_EQUAL(memcmp(out->decided[0].hi, "\306\63\144\1", 4), 0);
	CU_ASSERT_EQUAL(out->decided[0].lo_port, 1);
	CU_ASSERT_EQUAL(out->decided[0].hi_port, 443);
	struct frame f = frame_tcp(1, true, ACK, 5001, 100 + (uint32_t)n, "x", 1);
	struct packet pkt = {.data = f.bytes, .len = f.len, .link = LINK_ETHERNET};
	pipeline_burst(p, &pkt, 1, 1);
	CU_ASSERT_EQUAL(pkt.flow, flow);
	CU_ASSERT_EQUAL(out->n_decided, 0);
	/* another connection on the same addresses and ports: not any more */
	client(1, SYN, 5555555, NULL, 0);
	CU_ASSERT_TRUE(unsure_of(flow));
	server(1, SYN | ACK, 5555556);
	CU_ASSERT_EQUAL(client(1, ACK, 5555556, "GET / HTTP/1.1\r\nHost: www.other.example\r\n\r\n", 43),
			VERDICT_PASS);
	CU_ASSERT_TRUE(unsure_of(flow));
	/* a request in the middle of a decided one */
	client(5, SYN, 99, NULL, 0);
	server(5, SYN | ACK, 100);
	client(5, ACK, 100, hello, n);
	CU_ASSERT_TRUE_FATAL(out->n_decided == 1 && out->decided[0].sure);
	flow = out->decided[0].flow;
	client(5, ACK, 100 + (uint32_t)n, "GET / HTTP/1.1\r\nHost: www.other.example\r\n\r\n", 43);
	CU_ASSERT_TRUE(unsure_of(flow));
	/* no answer from the server yet: the hello could be a decoy's */
	client(2, SYN, 99, NULL, 0);
	client(2, ACK, 100, hello, n);
	CU_ASSERT_FALSE(out->n_decided && out->decided[0].sure);
	/* another connection claims the 5-tuple */
	client(3, SYN, 99, NULL, 0);
	client(3, SYN, 7777, NULL, 0);
	server(3, SYN | ACK, 100);
	client(3, ACK, 100, hello, n);
	CU_ASSERT_FALSE(out->n_decided && out->decided[0].sure);
	/* a request is never decided: the next one may be the listed one */
	client(4, SYN, 99, NULL, 0);
	server(4, SYN | ACK, 100);
	client(4, ACK, 100, "GET / HTTP/1.1\r\nHost: www.other.example\r\n\r\n", 43);
	CU_ASSERT_FALSE(out->n_decided && out->decided[0].sure);
	close_all();
}

static void test_pipeline_believes_the_nics_checksum(void)
{
	open_default();
	size_t n = hello_build("www.blocked.example", 0, false, hello);
	struct frame f = frame_tcp(1, false, ACK, 100, 5000, hello, n);
	f.bytes[14 + 20 + 16] ^= 0xff;
	struct packet pkt = {.data = f.bytes, .len = f.len, .link = LINK_ETHERNET};
	pipeline_burst(p, &pkt, 1, 1);
	CU_ASSERT_EQUAL(pkt.verdict, VERDICT_PASS); /* every receiver drops it */
	CU_ASSERT_EQUAL(count()->checksum_bad, 1);
	pkt.checksum = PACKET_CHECKSUM_GOOD;
	pipeline_burst(p, &pkt, 1, 1);
	CU_ASSERT_EQUAL(pkt.verdict, VERDICT_DROP);
	close_all();
}

static void test_pipeline_drops_other_content_and_judges_both(void)
{
	open_default();
	static const char good[] = "GET / HTTP/1.1\r\nHost: good.example.test\r\n\r\n";
	static const char evil[] = "GET / HTTP/1.1\r\nHost: blocked.example\r\n\r\n\r\n";
	client(1, SYN, 99, NULL, 0);
	server(1, SYN | ACK, 100);
	CU_ASSERT_EQUAL(client(1, ACK, 100, good, sizeof(good) - 1), VERDICT_PASS);
	CU_ASSERT_EQUAL(client(1, ACK, 100, evil, sizeof(evil) - 1), VERDICT_DROP);
	CU_ASSERT_EQUAL(count()->stream_conflicts, 1);
	CU_ASSERT_EQUAL(out->n_hits, 1);
	close_all();
}

static void test_pipeline_ignores_what_receivers_drop(void)
{
	open_default();
	size_t n = hello_build("harmless.example", 0, false, hello);
	client(1, SYN, 99, NULL, 0);
	struct frame decoy = frame_tcp(1, false, ACK, 100, 5000, hello, n);
	decoy.bytes[14 + 20 + 16] ^= 0xff;
	CU_ASSERT_EQUAL(give(decoy), VERDICT_PASS);
	CU_ASSERT_EQUAL(count()->checksum_bad, 1);
	n = hello_build("blocked.example", 0, false, hello);
	CU_ASSERT_EQUAL(client(1, ACK, 100, hello, n), VERDICT_DROP);
	CU_ASSERT_EQUAL(count()->stream_conflicts, 0);
	close_all();
}

static void test_pipeline_follows_every_claim_to_a_5_tuple(void)
{
	open_default();
	size_t n = hello_build("blocked.example", 0, false, hello);
	client(1, SYN, 99, NULL, 0);
	CU_ASSERT_EQUAL(client(1, ACK, 100, hello, 20), VERDICT_PASS);
	CU_ASSERT_EQUAL(client(1, SYN, 4000000, NULL, 0), VERDICT_PASS); /* decoy */
	CU_ASSERT_EQUAL(client(1, ACK, 4000001, "junk", 4), VERDICT_PASS);
	CU_ASSERT_EQUAL(client(1, ACK, 120, hello + 20, n - 20), VERDICT_DROP);
	CU_ASSERT_EQUAL(out->n_hits, 1);
	CU_ASSERT_EQUAL(count()->epochs, 1);
	close_all();
}

static void test_pipeline_takes_the_connection_the_server_takes(void)
{
	open_default();
	size_t n = hello_build("blocked.example", 0, false, hello);
	client(1, SYN, 99, NULL, 0);
	client(1, SYN, 700, NULL, 0);
	client(1, SYN, 9000000, NULL, 0);
	server(1, SYN | ACK, 701);
	CU_ASSERT_EQUAL(client(1, ACK, 701, hello, n), VERDICT_DROP);
	close_all();
}

static void test_pipeline_judges_each_request_and_passes_bodies(void)
{
	open_default();
	static const char post[] = "POST /up HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 3000\r\n\r\n";
	static const char get[] = "GET /bad HTTP/1.1\r\nHost: shop.test\r\nAccept-Language: en\r\n\r\n";
	static const char near[] = "GET /badly HTTP/1.1\r\nHost: shop.test\r\n\r\n";
	static char body[1000];
	uint32_t seq = 100;
	memset(body, 'G', sizeof(body));
	client(1, SYN, 99, NULL, 0);
	CU_ASSERT_EQUAL(client(1, ACK, seq, post, sizeof(post) - 1), VERDICT_PASS);
	seq += sizeof(post) - 1;
	for (unsigned i = 0; i < 3; i++, seq += 1000)
		CU_ASSERT_EQUAL(client(1, ACK, seq, body, 1000), VERDICT_PASS);
	CU_ASSERT_EQUAL(client(1, ACK, seq, near, sizeof(near) - 1), VERDICT_PASS);
	seq += sizeof(near) - 1;
	CU_ASSERT_EQUAL(client(1, ACK, seq, get, sizeof(get) - 1), VERDICT_DROP);
	CU_ASSERT_EQUAL(count()->http_requests, 3);
	CU_ASSERT_EQUAL(out->n_hits, 1);
	CU_ASSERT(out->n_answers >= 2);
	CU_ASSERT_PTR_NOT_NULL(memmem(out->answers[0].data, out->answers[0].len, "451 Unavailable", 15));
	CU_ASSERT_PTR_NOT_NULL(memmem(out->answers[0].data, out->answers[0].len, "Content-Language: en", 20));
	close_all();
}

/* What begins like a request and is none must not be read for ever, nor hide the next segment. */
static void test_pipeline_leaves_what_only_looks_like_a_request(void)
{
	static const char *const starts[] = {
	    "GET x\r\n",     "GET x\n",		 "OPTIONS x y\r\n\r\n",
	    "PRI x\r\n\r\n", "CONNECT \r\n\r\n", "GET / HTTP/1.1\r\nHost: a.test\r\n\r\nGET x\r\n"};
	static const char get[] = "GET /bad HTTP/1.1\r\nHost: shop.test\r\n\r\n";
	open_default();
	for (uint16_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		size_t n = strlen(starts[i]);
		uint16_t port = (uint16_t)(100 + i);
		client(port, SYN, 99, NULL, 0);
		CU_ASSERT_EQUAL(client(port, ACK, 100, starts[i], n), VERDICT_PASS);
		CU_ASSERT_EQUAL(client((uint16_t)(200 + i), ACK, 100, starts[i], n), VERDICT_PASS);
	}
	client(1, SYN, 99, NULL, 0);
	client(1, ACK, 100, "GET x\r\n", 7);
	CU_ASSERT_EQUAL(client(1, ACK, 107, get, sizeof(get) - 1), VERDICT_DROP);
	close_all();
}

static void test_pipeline_monitor_blocks_nothing(void)
{
	struct pipeline_config cfg = pipeline_config_default;
	cfg.monitor = true;
	open_with(cfg);
	size_t n = hello_build("blocked.example", 0, false, hello);
	client(1, SYN, 99, NULL, 0);
	CU_ASSERT_EQUAL(client(1, ACK, 100, hello, n), VERDICT_PASS);
	CU_ASSERT_EQUAL(out->n_hits, 1);
	CU_ASSERT_EQUAL(out->hits[0].action, ACTION_COUNT);
	CU_ASSERT_EQUAL(out->n_answers, 0);
	close_all();
}

static void test_pipeline_monitor_holds_nothing_back(void)
{
	struct pipeline_config cfg = pipeline_config_default;
	cfg.flows = 1024;
	cfg.monitor = true;
	open_with(cfg);
	size_t n = hello_build("www.other.example", 0, false, hello);
	client(1, SYN, 99, NULL, 0);
	CU_ASSERT_EQUAL(client(1, ACK, 100, hello, n), VERDICT_PASS);
	hello[n - 1] ^= 1;
	CU_ASSERT_EQUAL(client(1, ACK, 100, hello, n), VERDICT_PASS);
	CU_ASSERT_EQUAL(count()->stream_conflicts, 1);
	CU_ASSERT_EQUAL(count()->dropped, 0);
	close_all();
}

static void test_pipeline_without_ruleset_forwards(void)
{
	open_default();
	pipeline_set_ruleset(p, NULL, NULL);
	size_t n = hello_build("blocked.example", 0, false, hello);
	CU_ASSERT_EQUAL(client(1, ACK, 100, hello, n), VERDICT_PASS);
	CU_ASSERT_EQUAL(count()->no_ruleset, 1);
	close_all();
}

static void test_pipeline_reports_a_listed_address_once_a_flow(void)
{
	open_default();
	struct frame f = frame_udp(7, 9, false, "x", 1);
	memcpy(f.bytes + 14 + 16, "\xcb\x00\x71\x05", 4); /* 203.0.113.5; checksums do not matter here */
	CU_ASSERT_EQUAL(give(f), VERDICT_DROP);
	CU_ASSERT_EQUAL(out->n_hits, 1);
	CU_ASSERT_EQUAL(out->n_answers, 1);
	CU_ASSERT_EQUAL(give(f), VERDICT_DROP);
	CU_ASSERT_EQUAL(out->n_hits, 0);
	close_all();
}

static void test_pipeline_goes_on_where_an_address_is_only_counted(void)
{
	struct pipeline_config cfg = pipeline_config_default;
	cfg.checksums = CHECKSUM_POLICY_IGNORE;
	fixture_open_one(&rules, "#! action_ip: count\n203.0.113.0/24\nblocked.example\n");
	struct err e;
	CU_ASSERT_EQUAL_FATAL(page_set_new(NULL, &pages, &e), 0);
	CU_ASSERT_EQUAL_FATAL(pipeline_new(&cfg, &p, &e), 0);
	pipeline_set_ruleset(p, rules.rs, rules.s);
	size_t n = hello_build("blocked.example", 0, false, hello);
	struct frame syn = frame_tcp(1, false, SYN, 99, 0, NULL, 0),
		     data = frame_tcp(1, false, ACK, 100, 1, hello, n);
	memcpy(syn.bytes + 30, "\xcb\x00\x71\x05", 4);
	memcpy(data.bytes + 30, "\xcb\x00\x71\x05", 4);
	CU_ASSERT_EQUAL(give(syn), VERDICT_PASS);
	CU_ASSERT_EQUAL(out->n_hits, 1);
	CU_ASSERT_EQUAL(give(data), VERDICT_DROP);
	CU_ASSERT_EQUAL(out->n_hits, 1);
	CU_ASSERT_EQUAL(out->hits[0].proto, HIT_TLS);
	close_all();
}

static void test_pipeline_bounds_flows_and_buffers(void)
{
	struct pipeline_config cfg = pipeline_config_default;
	cfg.flows = 64;
	cfg.small = 8;
	cfg.medium = cfg.large = 1;
	open_with(cfg);
	size_t n = hello_build("blocked.example", 0, false, hello);
	for (uint16_t i = 1; i < 2000; i++) {
		client(i, SYN, 99, NULL, 0);
		CU_ASSERT_EQUAL(client(i, ACK, 100, hello, 30), VERDICT_PASS);
	}
	CU_ASSERT(count()->streams_evicted > 1900);
	CU_ASSERT_EQUAL(client(1999, ACK, 130, hello + 30, n - 30),
			VERDICT_DROP); /* the newest is still there */
	close_all();
}

/* One CRYPTO frame of a bare hello as a client Initial of 1,200 bytes. */
static struct frame initial(struct quic_crypto *qc, const char *cid, uint64_t pn, size_t from, size_t len)
{
	struct quic_keys k;
	uint8_t frames[2048] = {0x06, (uint8_t)(0x40 | from >> 8), (uint8_t)from, (uint8_t)(0x40 | len >> 8),
				(uint8_t)len};
	uint8_t datagram[1500];
	memcpy(frames + 5, hello + from, len);
	struct span dcid = {(const uint8_t *)cid, 8}, none = {NULL, 0}, payload = {frames, 5 + len};
	quic_keys_derive(qc, 1, dcid.p, dcid.len, false, &k);
	size_t n =
	    quic_initial_build(qc, 1, dcid, none, none, &k, pn, payload, 1200, datagram, sizeof(datagram));
	return frame_udp(4433, 443, false, datagram, n);
}

static void test_pipeline_reads_quic_hellos_in_any_order(void)
{
	struct quic_crypto *qc = quic_crypto_new();
	open_default();
	size_t n = hello_build("blocked.example", 1400, true, hello);
	CU_ASSERT_EQUAL(give(initial(qc, "01234567", 1, 1000, n - 1000)), VERDICT_PASS);
	CU_ASSERT_EQUAL(give(initial(qc, "01234567", 0, 0, 1000)), VERDICT_DROP);
	CU_ASSERT_EQUAL(out->n_hits, 1);
	CU_ASSERT_EQUAL(out->hits[0].proto, HIT_QUIC);
	CU_ASSERT_EQUAL(out->n_answers, 1);
	CU_ASSERT_EQUAL(give(initial(qc, "01234567", 2, 0, 1000)), VERDICT_DROP);
	CU_ASSERT_EQUAL(out->n_hits, 0);
	close_all();
	quic_crypto_free(qc);
}

/* Once the server has acknowledged the first piece of a hello, its client listens to no other id. */
static void test_pipeline_closes_quic_by_the_id_that_the_server_chose(void)
{
	static const uint8_t ack[] =
	    "\xc0\0\0\0\1" /* an Initial of version 1, sealed by keys that do not count here */
	    "\0\4SRVR\0\x18"
	    "xxxxxxxxxxxxxxxxxxxxxxxx";
	struct quic_crypto *qc = quic_crypto_new();
	struct quic_packet pkt;
	open_default();
	size_t n = hello_build("blocked.example", 1400, true, hello);
	CU_ASSERT_EQUAL(give(initial(qc, "01234567", 0, 0, 1000)), VERDICT_PASS);
	CU_ASSERT_EQUAL(give(frame_udp(4433, 443, true, ack, sizeof(ack) - 1)), VERDICT_PASS);
	CU_ASSERT_EQUAL(give(initial(qc, "01234567", 1, 1000, n - 1000)), VERDICT_DROP);
	CU_ASSERT_EQUAL_FATAL(out->n_answers, 1);
	CU_ASSERT_EQUAL(quic_packet_parse(out->answers[0].data + 42, out->answers[0].len - 42, &pkt),
			PARSE_OK);
	CU_ASSERT_TRUE(pkt.scid.len == 4 && !memcmp(pkt.scid.p, "SRVR", 4));
	close_all();
	quic_crypto_free(qc);
}

static void test_pipeline_keeps_quic_connections_of_a_5_tuple_apart(void)
{
	struct quic_crypto *qc = quic_crypto_new();
	open_default();
	size_t n = hello_build("blocked.example", 1400, true, hello);
	CU_ASSERT_EQUAL(give(initial(qc, "AAAAAAAA", 0, 0, 1000)), VERDICT_PASS);
	for (char c = 'B'; c < 'E'; c++) {
		char cid[9] = {c, c, c, c, c, c, c, c};
		CU_ASSERT_EQUAL(give(initial(qc, cid, 0, 0, 500)), VERDICT_PASS);
	}
	CU_ASSERT_EQUAL(give(initial(qc, "ZZZZZZZZ", 0, 0, 500)), VERDICT_DROP); /* a fifth unfinished one */
	CU_ASSERT_EQUAL(count()->quic_crowded, 1);
	CU_ASSERT_EQUAL(give(initial(qc, "AAAAAAAA", 1, 1000, n - 1000)), VERDICT_DROP);
	CU_ASSERT_EQUAL(out->n_hits, 1);
	close_all();
	quic_crypto_free(qc);
}

static void test_pipeline_drops_a_second_quic_hello(void)
{
	struct quic_crypto *qc = quic_crypto_new();
	open_default();
	size_t n = hello_build("harmless.example", 0, true, hello);
	CU_ASSERT_EQUAL(give(initial(qc, "01234567", 0, 0, n)), VERDICT_PASS);
	CU_ASSERT_EQUAL(count()->quic_hellos, 1);
	n = hello_build("blocked.example", 0, true, hello);
	CU_ASSERT_EQUAL(give(initial(qc, "01234567", 1, 0, n)), VERDICT_DROP);
	CU_ASSERT_EQUAL(count()->stream_conflicts, 1);
	CU_ASSERT_EQUAL(out->n_hits, 1);
	close_all();
	quic_crypto_free(qc);
}

static void test_pipeline_answers_dns(void)
{
	static const uint8_t query[] = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07"
				       "blocked\x07"
				       "example\x00\x00\x01\x00\x01";
	open_default();
	CU_ASSERT_EQUAL(give(frame_udp(5353, 53, false, query, sizeof(query) - 1)), VERDICT_DROP);
	CU_ASSERT_EQUAL(out->n_hits, 1);
	CU_ASSERT_EQUAL(out->n_answers, 1);
	CU_ASSERT_EQUAL(out->answers[0].data[42], 0x12);
	CU_ASSERT_EQUAL(out->answers[0].data[45] & 0x0f, 3);
	close_all();
}

static void test_pipeline_finds_the_client_whoever_spoke_first(void)
{
	open_default();
	size_t n = hello_build("blocked.example", 0, false, hello);
	/* In the middle of a flow: the server's "S" could begin a request. */
	CU_ASSERT_EQUAL(give(frame_tcp(1, true, ACK, 5000, 100, "S", 1)), VERDICT_PASS);
	CU_ASSERT_EQUAL(client(1, ACK, 100, hello, n), VERDICT_DROP);
	close_all();
}

static void test_pipeline_goes_on_behind_a_gap(void)
{
	open_default();
	static const char get[] = "GET /bad HTTP/1.1\r\nHost: shop.test\r\n\r\n";
	client(1, SYN, 99, NULL, 0);
	server(1, SYN | ACK, 100);
	server(1, ACK, 400); /* it has 300 bytes that were never seen here */
	CU_ASSERT_EQUAL(client(1, ACK, 400, get, sizeof(get) - 1), VERDICT_DROP);
	CU_ASSERT_EQUAL(count()->stream_gaps, 1);
	close_all();
}

static void test_pipeline_recycles_http2_decoders(void)
{
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
	static const uint8_t get[] = "\0\0\x14\1\5\0\0\0\1\x82\x84\x86\x41\x0f"
				     "blocked.example";
	struct pipeline_config cfg = pipeline_config_default;
	cfg.http2 = 4;
	cfg.small = 6; /* buffers are taken from some of them too */
	open_with(cfg);
	for (uint16_t i = 1; i < 40; i++) {
		client(i, SYN, 99, NULL, 0);
		CU_ASSERT_EQUAL(client(i, ACK, 100, preface, sizeof(preface) - 1), VERDICT_PASS);
	}
	CU_ASSERT_EQUAL(client(39, ACK, 100 + sizeof(preface) - 1, get, 9 + 0x14), VERDICT_DROP);
	CU_ASSERT_EQUAL(out->n_hits, 1);
	CU_ASSERT(count()->http2_full > 20);
	close_all();
}

static void count_between(void *ctx)
{
	++*(unsigned *)ctx;
}

static void test_pipeline_calls_between_the_frames_of_a_burst(void)
{
	unsigned calls = 0;
	struct pipeline_config cfg = pipeline_config_default;
	cfg.between = count_between;
	cfg.between_ctx = &calls;
	open_with(cfg);
	struct frame f = frame_tcp(1, false, SYN, 99, 0, NULL, 0);
	struct packet pkts[PIPELINE_BURST];
	for (unsigned i = 0; i < PIPELINE_BURST; i++)
		pkts[i] = (struct packet){.data = f.bytes, .len = f.len, .link = LINK_ETHERNET};
	pipeline_burst(p, pkts, PIPELINE_BURST, 1);
	CU_ASSERT(calls >= PIPELINE_BURST / 4); /* so that few frames lie between two beats */
	close_all();
}

static const struct test tests[] = {
    TEST(test_pipeline_recycles_http2_decoders),
    TEST(test_pipeline_holds_only_the_last_piece_of_a_hello),
    TEST(test_pipeline_passes_and_forgets_a_clean_hello),
    TEST(test_pipeline_tells_decided_flows_only_where_sure),
    TEST(test_pipeline_calls_between_the_frames_of_a_burst),
    TEST(test_pipeline_believes_the_nics_checksum),
    TEST(test_pipeline_drops_other_content_and_judges_both),
    TEST(test_pipeline_ignores_what_receivers_drop),
    TEST(test_pipeline_follows_every_claim_to_a_5_tuple),
    TEST(test_pipeline_takes_the_connection_the_server_takes),
    TEST(test_pipeline_judges_each_request_and_passes_bodies),
    TEST(test_pipeline_leaves_what_only_looks_like_a_request),
    TEST(test_pipeline_monitor_blocks_nothing),
    TEST(test_pipeline_monitor_holds_nothing_back),
    TEST(test_pipeline_without_ruleset_forwards),
    TEST(test_pipeline_reports_a_listed_address_once_a_flow),
    TEST(test_pipeline_goes_on_where_an_address_is_only_counted),
    TEST(test_pipeline_bounds_flows_and_buffers),
    TEST(test_pipeline_reads_quic_hellos_in_any_order),
    TEST(test_pipeline_closes_quic_by_the_id_that_the_server_chose),
    TEST(test_pipeline_keeps_quic_connections_of_a_5_tuple_apart),
    TEST(test_pipeline_drops_a_second_quic_hello),
    TEST(test_pipeline_answers_dns),
    TEST(test_pipeline_finds_the_client_whoever_spoke_first),
    TEST(test_pipeline_goes_on_behind_a_gap),
};
HARNESS_MAIN("pipeline", tests)
