/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"
#include "common/rpc.h"
#include "tests/unit/harness.h"

static unsigned runs;

static int run_echo(void *ctx, const json_t *params, json_t **ret_result, struct err *e)
{
	const char *text = json_string_value(json_object_get(params, "text"));
	(void)e;
	CU_ASSERT_STRING_EQUAL(ctx, "context");
	runs++;
	*ret_result = json_string(text);
	return 0;
}

static int run_refuse(void *ctx, const json_t *params, json_t **ret_result, struct err *e)
{
	(void)ctx;
	(void)ret_result;
	const char *why = json_string_value(json_object_get(params, "why"));
	runs++;
	return why ? err_set(e, -ENOENT, "%s\xff", why) : -EINVAL;
}

static int run_long(void *ctx, const json_t *params, json_t **ret_result, struct err *e)
{
	size_t n = (size_t)json_integer_value(json_object_get(params, "bytes"));
	char *text = malloc(n + 1);
	(void)ctx;
	(void)e;
	memset(text, 'x', n);
	text[n] = 0;
	*ret_result = json_string(text);
	free(text);
	return 0;
}

static int run_nothing(void *ctx, const json_t *params, json_t **ret_result, struct err *e)
{
	(void)ctx;
	(void)params;
	(void)ret_result;
	(void)e;
	return 0;
}

static const struct rpc_param echo_params[] = {
    {"text", RPC_STRING, true, "what to repeat"},
    {"times", RPC_U64, false, "how often"},
    {"loud", RPC_BOOL, false, "whether loudly"},
};
static const struct rpc_param refuse_params[] = {{"why", RPC_STRING, false, "the reason"}};
static const struct rpc_param long_params[] = {{"bytes", RPC_U64, true, "how many"}};
static const struct rpc_method methods[] = {
    {.name = "echo", .help = "Repeats.", .params = echo_params, .n_params = 3, .run = run_echo},
    {.name = "refuse", .help = "Cannot.", .params = refuse_params, .n_params = 1, .run = run_refuse},
    {.name = "long", .help = "Talks.", .params = long_params, .n_params = 1, .run = run_long},
    {.name = "nothing", .help = "Does nothing.", .run = run_nothing},
};
static char context[] = "context";
static const struct rpc_server server = {
    .methods = methods, .n_methods = sizeof(methods) / sizeof(*methods), .ctx = context};

/* Feeds it all, at once or byte by byte; returns what was answered, from malloc, "" for nothing. */
static char *ask(const char *bytes, size_t n, size_t step)
{
	struct rpc_connection *c = malloc(sizeof(*c));
	size_t len;
	rpc_connection_init(c, &server);
	for (size_t at = 0; at < n; at += step) {
		size_t part = n - at < step ? n - at : step;
		CU_ASSERT_EQUAL(rpc_connection_feed(c, bytes + at, part), part);
	}
	char *out = rpc_connection_take(c, &len);
	out = realloc(out, len + 1);
	out[len] = 0;
	CU_ASSERT_FALSE(c->failed);
	rpc_connection_fini(c);
	free(c);
	return out;
}

#define Q(rest) "{\"jsonrpc\":\"2.0\",\"id\":7," rest "}\n"
#define A(rest) "{\"jsonrpc\":\"2.0\"," rest ",\"id\":7}\n"
#define E(code, message) \
	"{\"jsonrpc\":\"2.0\",\"error\":{\"code\":" #code ",\"message\":\"" message "\"},\"id\":"

