/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests that are made in memory, through a real pipeline by a real ruleset: each hits its rule, its neighbours pass. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dataplane/core/checksum.h"
#include "dataplane/core/decode.h"
#include "dataplane/core/trial.h"
#include "rules/page.h"
#include "tests/unit/ruleset_fixture.h"

static struct fixture rules;
static struct page_set *pages;
static struct pipeline *p;
static struct trial_batch *b;

static void open_all(const char *const *lists, unsigned n)
{
	struct err e;
	struct pipeline_config cfg = pipeline_config_default;
	fixture_open(&rules, lists, n);
	CU_ASSERT_EQUAL_FATAL(page_set_new(NULL, &pages, &e), 0);
	cfg.pages = pages;
	CU_ASSERT_EQUAL_FATAL(trial_pipeline_new(&cfg, &p, &e), 0);
	CU_ASSERT_EQUAL_FATAL(trial_batch_new(&b, &e), 0);
	pipeline_set_ruleset(p, rules.rs, rules.s);
	trial_reset(b, rules.rs);
}

static void close_all(void)
{
	trial_batch_free(b);
	pipeline_free(p);
	page_set_free(pages);
	fixture_close(&rules);
}

static int add(enum try_proto proto, const char *text, size_t len)
{
	struct err e = {""};
	int err = trial_add(b, proto, (struct span){(const uint8_t *)text, len}, &e);
	CU_ASSERT(!err || e.text[0]);
	return err;
}

/* "pass", "except", or "PROTO ACTION LIST:LINE", and " passes" where a hit would leave. */
static const char *ask(enum try_proto proto, const char *text)
{
	static char said[64];
	struct trial_answer a;
	trial_reset(b, rules.rs);
	if (add(proto, text, strlen(text)))
		return "refused";
	trial_judge(p, b, 0, 1, &a);
	if (a.outcome == TRIAL_HIT)
		snprintf(said, sizeof(said), "%s %s %u:%u%s", hit_proto_names[a.proto],
			 action_names[a.action], a.list, a.line, a.dropped ? "" : " passes");
	else
		snprintf(said, sizeof(said), "%s%s",
			 a.outcome == TRIAL_EXCEPTED   ? "except"
			 : a.outcome == TRIAL_UNJUDGED ? "unjudged"
						       : "pass",
			 a.dropped ? " dropped" : "");
	return said;
}

static const char first[] = "bad.example\n"		       /* 1 */
			    "=only.example\n"		       /* 2 */
			    "*.under.example\n"		       /* 3 */
			    "http://shop.example/bad?x=1\n"    /* 4 */
			    "http://shop.example:8080/deep*\n" /* 5 */
			    "http://glob.example/*/x.jpg\n"    /* 6 */
			    "ads*.names.example\n"	       /* 7 */
			    "/^re\\.example\\/n[0-9]+$/\n"     /* 8 */
			    "203.0.113.0/25\n"		       /* 9 */
			    "2001:db8:1::/48\n"		       /* 10 */
			    "!good.bad.example\n"	       /* 11 */
			    "!203.0.113.7\n"		       /* 12 */
			    "b\xc3\xbc"
			    "cher.example\n"	       /* 13 */
			    "http://192.0.2.9/page\n"; /* 14 */
static const char shadow[] = "#! action_tls: count\n#! action_http: count\n#! action_dns: count\n"
			     "#! action_quic: count\n#! action_ip: count\n"
			     "seen.example\n198.51.100.0/28\n";

