/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "tests/unit/ruleset_fixture.h"

#define ASK(f, rows) CU_ASSERT_EQUAL(fixture_ask_all(f, rows, sizeof(rows) / sizeof(*(rows))), 0)

static void test_ruleset_domain_holds_itself_and_subdomains_alone(void)
{
	static const struct ask_row rows[] = {
	    {"name:name.test", "block domain a:1"},
	    {"name:a.name.test", "block domain a:1"},
	    {"name:x.y.z.name.test", "block domain a:1"},
	    {"name:NAME.test.", "block domain a:1"},
	    {"name:xname.test", "-"},
	    {"name:test", "-"},
	    {"name:name.test.example", "-"},
	    {"name:name-test", "-"},
	    {"name:nametest", "-"},
	    {"name:na.me.test", "-"},
	    {"url:name.test/any?x", "block domain a:1"},
	    {"url:a.name.test:8080/", "block domain a:1"},
	    {"url:other.test/name.test/", "-"},
	    {"name:deep.er.other.example", "block domain a:2"},
	    {"name:er.other.example", "block domain a:2"},
	    {"name:other.example", "-"},
	};
	struct fixture f;
	fixture_open_one(&f, "name.test\ner.other.example\n");
	ASK(&f, rows);
	fixture_close(&f);
}

static void test_ruleset_host_and_subdomains_hold_one_half_each(void)
{
	static const struct ask_row rows[] = {
	    {"name:host.test", "block host a:1"},
	    {"name:a.host.test", "-"},
	    {"name:sub.test", "-"},
	    {"name:a.sub.test", "block subdomains a:2"},
	    {"name:b.a.sub.test", "block subdomains a:2"},
	    {"name:asub.test", "-"},
	    {"url:host.test/", "block host a:1"},
	    {"url:a.host.test/", "-"},
	};
	struct fixture f;
	fixture_open_one(&f, "=host.test\n*.sub.test\n");
	ASK(&f, rows);
	fixture_close(&f);
}

static void test_ruleset_the_more_specific_name_is_reported(void)
{
	static const struct ask_row rows[] = {
	    {"name:name.test", "block domain a:1"},	{"name:a.name.test", "block host a:2"},
	    {"name:b.a.name.test", "block domain a:1"}, {"name:x.deep.name.test", "block domain b:1"},
	    {"name:z.both.test", "block domain a:3"},
	};
	static const char *const lists[] = {"name.test\n=a.name.test\nboth.test\n",
					    "deep.name.test\nboth.test\n"};
	struct fixture f;
	fixture_open(&f, lists, 2);
	ASK(&f, rows);
	fixture_close(&f);
}

static void test_ruleset_one_name_has_several_rules(void)
{
	static const struct ask_row rows[] = {
	    {"name:name.test", "except host b:1"},
	    {"name:a.name.test", "block subdomains a:2"},
	    {"name:two.test", "block host a:3"},
	    {"name:a.two.test", "except subdomains b:2"},
	    {"name:b.a.two.test", "except subdomains b:2"},
	};
	static const char *const lists[] = {"=name.test\n*.name.test\n=two.test\ntwo.test\n*.two.test\n",
					    "!=name.test\n!*.two.test\n"};
	struct fixture f;
	fixture_open(&f, lists, 2);
	ASK(&f, rows);
	fixture_close(&f);
}

static void test_ruleset_any_exception_wins_over_any_block(void)
{
	static const struct ask_row rows[] = {
	    {"name:name.test", "block domain a:1"},
	    {"name:good.name.test", "except domain a:2"},
	    {"name:a.good.name.test", "except domain a:2"},
	    {"name:bad.good.name.test", "except domain a:2"}, /* although line 3 is longer */
	    {"url:good.name.test/page", "except domain a:2"},
	    {"url:name.test/free", "except url a:4"},
	    {"url:name.test/free?x", "block domain a:1"},
	    {"url:name.test/open/any", "except url-prefix a:5"},
	    {"url:name.test/x/7.gif", "except regex a:6"},
	    {"url:site.test/page", "except domain a:8"},
	    {"name:ads1.net.test", "except name-glob a:10"},
	    {"name:x.ads1.net.test", "block domain a:9"},
	    {"name:only.excepted.test", "-"},
	};
	struct fixture f;
	fixture_open_one(
	    &f, "name.test\n!good.name.test\nbad.good.name.test\n!name.test/free\n"
		"!name.test/open/*\n!/^name\\.test\\/x\\/[0-9]+\\.gif$/\nsite.test/page\n!site.test\n"
		"net.test\n!ads*.net.test\n!only.excepted.test\n");
	ASK(&f, rows);
	fixture_close(&f);
}