static const struct {
	const char *in, *out;
} rows[] = {
    {Q("\"method\":\"echo\",\"params\":{\"text\":\"a\"}"), A("\"result\":\"a\"")},
    {Q("\"method\":\"echo\",\"params\":{\"text\":\"\xc3\xbc\",\"times\":9223372036854775807,\"loud\":false}"),
     A("\"result\":\"\xc3\xbc\"")},
    {" {\"params\" : { \"text\" : \"a\" }, \"method\":\"echo\", \"id\":\"x\" , \"jsonrpc\":\"2.0\"}\r\n",
     "{\"jsonrpc\":\"2.0\",\"result\":\"a\",\"id\":\"x\"}\n"},
    {Q("\"method\":\"nothing\""), A("\"result\":null")},
    {Q("\"method\":\"nothing\",\"params\":{}"), A("\"result\":null")},
    {Q("\"method\":\"nothing\",\"params\":[]"), A("\"result\":null")},
    {"{\"jsonrpc\":\"2.0\",\"method\":\"nothing\",\"id\":null}\n",
     "{\"jsonrpc\":\"2.0\",\"result\":null,\"id\":null}\n"},
    {"{\"jsonrpc\":\"2.0\",\"method\":\"nothing\",\"id\":1.5}\n",
     "{\"jsonrpc\":\"2.0\",\"result\":null,\"id\":1.5}\n"},
    /* nobody waits: no answer, neither to errors */
    {"{\"jsonrpc\":\"2.0\",\"method\":\"nothing\"}\n", ""},
    {"{\"jsonrpc\":\"2.0\",\"method\":\"refuse\"}\n", ""},
    {"{\"jsonrpc\":\"2.0\",\"method\":\"none\"}\n", ""},
    {"\n\r\n", ""},
    /* two requests */
    {Q("\"method\":\"nothing\"") Q("\"method\":\"nothing\""), A("\"result\":null") A("\"result\":null")},
    /* the handler's sentence */
    {Q("\"method\":\"refuse\",\"params\":{\"why\":\"no \\\"file\\\"\"}"),
     E(-32000, "no \\\"file\\\"?") "7}\n"},
    {Q("\"method\":\"refuse\""), E(-32000, "it could not be done, and no reason is known") "7}\n"},
    /* no JSON */
    {"nonsense\n", E(-32700, "the line is not JSON: invalid token near 'nonsense', at byte 8") "null}\n"},
    {"{\"a\":1,\"a\":2}\n",
     E(-32700, "the line is not JSON: duplicate object key near '\\\"a\\\"', at byte 10") "null}\n"},
    /* no request */
    {"[]\n", E(-32600, "batches are not supported: send one request a line") "null}\n"},
    {"7\n", E(-32600, "a request is an object") "null}\n"},
    {"null\n", E(-32600, "a request is an object") "null}\n"},
    {"{}\n", E(-32600, "jsonrpc: must be \\\"2.0\\\"") "null}\n"},
    {"{\"jsonrpc\":2.0,\"id\":7,\"method\":\"echo\"}\n", E(-32600, "jsonrpc: must be \\\"2.0\\\"") "7}\n"},
    {"{\"jsonrpc\":\"1.0\",\"id\":7,\"method\":\"echo\"}\n",
     E(-32600, "jsonrpc: must be \\\"2.0\\\"") "7}\n"},
    {Q("\"method\":7"), E(-32600, "method: must be a string") "7}\n"},
    {Q("\"params\":{}"), E(-32600, "method: must be a string") "7}\n"},
    {"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"echo\"}\n",
     E(-32600, "id: must be a string or a number") "null}\n"},
    {Q("\"method\":\"nothing\",\"parms\":{}"),
     E(-32600, "\\\"parms\\\": a request has no such member") "7}\n"},
    /* no such method */
    {Q("\"method\":\"ehco\""), E(-32601, "\\\"ehco\\\": no such method; did you mean \\\"echo\\\"?") "7}\n"},
    {Q("\"method\":\"hlp\""), E(-32601, "\\\"hlp\\\": no such method; did you mean \\\"help\\\"?") "7}\n"},
    {Q("\"method\":\"quite another\""),
     E(-32601, "\\\"quite another\\\": no such method; \\\"help\\\" lists them") "7}\n"},
    /* parameters */
    {Q("\"method\":\"echo\""), E(-32602, "text: missing; echo needs it: what to repeat") "7}\n"},
    {Q("\"method\":\"echo\",\"params\":{\"times\":1}"),
     E(-32602, "text: missing; echo needs it: what to repeat") "7}\n"},
    {Q("\"method\":\"echo\",\"params\":[\"a\"]"),
     E(-32602, "params: must be an object: parameters are named") "7}\n"},
    {Q("\"method\":\"echo\",\"params\":null"),
     E(-32602, "params: must be an object: parameters are named") "7}\n"},
    {Q("\"method\":\"echo\",\"params\":{\"text\":7}"), E(-32602, "text: must be of type string") "7}\n"},
    {Q("\"method\":\"echo\",\"params\":{\"text\":\"a\",\"times\":-1}"),
     E(-32602, "times: must be of type integer") "7}\n"},
    {Q("\"method\":\"echo\",\"params\":{\"text\":\"a\",\"times\":1.0}"),
     E(-32602, "times: must be of type integer") "7}\n"},
    {Q("\"method\":\"echo\",\"params\":{\"text\":\"a\",\"loud\":1}"),
     E(-32602, "loud: must be of type boolean") "7}\n"},
    {Q("\"method\":\"echo\",\"params\":{\"txt\":\"a\"}"),
     E(-32602, "\\\"txt\\\": echo has no such parameter; did you mean \\\"text\\\"?") "7}\n"},
    {Q("\"method\":\"nothing\",\"params\":{\"text\":\"a\"}"),
     E(-32602, "\\\"text\\\": nothing has no such parameter") "7}\n"},
};