static const struct {
	enum try_proto proto;
	const char *text, *want;
} rows[] = {
    {TRY_TLS, "bad.example", "tls alert 0:1"},
    {TRY_TLS, "a.b.bad.example", "tls alert 0:1"},
    {TRY_QUIC, "bad.example", "quic close 0:1"},
    {TRY_QUIC, "www.bad.example", "quic close 0:1"},
    {TRY_DNS, "bad.example", "dns nxdomain 0:1"},
    {TRY_DNS_TCP, "bad.example", "dns nxdomain 0:1"},
    {TRY_DNS_TCP, "www.bad.example", "dns nxdomain 0:1"},
    {TRY_HTTP, "bad.example/", "http page 0:1"},
    {TRY_HTTP, "bad.example", "http page 0:1"},
    {TRY_HTTP, "bad.example:8081/a", "http page 0:1"},
    {TRY_TLS, "zq7bad.example", "pass"},
    {TRY_TLS, "example", "pass"},
    {TRY_QUIC, "zq7bad.example", "pass"},
    {TRY_DNS, "zq7bad.example", "pass"},
    {TRY_DNS_TCP, "zq7bad.example", "pass"},
    {TRY_HTTP, "zq7bad.example/", "pass"},
    {TRY_TLS, "good.bad.example", "except"},
    {TRY_QUIC, "good.bad.example", "except"},
    {TRY_HTTP, "good.bad.example/x", "except"},
    {TRY_DNS, "good.bad.example", "except"},
    {TRY_DNS_TCP, "good.bad.example", "except"},
    {TRY_TLS, "only.example", "tls alert 0:2"},
    {TRY_TLS, "zq7.only.example", "pass"},
    {TRY_QUIC, "zq7.only.example", "pass"},
    {TRY_DNS, "zq7.under.example", "dns nxdomain 0:3"},
    {TRY_DNS, "under.example", "pass"},
    {TRY_HTTP, "shop.example/bad?x=1", "http page 0:4"},
    {TRY_HTTP, "shop.example/bad?x=2", "pass"},
    {TRY_HTTP, "shop.example/bad", "pass"},
    {TRY_HTTP, "shop.example/", "pass"},
    {TRY_TLS, "shop.example", "pass"},
    {TRY_HTTP, "shop.example:8080/deeper", "http page 0:5"},
    {TRY_HTTP, "shop.example/deeper", "pass"},
    {TRY_HTTP, "glob.example/w/x.jpg", "http page 0:6"},
    {TRY_HTTP, "glob.example/w/y.jpg", "pass"},
    {TRY_TLS, "adsw.names.example", "tls alert 0:7"},
    {TRY_TLS, "w.names.example", "pass"},
    {TRY_HTTP, "re.example/n7", "http page 0:8"},
    {TRY_HTTP, "re.example/nx", "pass"},
    {TRY_IP, "203.0.113.0", "ip icmp 0:9"},
    {TRY_IP, "203.0.113.127", "ip icmp 0:9"},
    {TRY_IP, "203.0.113.128", "pass"},
    {TRY_IP, "203.0.113.7", "except"},
    {TRY_IP, "2001:db8:1::", "ip icmp 0:10"},
    {TRY_IP, "2001:db8:2::", "pass"},
    {TRY_TLS, "xn--bcher-kva.example", "tls alert 0:13"},
    {TRY_HTTP, "192.0.2.9/page", "http page 0:14"},
    {TRY_HTTP, "192.0.2.9/other", "pass"},
    {TRY_TLS, "seen.example", "tls count 1:6 passes"},
    {TRY_QUIC, "seen.example", "quic count 1:6 passes"},
    {TRY_HTTP, "seen.example/", "http count 1:6 passes"},
    {TRY_DNS, "seen.example", "dns count 1:6 passes"},
    {TRY_DNS_TCP, "seen.example", "dns count 1:6 passes"},
    {TRY_IP, "198.51.100.1", "ip count 1:7 passes"},
};

static void test_trials_hit_their_rules_and_neighbours_pass(void)
{
	open_all((const char *const[]){first, shadow}, 2);
	for (unsigned turn = 0; turn < 3; turn++) /* nothing is remembered */
		for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
			const char *is = ask(rows[i].proto, rows[i].text);
			CU_ASSERT_STRING_EQUAL(is, rows[i].want);
			if (strcmp(is, rows[i].want))
				printf("%s %s: %s, not %s\n", try_protos[rows[i].proto].word, rows[i].text,
				       is, rows[i].want);
		}
	close_all();
}

static void test_trials_of_the_longest_texts_still_hit(void)
{
	static char list[40000], url[URL_MAX_BYTES + 1], name[NAME_MAX_BYTES + 1];
	memset(name, 'n', NAME_MAX_BYTES);
	for (unsigned at = 63; at < NAME_MAX_BYTES; at += 64)
		name[at] = '.';
	memset(url, 'u', URL_MAX_BYTES);
	memcpy(url, "long.example/", 13);
	snprintf(list, sizeof(list), "%s\nhttp://%s\n", name, url);
	open_all((const char *const[]){list}, 1);
	CU_ASSERT_STRING_EQUAL(ask(TRY_TLS, name), "tls alert 0:1");
	CU_ASSERT_STRING_EQUAL(ask(TRY_QUIC, name), "quic close 0:1");
	CU_ASSERT_STRING_EQUAL(ask(TRY_DNS, name), "dns nxdomain 0:1");
	CU_ASSERT_STRING_EQUAL(ask(TRY_DNS_TCP, name), "dns nxdomain 0:1");
	CU_ASSERT_STRING_EQUAL(ask(TRY_HTTP, url), "http page 0:2");
	close_all();
}

static void test_trials_refuse_what_is_no_request(void)
{
	static char long_text[TRIAL_TEXT_MAX + 2];
	static const char *const bad[TRY_PROTOS_N][4] = {
	    [TRY_TLS] = {""},
	    [TRY_QUIC] = {""},
	    [TRY_DNS] = {"", "a..b", ".a", NULL},
	    [TRY_DNS_TCP] = {"", "a..b", ".a", NULL},
	    [TRY_HTTP] = {"", "/path", "host:x/", "host/a b"},
	    [TRY_IP] = {"", "192.0.2", "192.0.2.1 ", "2001:db8::/32"},
	};
	open_all((const char *const[]){first}, 1);
	memset(long_text, 'a', sizeof(long_text) - 1);
	for (unsigned proto = 0; proto < TRY_PROTOS_N; proto++) {
		for (unsigned i = 0; i < 4 && bad[proto][i]; i++)
			CU_ASSERT_EQUAL(add((enum try_proto)proto, bad[proto][i], strlen(bad[proto][i])),
					-EINVAL);
		CU_ASSERT_EQUAL(add((enum try_proto)proto, long_text, sizeof(long_text) - 1), -EINVAL);
	}
	CU_ASSERT_EQUAL(add(TRY_TLS, "a\0b", 3), -EINVAL);
	CU_ASSERT_EQUAL(add(TRY_HTTP, "host/\r\nx", 8), -EINVAL);
	CU_ASSERT_EQUAL(add(TRY_HTTP, "host:99999999999/", 17), -EINVAL);
	CU_ASSERT_EQUAL(b->n, 0u);
	CU_ASSERT_EQUAL(b->n_frames, 0u);
	CU_ASSERT_EQUAL(b->used, (size_t)0);
	close_all();
}