static void test_ruleset_url_is_exact_to_the_byte(void)
{
	static const struct ask_row rows[] = {
	    {"url:host.test/page?a=1", "block url a:1"},
	    {"url:http://HOST.test:80/./page?a=1#x", "block url a:1"},
	    {"url:https://host.test/page?a=1", "block url a:1"},
	    {"url:host.test/page", "-"},
	    {"url:host.test/page?a=12", "-"},
	    {"url:host.test/page?a=1&b", "-"},
	    {"url:host.test/Page?a=1", "-"},
	    {"url:host.test/page/?a=1", "-"},
	    {"url:host.test/", "-"},
	    {"url:a.host.test/page?a=1", "-"},
	    {"url:host.test:8080/page?a=1", "-"},
	    {"name:host.test", "-"},
	    {"url:ports.test:8080/x", "block url a:2"},
	    {"url:ports.test/x", "-"},
	    {"url:ports.test:8081/x", "-"},
	    {"url:root.test/", "block url a:3"},
	    {"url:root.test", "block url a:3"},
	    {"url:root.test/x", "-"},
	    {"url:192.0.2.1/x", "block url a:4"},
	    {"url:192.0.2.1/", "-"},
	    {"addr:192.0.2.1", "-"},
	    {"url:[2001:db8::1]:8080/y", "block url a:5"},
	    {"url:[2001:db8::1]/y", "-"},
	};
	struct fixture f;
	fixture_open_one(&f, "http://host.test/page?a=1\nports.test:8080/x\nroot.test/\nhttp://192.0.2.1/x\n"
			     "http://[2001:db8::1]:8080/y\n");
	ASK(&f, rows);
	fixture_close(&f);
}

static void test_ruleset_prefix_holds_what_begins_so(void)
{
	static const struct ask_row rows[] = {
	    {"url:host.test/a", "block url-prefix a:1"},
	    {"url:host.test/abc?d", "block url-prefix a:1"},
	    {"url:host.test/a/b", "block url-prefix a:1"},
	    {"url:host.test/a/b/c", "block url-prefix a:2"},
	    {"url:host.test/a/b/c/d", "block url-prefix a:2"},
	    {"url:host.test/a/b/x", "block url a:3"}, /* exact over prefix */
	    {"url:host.test/a/b/xy", "block url-prefix a:1"},
	    {"url:host.test/", "-"},
	    {"url:host.test/b", "-"},
	    {"url:all.test:8080/", "block url-prefix a:4"},
	    {"url:all.test:8080/x", "block url-prefix a:4"},
	    {"url:all.test/x", "-"},
	    {"url:both.test/p", "block url a:6"},
	    {"url:both.test/pq", "block url-prefix a:5"},
	    {"name:all.test", "-"},
	};
	struct fixture f;
	fixture_open_one(
	    &f, "host.test/a*\nhost.test/a/b/c*\nhost.test/a/b/x\nhttp://all.test:8080/*\nboth.test/p*\n"
		"both.test/p\n");
	ASK(&f, rows);
	fixture_close(&f);
}

static void test_ruleset_url_is_reported_before_its_host(void)
{
	static const struct ask_row rows[] = {
	    {"url:name.test/x", "block url a:2"},
	    {"url:name.test/y", "block domain a:1"},
	    {"url:a.name.test/x", "block domain a:1"},
	};
	struct fixture f;
	fixture_open_one(&f, "name.test\nname.test/x\n");
	ASK(&f, rows);
	fixture_close(&f);
}