static void test_rpc_answers_each_line_as_the_table_says(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t step = 1; step < 10000; step = 9 * step + 1) {
			char *out = ask(rows[i].in, strlen(rows[i].in), step);
			if (strcmp(out, rows[i].out))
				printf("# %s# answered\n# %s# not\n# %s", rows[i].in, out, rows[i].out);
			CU_ASSERT_STRING_EQUAL(out, rows[i].out);
			free(out);
		}
}

static void test_rpc_runs_no_handler_for_a_wrong_request(void)
{
	runs = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strstr(rows[i].out, "\"error\"") && !strstr(rows[i].out, "-32000"))
			free(ask(rows[i].in, strlen(rows[i].in), 4096));
	CU_ASSERT_EQUAL(runs, 0);
	free(ask("{\"jsonrpc\":\"2.0\",\"method\":\"refuse\"}\n", 37, 4096));
	CU_ASSERT_EQUAL(runs, 1); /* one that nobody waits for is carried out */
}

static void test_rpc_skips_a_line_that_is_too_long(void)
{
	static const char good[] = Q("\"method\":\"nothing\""), well[] = A("\"result\":null");
	for (size_t n = RPC_REQUEST_MAX - 1; n < 3 * RPC_REQUEST_MAX;
	     n = n < RPC_REQUEST_MAX + 1 ? n + 1 : 2 * n) {
		size_t spaces = n - (sizeof(good) - 2);
		char *in = malloc(n + 2 * sizeof(good));
		memset(in, ' ', spaces);
		strcpy(in + spaces, good);
		strcat(in, good);
		for (size_t step = 1000; step < 100000; step *= 99) {
			char *out = ask(in, strlen(in), step);
			const char *second = strchr(out, '\n') + 1;
			if (n <= RPC_REQUEST_MAX)
				CU_ASSERT_NSTRING_EQUAL(out, well, strlen(well));
			if (n > RPC_REQUEST_MAX)
				CU_ASSERT_PTR_NOT_NULL(strstr(out, "longer than 64 KiB"));
			CU_ASSERT_STRING_EQUAL(second, well);
			free(out);
		}
		free(in);
	}
}

static void test_rpc_takes_no_more_while_too_much_is_unsent(void)
{
	static const char q[] = Q("\"method\":\"long\",\"params\":{\"bytes\":200000}");
	struct rpc_connection *c = malloc(sizeof(*c));
	size_t n = 20 * (sizeof(q) - 1), at = 0, len, lines = 0, rounds = 0;
	char *in = malloc(n + 1);
	for (unsigned i = 0; i < 20; i++)
		strcpy(in + i * (sizeof(q) - 1), q);
	rpc_connection_init(c, &server);
	while (at < n && rounds++ < 100) {
		at += rpc_connection_feed(c, in + at, n - at);
		CU_ASSERT(c->unsent_len <= RPC_UNSENT_MAX);
		CU_ASSERT(at == n || rpc_connection_feed(c, in + at, n - at) == 0);
		char *out = rpc_connection_take(c, &len);
		for (size_t i = 0; i < len; i++)
			lines += out[i] == '\n';
		free(out);
	}
	CU_ASSERT_EQUAL(lines, 20);
	CU_ASSERT(rounds > 3);
	rpc_connection_fini(c);
	free(c);
	free(in);
}

static void test_rpc_says_that_an_answer_is_too_long(void)
{
	static const char fits[] = Q("\"method\":\"long\",\"params\":{\"bytes\":262000}"),
			  over[] = Q("\"method\":\"long\",\"params\":{\"bytes\":262144}");
	char *out = ask(fits, sizeof(fits) - 1, sizeof(fits));
	CU_ASSERT(strlen(out) > 262000 && strlen(out) <= RPC_ANSWER_MAX);
	free(out);
	out = ask(over, sizeof(over) - 1, sizeof(over));
	CU_ASSERT_STRING_EQUAL(out, E(-32603, "the answer is too long, or memory ran out") "7}\n");
	free(out);
}

