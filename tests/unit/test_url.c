/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rules/url.h"
#include "tests/unit/harness.h"
#include "tests/unit/vectors.h"

static struct url u, again;

static enum name_error from_text(const void *p, size_t len, struct url *ret)
{
	uint8_t *g = guarded(p, len);
	enum name_error e = url_from_text(g, len, ret);
	guarded_free(g, len);
	return e;
}

static bool run_url(const struct vector *v)
{
	enum name_error e = from_text(v->cell[0].text, v->cell[0].len, &u);
	if (!v->cell[1].is_value)
		return e && !strcmp(name_strerror(e), v->cell[1].text);
	if (e || u.cut || u.len != v->cell[1].len || strcmp(u.text, v->cell[1].text))
		return false;
	return !from_text(u.text, u.len, &again) && !strcmp(u.text, again.text) &&
	       again.host_len == u.host_len;
}

static void test_url_vectors_of_the_page_hold(void)
{
	unsigned failed;
	CU_ASSERT(vectors_run("url", run_url, &failed) > 60);
	CU_ASSERT_EQUAL(failed, 0);
}

static bool run_request(const struct vector *v)
{
	struct name host;
	uint16_t port;
	const struct cell *authority = &v->cell[1], *target = &v->cell[2];
	if (from_text(v->cell[0].text, v->cell[0].len, &u) || strcmp(u.text, v->cell[3].text))
		return false;
	if (name_from_authority((const uint8_t *)authority->text, authority->len, &host, &port))
		return false;
	uint8_t *g = guarded(target->text, target->len);
	url_from_request(&host, port, g, target->len, &again);
	guarded_free(g, target->len);
	return !strcmp(again.text, v->cell[3].text) && again.port == u.port && again.host_len == u.host_len;
}

static void test_url_of_list_and_wire_are_the_same(void)
{
	unsigned failed;
	CU_ASSERT(vectors_run("request", run_request, &failed) > 10);
	CU_ASSERT_EQUAL(failed, 0);
}

static const struct name *test_host(void)
{
	static struct name host;
	CU_ASSERT_FATAL(!name_canonical((const uint8_t *)"host.test", 9, &host));
	return &host;
}

static void request(const char *target)
{
	url_from_request(test_host(), 0, (const uint8_t *)target, strlen(target), &u);
}

static void test_url_that_is_too_long_is_cut_and_says_so(void)
{
	static char target[URL_MAX_BYTES + 100];
	memset(target, 'a', sizeof(target) - 1);
	target[0] = '/';
	target[URL_MAX_BYTES - 9] = 0;
	request(target);
	CU_ASSERT(!u.cut && u.len == URL_MAX_BYTES);
	target[URL_MAX_BYTES - 9] = 'a';
	request(target);
	CU_ASSERT(u.cut && u.len == URL_MAX_BYTES && !u.text[u.len]);
	/* A query does not slip in behind a cut path. */
	memcpy(target + sizeof(target) - 3, "?b", 2);
	request(target);
	CU_ASSERT(u.cut && !strchr(u.text, '?'));
}

/* "/" and `pad` bytes of one segment, `middle`, `times` times `unit`, `tail`. */
static char *long_target(size_t pad, const char *middle, size_t times, const char *unit, const char *tail)
{
	char *t = malloc(pad + strlen(middle) + times * strlen(unit) + strlen(tail) + 2), *p = t;
	CU_ASSERT_FATAL(t != NULL);
	*p++ = '/';
	memset(p, 'p', pad);
	p = stpcpy(p + pad, middle);
	while (times--)
		p = stpcpy(p, unit);
	strcpy(p, tail);
	return t;
}