static void test_ruleset_patterns_judge_their_own_subject(void)
{
	static const struct ask_row rows[] = {
	    {"name:ads1.name.test", "block name-glob a:1"},
	    {"name:ads.name.test", "block name-glob a:1"},
	    {"name:x.ads1.name.test", "-"},
	    {"name:bads.name.test", "-"},
	    {"url:ads1.name.test/y", "block name-glob a:1"},
	    {"url:host.test/1/x.jpg", "block url-glob a:2"},
	    {"url:host.test/1/2/x.jpg", "-"},
	    {"url:host.test/1/x.jpg?y", "-"},
	    {"name:host.test", "-"},
	    {"url:any.test/evil123", "block regex a:3"},
	    {"url:evil12.test/", "block regex a:3"},
	    {"url:any.test/evil", "-"},
	    {"name:evil12.test", "-"}, /* an expression is over URLs alone */
	    {"url:start.test/x", "block regex a:4"},
	    {"url:a.start.test/x", "-"},
	    {"url:other.test/start.test/x", "-"},
	};
	struct fixture f;
	fixture_open_one(&f, "ads*.name.test\nhost.test/*/x.jpg\n/evil[0-9]+/\n/^start\\.test\\/x$/\n");
	ASK(&f, rows);
	fixture_close(&f);
}

static void test_ruleset_addresses_by_longest_prefix(void)
{
	static const struct ask_row rows[] = {
	    {"addr:192.0.2.1", "block prefix a:1"},
	    {"addr:192.0.2.255", "block prefix a:2"},
	    {"addr:192.0.2.127", "block prefix a:1"},
	    {"addr:192.0.3.0", "-"},
	    {"addr:192.0.1.255", "-"},
	    {"addr:192.0.2.200", "except prefix a:3"},
	    {"addr:198.51.100.7", "except prefix a:5"}, /* although the block is longer */
	    {"addr:203.0.113.1", "-"},
	    {"addr:2001:db8::1", "block prefix a:6"},
	    {"addr:2001:db8:1::1", "except prefix a:7"},
	    {"addr:2001:db9::", "-"},
	    {"addr:2001:db7:ffff::", "-"},
	    {"name:192.0.2.1", "block prefix a:1"},
	    {"name:0xc0.0.2.1", "block prefix a:1"},
	    {"name:[2001:db8::1]", "block prefix a:6"},
	    {"url:192.0.2.1/x", "block prefix a:1"},
	    {"url:192.0.2.200:8080/x", "except prefix a:3"},
	    {"url:198.51.100.9/page", "except prefix a:5"}, /* of a URL rule too */
	    {"url:[2001:db8::1]/", "block prefix a:6"},
	    {"url:203.0.113.9/page", "except prefix a:10"}, /* where no prefix is blocked near */
	    {"url:203.0.113.10/page", "-"},
	};
	struct fixture f;
	fixture_open_one(
	    &f,
	    "192.0.2.0/24\n192.0.2.128/25\n!192.0.2.200\n198.51.100.7\n!198.51.100.0/24\n"
	    "2001:db8::/32\n!2001:db8:1::/48\nhttp://198.51.100.9/page\nhttp://203.0.113.9/page\n!203.0.113.8/29\n");
	ASK(&f, rows);
	CU_ASSERT(ruleset_has_addr4(f.rs) && ruleset_has_addr6(f.rs));
	fixture_close(&f);
	fixture_open_one(&f, "name.test\n!192.0.2.1\n");
	CU_ASSERT(!ruleset_has_addr4(f.rs) && !ruleset_has_addr6(f.rs));
	CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "addr:192.0.2.1"), "-");
	fixture_close(&f);
}

static void test_ruleset_cut_url_is_no_exact_match(void)
{
	static struct url u;
	static char text[URL_MAX_BYTES * 2];
	static char list[2 * sizeof(text)];
	struct match m;
	struct fixture f;
	memset(text, 'x', sizeof(text));
	memcpy(text, "host.test/", 10);
	snprintf(list, sizeof(list), "%.*s\nother.test/x*\n", URL_MAX_BYTES, text);
	fixture_open_one(&f, list);
	CU_ASSERT(!url_from_text((const uint8_t *)text, URL_MAX_BYTES, &u) && !u.cut);
	CU_ASSERT(ruleset_match_url(f.rs, f.s, &u, &m) && m.rule.line == 1);
	CU_ASSERT(!url_from_text((const uint8_t *)text, URL_MAX_BYTES + 1, &u) && u.cut);
	CU_ASSERT(!ruleset_match_url(f.rs, f.s, &u, &m));
	memcpy(text, "other.test/", 11);
	CU_ASSERT(!url_from_text((const uint8_t *)text, URL_MAX_BYTES + 1, &u) && u.cut);
	CU_ASSERT(ruleset_match_url(f.rs, f.s, &u, &m) && m.rule.line == 2);
	fixture_close(&f);
}