static void test_rpc_deep_nesting_is_no_JSON(void)
{
	static char in[60001];
	memset(in, '[', 60000);
	in[60000] = '\n';
	char *out = ask(in, sizeof(in), sizeof(in));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "-32700"));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "depth"));
	free(out);
}

static void test_rpc_a_last_line_needs_no_newline(void)
{
	static const char q[] = Q("\"method\":\"nothing\"");
	struct rpc_connection *c = malloc(sizeof(*c));
	size_t len;
	rpc_connection_init(c, &server);
	rpc_connection_feed(c, q, sizeof(q) - 2);
	CU_ASSERT_PTR_NULL(rpc_connection_take(c, &len));
	rpc_connection_end(c);
	char *out = rpc_connection_take(c, &len);
	CU_ASSERT_EQUAL(len, strlen(A("\"result\":null")));
	rpc_connection_end(c);
	CU_ASSERT_PTR_NULL(rpc_connection_take(c, &len));
	free(out);
	rpc_connection_fini(c);
	free(c);
}

static void test_rpc_help_lists_the_table(void)
{
	char *out = ask(Q("\"method\":\"help\""), strlen(Q("\"method\":\"help\"")), 4096);
	json_t *answer = json_loads(out, 0, NULL), *all = json_object_get(answer, "result");
	CU_ASSERT_EQUAL_FATAL(json_array_size(all), server.n_methods + 1);
	for (unsigned i = 0; i < server.n_methods; i++) {
		json_t *m = json_array_get(all, i), *params = json_object_get(m, "params");
		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(m, "name")), methods[i].name);
		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(m, "help")), methods[i].help);
		CU_ASSERT_EQUAL_FATAL(json_array_size(params), methods[i].n_params);
		for (unsigned k = 0; k < methods[i].n_params; k++) {
			const struct rpc_param *p = &methods[i].params[k];
			json_t *said = json_array_get(params, k);
			CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(said, "name")), p->name);
			CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(said, "type")),
					       rpc_type_names[p->type]);
			CU_ASSERT_EQUAL(json_is_true(json_object_get(said, "required")), p->required);
		}
	}
	json_decref(answer);
	free(out);
}

static void test_rpc_strings_and_numbers_are_valid_whatever_comes(void)
{
	static const char *const strings[][2] = {{"a", "a"},
						 {"\xc3\xbc", "\xc3\xbc"},
						 {"a\xff", "a?"},
						 {"\xc3", "?"},
						 {"\xe2\x82 \xc3\xbc", "?? \xc3\xbc"}};
	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++) {
		json_t *s = rpc_string(strings[i][0]);
		CU_ASSERT_STRING_EQUAL(json_string_value(s), strings[i][1]);
		json_decref(s);
	}
	json_t *v = rpc_u64(UINT64_MAX), *w = rpc_u64(5);
	CU_ASSERT_EQUAL(json_integer_value(v), INT64_MAX);
	CU_ASSERT_EQUAL(json_integer_value(w), 5);
	json_decref(v);
	json_decref(w);
}

static void test_nearest_word(void)
{
	static const char *const known[] = {"status", "workers", "ports", "ruleset.load", "stop"};
	static const char *const words[][2] = {
	    {"staus", "status"},
	    {"statsu", "status"},
	    {"worker", "workers"},
	    {"port", "ports"},
	    {"rulesetload", "ruleset.load"},
	    {"stp", "stop"},
	    {"halt", NULL},
	    {"", NULL},
	    {"a word that is longer than any of the words that this program can ever know of", NULL}};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		struct nearest n;
		nearest_init(&n, words[i][0]);
		for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
			nearest_try(&n, known[k]);
		if (words[i][1])
			CU_ASSERT(n.best && !strcmp(n.best, words[i][1]));
		if (!words[i][1])
			CU_ASSERT_PTR_NULL(n.best);
	}
}

static const struct test tests[] = {
    TEST(test_rpc_answers_each_line_as_the_table_says),
    TEST(test_rpc_runs_no_handler_for_a_wrong_request),
    TEST(test_rpc_skips_a_line_that_is_too_long),
    TEST(test_rpc_takes_no_more_while_too_much_is_unsent),
    TEST(test_rpc_says_that_an_answer_is_too_long),
    TEST(test_rpc_deep_nesting_is_no_JSON),
    TEST(test_rpc_a_last_line_needs_no_newline),
    TEST(test_rpc_help_lists_the_table),
    TEST(test_rpc_strings_and_numbers_are_valid_whatever_comes),
    TEST(test_nearest_word),
};
HARNESS_MAIN("rpc", tests)