static void test_trials_fit_a_batch_and_are_wiped(void)
{
	open_all((const char *const[]){first}, 1);
	unsigned wrong = 0, left = 0;
	for (unsigned i = 0; i < TRIAL_REQUESTS; i++)
		CU_ASSERT_EQUAL(add(i & 1 ? TRY_QUIC : TRY_TLS, "bad.example", 11), 0);
	CU_ASSERT_EQUAL(add(TRY_IP, "192.0.2.1", 9), -ENOSPC);
	for (unsigned i = 0; i < TRIAL_REQUESTS; i++) {
		struct trial_answer a;
		trial_judge(p, b, i, 1, &a);
		wrong += a.outcome != TRIAL_HIT || !a.dropped || a.line != 1;
	}
	CU_ASSERT_EQUAL(wrong, 0u);
	trial_reset(b, rules.rs);
	for (size_t i = 0; i < sizeof(b->room); i++)
		left += b->room[i] != 0;
	CU_ASSERT_EQUAL(left, 0u);
	close_all();
}

static void test_trials_frames_are_whole(void)
{
	open_all((const char *const[]){first}, 1);
	static const char *const texts[TRY_PROTOS_N] = {
	    [TRY_TLS] = "a.example",	 [TRY_QUIC] = "a.example",   [TRY_DNS] = "a.example",
	    [TRY_DNS_TCP] = "a.example", [TRY_HTTP] = "a.example/x", [TRY_IP] = "2001:db8:9::1",
	};
	for (unsigned family = 0; family < 2; family++)
		for (unsigned proto = 0; proto < TRY_PROTOS_N; proto++) {
			b->family = family;
			CU_ASSERT_EQUAL(add((enum try_proto)proto, texts[proto], strlen(texts[proto])), 0);
		}
	for (unsigned i = 0; i < b->n_frames; i++) {
		struct decoded d;
		decode(b->room + b->frames[i].at, b->frames[i].len, LINK_ETHERNET, &d);
		CU_ASSERT(d.kind == DECODE_TCP || d.kind == DECODE_UDP);
		CU_ASSERT_EQUAL(checksum_ip(b->room + b->frames[i].at, &d), CHECKSUM_OK);
		CU_ASSERT_EQUAL(checksum_l4(b->room + b->frames[i].at, &d), CHECKSUM_OK);
	}
	close_all();
}

/* Where a rule is about the ends of the synthetic connections, others are taken: names are asked, not these addresses. */
static void test_trials_keep_clear_of_address_rules(void)
{
	open_all((const char *const[]){"bad.example\n192.0.2.0/24\n198.51.100.0/24\n"}, 1);
	CU_ASSERT_STRING_EQUAL(ask(TRY_TLS, "bad.example"), "tls alert 0:1");
	CU_ASSERT_STRING_EQUAL(ask(TRY_TLS, "other.example"), "pass");
	close_all();
	open_all((const char *const[]){"bad.example\n192.0.2.0/24\n198.51.100.0/24\n203.0.113.0/24\n"}, 1);
	CU_ASSERT_EQUAL(b->family, 1u);
	CU_ASSERT_STRING_EQUAL(ask(TRY_DNS, "bad.example"), "dns nxdomain 0:1");
	CU_ASSERT_STRING_EQUAL(ask(TRY_QUIC, "other.example"), "pass");
	close_all();
}

static void test_trials_without_a_ruleset_say_so(void)
{
	open_all((const char *const[]){first}, 1);
	pipeline_set_ruleset(p, NULL, NULL);
	CU_ASSERT_STRING_EQUAL(ask(TRY_TLS, "bad.example"), "unjudged");
	close_all();
}

static const struct test tests[] = {
    TEST(test_trials_hit_their_rules_and_neighbours_pass),
    TEST(test_trials_of_the_longest_texts_still_hit),
    TEST(test_trials_refuse_what_is_no_request),
    TEST(test_trials_fit_a_batch_and_are_wiped),
    TEST(test_trials_frames_are_whole),
    TEST(test_trials_keep_clear_of_address_rules),
    TEST(test_trials_without_a_ruleset_say_so),
};

HARNESS_MAIN("trial", tests)