static void test_ruleset_longest_names_are_found(void)
{
	static char name[256], list[600];
	struct fixture f;
	for (unsigned labels = 60; labels <= NAME_MAX_LABELS; labels++) {
		for (unsigned i = 0; i < labels; i++)
			memcpy(name + 2 * i, "a.", 2);
		name[2 * labels - 1] = 0;
		memcpy(name, "b", 1);
		snprintf(list, sizeof(list), "=%s\n", name);
		fixture_open_one(&f, list);
		char question[300];
		snprintf(question, sizeof(question), "name:%s", name);
		CU_ASSERT_STRING_EQUAL(fixture_ask(&f, question), "block host a:1");
		question[5] = 'c';
		CU_ASSERT_STRING_EQUAL(fixture_ask(&f, question), "-");
		question[7] = 'c';
		CU_ASSERT_STRING_EQUAL(fixture_ask(&f, question), "-");
		fixture_close(&f);
	}
}

static void test_ruleset_no_name_of_many_is_lost_or_added(void)
{
	enum { N = 20000 };
	static char list[N * 40];
	struct fixture f;
	size_t n = 0;
	for (unsigned i = 0; i < N; i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%sn%u.k%u.test\n", i % 3 ? "" : "=", i,
				      i % 100);
	fixture_open_one(&f, list);
	unsigned wrong = 0;
	for (unsigned i = 0; i < N; i++) {
		char question[64], want[64];
		snprintf(question, sizeof(question), "name:n%u.k%u.test", i, i % 100);
		snprintf(want, sizeof(want), "block %s a:%u", i % 3 ? "domain" : "host", i + 1);
		wrong += strcmp(fixture_ask(&f, question), want) != 0;
		snprintf(question, sizeof(question), "name:w.n%u.k%u.test", i, i % 100);
		wrong += strcmp(fixture_ask(&f, question), i % 3 ? want : "-") != 0;
		snprintf(question, sizeof(question), "name:n%u.k%u.test", i, (i + 1) % 100);
		wrong += strcmp(fixture_ask(&f, question), "-") != 0;
	}
	CU_ASSERT_EQUAL(wrong, 0);
	fixture_close(&f);
}

/* More distinct lengths than a look-up takes fingerprints of. */
static void test_ruleset_many_prefix_lengths_on_one_host(void)
{
	enum { N = 150 };
	static char list[N * 200], path[N + 1];
	struct fixture f;
	size_t n = 0;
	memset(path, 'p', N);
	for (unsigned i = 1; i <= N; i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "host.test/q%u%.*s*\n", i, (int)i, path);
	fixture_open_one(&f, list);
	unsigned wrong = 0;
	for (unsigned i = 1; i <= N; i++) {
		char question[300], want[64];
		snprintf(question, sizeof(question), "url:host.test/q%u%.*s/x", i, (int)i, path);
		snprintf(want, sizeof(want), "block url-prefix a:%u", i);
		wrong += strcmp(fixture_ask(&f, question), want) != 0;
		snprintf(question, sizeof(question), "url:host.test/q%u%.*s/x", i, (int)i - 1, path);
		wrong += strcmp(fixture_ask(&f, question), "-") != 0;
	}
	CU_ASSERT_EQUAL(wrong, 0);
	fixture_close(&f);
}