static void test_url_dot_segments_go_before_the_cut(void)
{
	static const struct {
		size_t pad;
		const char *middle;
		size_t times;
		const char *unit, *tail, *want;
	} rows[] = {
	    {20000, "/..", 0, "", "/b", "host.test/b"},
	    {20000, "/../", 20000, "./", "b?c", "host.test/b?c"},
	    {5, "/", 20000, "/", "b", "host.test/ppppp/b"},
	    {1, "", 20000, "/a", "/../../b", NULL},
	    {URL_MAX_BYTES - 10, "/a/b/c/../../..", 0, "", "", NULL},
	    {URL_MAX_BYTES - 10, "/a/../../b", 0, "", "", "host.test/b"},
	    {URL_MAX_BYTES - 10, "/../b", 0, "", "", "host.test/b"},
	    {URL_MAX_BYTES, "/../b", 0, "", "", "host.test/b"},
	    {URL_MAX_BYTES - 12, "/..", 0, "", "", "host.test/"},
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *t = long_target(rows[i].pad, rows[i].middle, rows[i].times, rows[i].unit, rows[i].tail);
		request(t);
		CU_ASSERT_EQUAL(u.cut, !rows[i].want);
		if (rows[i].want)
			CU_ASSERT_STRING_EQUAL(u.text, rows[i].want);
		free(t);
	}
	/* 20,000 segments down, 20,000 up again. */
	char *down = long_target(0, "x", 20000, "/a", ""), *up = long_target(0, "", 20000, "../", "b");
	char *both = malloc(strlen(down) + strlen(up) + 1);
	stpcpy(stpcpy(both, down), up);
	request(both);
	CU_ASSERT(!u.cut);
	CU_ASSERT_STRING_EQUAL(u.text, "host.test/x/b");
	free(down);
	free(up);
	free(both);
}

static void test_url_of_a_megabyte_of_dots_takes_no_time(void)
{
	static const char *const units[] = {"/..", "/a/..", "a/../", "%2e%2e/", "//", "/./", "a/b/../", "%"};
	struct timespec a, b;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (unsigned i = 0; i < sizeof(units) / sizeof(*units); i++) {
		char *t = long_target(URL_MAX_BYTES - 12, "/", 300000, units[i], "");
		request(t);
		free(t);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	CU_ASSERT(b.tv_sec - a.tv_sec < 5); /* quadratic would be hours */
}

static void test_url_port_changes_in_place(void)
{
	static const struct {
		uint16_t port;
		const char *want;
	} rows[] = {{8080, "host.test:8080/a?b"},   {1, "host.test:1/a?b"}, {443, "host.test/a?b"},
		    {65535, "host.test:65535/a?b"}, {80, "host.test/a?b"},  {0, "host.test/a?b"}};
	request("/a?b");
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		url_set_port(&u, rows[i].port);
		CU_ASSERT_STRING_EQUAL(u.text, rows[i].want);
		CU_ASSERT(u.len == strlen(u.text) && u.text[u.host_len] == '/' && !u.cut);
	}
	char *t = long_target(URL_MAX_BYTES - 10, "", 0, "", "");
	request(t);
	CU_ASSERT(!u.cut && u.len == URL_MAX_BYTES);
	url_set_port(&u, 8080);
	CU_ASSERT(u.cut && u.len == URL_MAX_BYTES && !strncmp(u.text, "host.test:8080/p", 16));
	free(t);
}

static void test_url_target_without_slash_is_below_the_host(void)
{
	request("*");
	CU_ASSERT_STRING_EQUAL(u.text, "host.test/*");
	request("a/b");
	CU_ASSERT_STRING_EQUAL(u.text, "host.test/a/b");
	request("");
	CU_ASSERT_STRING_EQUAL(u.text, "host.test/");
	request("?a");
	CU_ASSERT_STRING_EQUAL(u.text, "host.test/?a");
}

static const struct test tests[] = {
    TEST(test_url_vectors_of_the_page_hold),
    TEST(test_url_of_list_and_wire_are_the_same),
    TEST(test_url_that_is_too_long_is_cut_and_says_so),
    TEST(test_url_dot_segments_go_before_the_cut),
    TEST(test_url_of_a_megabyte_of_dots_takes_no_time),
    TEST(test_url_port_changes_in_place),
    TEST(test_url_target_without_slash_is_below_the_host),
};

HARNESS_MAIN("url", tests)