static void test_ruleset_lists_keep_their_meta_and_actions(void)
{
	static const char *const lists[] = {
	    "#! name: First\n#! authority: Court\n#! action_http: redirect\n#! redirect: http://page.test/\n"
	    "#! action_dns: address\n#! dns_a: 192.0.2.1\nname.test\n",
	    "other.test\n"};
	struct fixture f;
	fixture_open(&f, lists, 2);
	CU_ASSERT_EQUAL(ruleset_lists(f.rs), 2);
	CU_ASSERT_STRING_EQUAL(ruleset_meta(f.rs, 0, META_name), "First");
	CU_ASSERT_STRING_EQUAL(ruleset_meta(f.rs, 0, META_authority), "Court");
	CU_ASSERT_STRING_EQUAL(ruleset_meta(f.rs, 0, META_dns_a), "192.0.2.1");
	CU_ASSERT_STRING_EQUAL(ruleset_meta(f.rs, 1, META_name), "b");
	CU_ASSERT_STRING_EQUAL(ruleset_meta(f.rs, 1, META_authority), "");
	CU_ASSERT_STRING_EQUAL(ruleset_meta(f.rs, 1, META_language), "sq");
	CU_ASSERT_EQUAL(ruleset_action(f.rs, 0, META_action_http), ACTION_REDIRECT);
	CU_ASSERT_EQUAL(ruleset_action(f.rs, 0, META_action_dns), ACTION_ADDRESS);
	CU_ASSERT_EQUAL(ruleset_action(f.rs, 0, META_action_tls), ACTION_ALERT);
	CU_ASSERT_EQUAL(ruleset_action(f.rs, 1, META_action_http), ACTION_PAGE);
	CU_ASSERT_EQUAL(ruleset_action(f.rs, 1, META_action_ip), ACTION_ICMP);
	CU_ASSERT_STRING_EQUAL(compiler_list_name(f.c, 1), "b");
	fixture_close(&f);
}

static uint64_t id_of(const struct fixture *f, const char *text)
{
	struct name n;
	struct match m;
	CU_ASSERT_EQUAL_FATAL(name_canonical((const uint8_t *)text, strlen(text), &n), NAME_OK);
	ruleset_match_name(f->rs, f->s, &n, &m);
	return m.rule.id;
}

static void test_ruleset_id_stays_with_its_rule(void)
{
	struct fixture a, b;
	fixture_open_one(&a, "name.test\n=two.test\n!two.test\n192.0.2.1\nads*.x.test\n");
	fixture_open_one(&b, "192.0.2.1\nother.test\nads*.x.test\n=two.test\n*.name.test\nname.test\n");
	static const char *const names[] = {"name.test", "two.test", "192.0.2.1", "ads1.x.test"};
	for (unsigned i = 0; i < 4; i++) {
		CU_ASSERT(id_of(&a, names[i]) == id_of(&b, names[i]) && id_of(&a, names[i]) != 0);
		for (unsigned k = 0; k < i; k++)
			CU_ASSERT(id_of(&a, names[i]) != id_of(&a, names[k]));
	}
	CU_ASSERT(id_of(&b, "name.test") != id_of(&b, "a.name.test"));
	fixture_close(&a);
	fixture_close(&b);
}

static const struct test tests[] = {
    TEST(test_ruleset_domain_holds_itself_and_subdomains_alone),
    TEST(test_ruleset_host_and_subdomains_hold_one_half_each),
    TEST(test_ruleset_the_more_specific_name_is_reported),
    TEST(test_ruleset_one_name_has_several_rules),
    TEST(test_ruleset_any_exception_wins_over_any_block),
    TEST(test_ruleset_url_is_exact_to_the_byte),
    TEST(test_ruleset_prefix_holds_what_begins_so),
    TEST(test_ruleset_url_is_reported_before_its_host),
    TEST(test_ruleset_patterns_judge_their_own_subject),
    TEST(test_ruleset_addresses_by_longest_prefix),
    TEST(test_ruleset_cut_url_is_no_exact_match),
    TEST(test_ruleset_longest_names_are_found),
    TEST(test_ruleset_no_name_of_many_is_lost_or_added),
    TEST(test_ruleset_many_prefix_lengths_on_one_host),
    TEST(test_ruleset_lists_keep_their_meta_and_actions),
    TEST(test_ruleset_id_stays_with_its_rule),
};

HARNESS_MAIN("ruleset", tests)
