/* SPDX-License-Identifier: BSD-3-Clause */
/* The methods over a view filled with distinct figures: what is said is what is there. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rpc.h"
#include "dataplane/dpdk/methods.h"
#include "tests/unit/harness.h"

#define WORKERS 3
#define PORTS	2

static struct state {
	unsigned workers, ports, stops;
	struct counters counters[VIEW_WORKERS_MAX];
	bool has_ruleset, slow;
	char loaded[256];
	uint64_t version;
	const char *kernel_lacks;
	struct view_block blocks[3000];
	unsigned n_blocks, seconds, list;
	uint8_t addr[16];
	bool full, all, differ;
	unsigned asked;
} state;

static const uint8_t digest[32] = {0xab, [31] = 0x01};

static uint64_t figure(unsigned record, size_t i)
{
	return 1000 * (record + 1) + i;
}

static void fill(void *record, const struct dataplane_field *fields, size_t n, unsigned number)
{
	for (size_t i = 0; i < n; i++)
		*dataplane_place(record, &fields[i]) = figure(number, i);
}

static struct view_ruleset ruleset(void)
{
	return (struct view_ruleset){.is_set = state.has_ruleset,
				     .version = 17,
				     .bytes = 4096,
				     .lists = 2,
				     .path = "/rules/\xff.roja",
				     .digest = digest};
}

static void snapshot(void *ctx, struct view_snapshot *ret)
{
	CU_ASSERT_PTR_EQUAL(ctx, &state);
	memset(ret, 0, sizeof(*ret));
	ret->instance = "roja";
	ret->mode = "inline";
	ret->fail = "open";
	ret->uptime_ns = 1500000000;
	ret->tsc_hz = 2000000000;
	ret->unprotected_ns = 2500000;
	ret->mbufs = 100;
	ret->mbufs_free = 90;
	ret->mbufs_at_rest = 95;
	ret->events_put = 7;
	ret->events_lost = 1;
	ret->events_waiting = 3;
	ret->blocks = state.n_blocks;
	ret->kernel_lacks = state.kernel_lacks;
	ret->ruleset = ruleset();
	ret->n_workers = state.workers;
	ret->n_ports = state.ports;
	for (unsigned i = 0; i < state.workers; i++) {
		fill(&ret->workers[i], worker_fields, WORKER_FIELDS_N, i);
		ret->counters[i] = &state.counters[i];
	}
	for (unsigned i = 0; i < state.ports; i++) {
		ret->ports[i] = (struct view_port){.name = i ? "right" : "left",
						   .driver = "af_xdp",
						   .peer = i ? NULL : "right",
						   .link = i == 0,
						   .guarded = i == 0};
		fill(&ret->ports[i].figures, port_fields, PORT_FIELDS_N, i);
		fill(&ret->ports[i].figures, port_guard_fields, PORT_GUARD_FIELDS_N, 10 + i);
	}
}

static int load(void *ctx, const char *path, uint64_t version, struct view_load *ret, struct err *e)
{
	CU_ASSERT_PTR_EQUAL(ctx, &state);
	snprintf(state.loaded, sizeof(state.loaded), "%s", path);
	state.version = version;
	if (!strcmp(path, "/bad"))
		return err_set(e, -EINVAL, "/bad: no ruleset");
	*ret = (struct view_load){.ruleset = ruleset(), .open_ns = 3000000, .n_workers = WORKERS};
	for (unsigned i = 0; i < WORKERS; i++)
		ret->switched_ns[i] = state.slow && i == 1 ? 0 : 1000 * (3 - i);
	return 0;
}

static int block(void *ctx, const uint8_t addr[16], unsigned seconds, unsigned list, struct err *e)
{
	CU_ASSERT_PTR_EQUAL(ctx, &state);
	if (state.full)
		return err_set(e, -ENOSPC, "65536 addresses are blocked already");
	memcpy(state.addr, addr, sizeof(state.addr));
	state.seconds = seconds;
	state.list = list;
	state.n_blocks++;
	return 0;
}

static unsigned unblock(void *ctx, const uint8_t *addr)
{
	CU_ASSERT_PTR_EQUAL(ctx, &state);
	state.all = !addr;
	if (addr)
		memcpy(state.addr, addr, sizeof(state.addr));
	return addr ? 1 : state.n_blocks;
}

static unsigned blocks(void *ctx, unsigned from, struct view_block *ret, unsigned n, unsigned *ret_next)
{
	CU_ASSERT_PTR_EQUAL(ctx, &state);
	unsigned left = from < state.n_blocks ? state.n_blocks - from : 0;
	n = n < left ? n : left;
	memcpy(ret, &state.blocks[from], n * sizeof(*ret));
	*ret_next = n < left ? from + n : 0;
	return n;
}

static int probe(void *ctx, const struct trial_ask *v, unsigned n, struct view_probe *ret, struct err *e)
{
	static struct trial_answer answers[WORKERS][TRIAL_REQUESTS];
	CU_ASSERT_PTR_EQUAL(ctx, &state);
	CU_ASSERT(n > 0 && n <= TRIAL_REQUESTS);
	state.asked = n;
	if (v[0].text.len == 4 && !memcmp(v[0].text.p, "bad!", 4))
		return err_set(e, -EINVAL, "requests: number 0, tls: it is no name");
	*ret = (struct view_probe){.n_workers = state.workers};
	for (unsigned w = 0; w < state.workers; w++) {
		for (unsigned i = 0; i < n; i++)
			answers[w % WORKERS][i] =
			    (struct trial_answer){.outcome = i % 3 == 2 ? TRIAL_PASS : TRIAL_HIT,
						  .proto = (uint8_t)try_protos[v[i].proto].hit,
						  .action = i % 3 ? ACTION_COUNT : ACTION_ALERT,
						  .dropped = i % 3 == 0,
						  .list = 65535,
						  .line = UINT32_MAX - (state.differ ? w % WORKERS : 0)};
		ret->workers[w].answered = !(state.slow && w == 1);
		ret->workers[w].version = 17;
		ret->workers[w].digest = digest;
		ret->workers[w].answers = answers[w % WORKERS];
	}
	return 0;
}

static void stop(void *ctx)
{
	CU_ASSERT_PTR_EQUAL(ctx, &state);
	state.stops++;
}

static struct dataplane_view view = {.ctx = &state,
				     .snapshot = snapshot,
				     .load = load,
				     .block = block,
				     .unblock = unblock,
				     .blocks = blocks,
				     .probe = probe,
				     .stop = stop};

static void reset(void)
{
	state = (struct state){.workers = WORKERS, .ports = PORTS, .has_ruleset = true};
}

/* The whole answer to a method. */
static json_t *answer_to(const char *method, const char *params)
{
	struct rpc_server server = {
	    .methods = dataplane_methods, .n_methods = dataplane_methods_n, .ctx = &view};
	struct rpc_connection *c = malloc(sizeof(*c));
	static char q[RPC_REQUEST_MAX];
	size_t len;
	int n = snprintf(q, sizeof(q), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}\n",
			 method, params);
	rpc_connection_init(c, &server);
	CU_ASSERT_EQUAL(rpc_connection_feed(c, q, (size_t)n), (size_t)n);
	char *out = rpc_connection_take(c, &len);
	json_t *answer = json_loadb(out, len, 0, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	free(out);
	rpc_connection_fini(c);
	free(c);
	return answer;
}

static json_t *result_of(const char *method, const char *params)
{
	json_t *answer = answer_to(method, params), *result = json_incref(json_object_get(answer, "result"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(result);
	json_decref(answer);
	return result;
}

static void check_refusal(const char *method, const char *params, const char *sentence)
{
	json_t *answer = answer_to(method, params), *error = json_object_get(answer, "error");
	const char *message = json_string_value(json_object_get(error, "message"));
	CU_ASSERT(message && strstr(message, sentence));
	json_decref(answer);
}

static uint64_t number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	CU_ASSERT(json_is_integer(v));
	return (uint64_t)json_integer_value(v);
}

static void check_string(const json_t *o, const char *key, const char *value)
{
	const char *is = json_string_value(json_object_get(o, key));
	CU_ASSERT_PTR_NOT_NULL_FATAL(is);
	CU_ASSERT_STRING_EQUAL(is, value);
}

static bool fits(const json_t *v, enum rpc_type type)
{
	switch (type) {
	case RPC_STRING:
		return json_is_string(v) || json_is_null(v);
	case RPC_U64:
		return json_is_integer(v);
	case RPC_REAL:
		return json_is_real(v) || json_is_null(v);
	case RPC_BOOL:
		return json_is_boolean(v);
	case RPC_ARRAY:
		return json_is_array(v);
	default:
		return json_is_object(v) || json_is_null(v);
	}
}

/* What the required parameters need. */
static const char *params_of(const struct rpc_method *m)
{
	if (!strcmp(m->name, "ruleset.load"))
		return "{\"path\":\"/a\"}";
	if (!strcmp(m->name, "probe"))
		return "{\"requests\":[\"tls www.example.com\"]}";
	return strcmp(m->name, "blocks.add") ? "{}" : "{\"address\":\"192.0.2.1\",\"seconds\":1}";
}

/* The result, or each of its elements, has the members that the table names, of its types, and no other. */
static void test_methods_results_hold_what_their_tables_say(void)
{
	reset();
	for (unsigned i = 0; i < dataplane_methods_n; i++) {
		const struct rpc_method *m = &dataplane_methods[i];
		json_t *r = result_of(m->name, params_of(m));
		const json_t *o = m->result == RPC_ARRAY ? json_array_get(r, 0) : r;
		CU_ASSERT(json_is_object(o));
		CU_ASSERT_EQUAL(json_typeof(r), m->result == RPC_ARRAY ? JSON_ARRAY : JSON_OBJECT);
		if (strcmp(m->name, "counters"))
			CU_ASSERT_EQUAL(json_object_size(o), m->n_fields);
		for (unsigned k = 0; k < m->n_fields && strcmp(m->name, "counters"); k++) {
			const json_t *v = json_object_get(o, m->fields[k].name);
			if (!v || !fits(v, m->fields[k].type))
				printf("# %s: %s\n", m->name, m->fields[k].name);
			CU_ASSERT(v && fits(v, m->fields[k].type));
		}
		json_decref(r);
	}
	CU_ASSERT_EQUAL(state.stops, 1);
}

static void test_methods_status(void)
{
	reset();
	json_t *r = result_of("status", "{}"), *rules = json_object_get(r, "ruleset"),
	       *mbufs = json_object_get(r, "mbufs"), *events = json_object_get(r, "events");
	check_string(r, "name", "roja-dataplane");
	check_string(r, "mode", "inline");
	check_string(r, "fail", "open");
	check_string(r, "instance", "roja");
	check_string(r, "version", ROJA_VERSION);
	check_string(rules, "path", "/rules/?.roja");
	check_string(rules, "digest", "ab00000000000000000000000000000000000000000000000000000000000001");
	CU_ASSERT_EQUAL(number(rules, "version"), 17);
	CU_ASSERT_EQUAL(number(rules, "lists"), 2);
	CU_ASSERT_EQUAL(number(rules, "bytes"), 4096);
	CU_ASSERT_EQUAL(number(mbufs, "total"), 100);
	CU_ASSERT_EQUAL(number(mbufs, "free"), 90);
	CU_ASSERT_EQUAL(number(mbufs, "at_rest"), 95);
	CU_ASSERT_EQUAL(number(r, "blocks"), 0);
	CU_ASSERT(json_is_null(json_object_get(r, "kernel_lacks")));
	CU_ASSERT_EQUAL(number(events, "put"), 7);
	CU_ASSERT_EQUAL(number(events, "lost"), 1);
	CU_ASSERT_EQUAL(number(events, "waiting"), 3);
	CU_ASSERT_EQUAL(number(r, "workers"), WORKERS);
	CU_ASSERT_EQUAL(number(r, "ports"), PORTS);
	CU_ASSERT_EQUAL(number(r, "tsc_hz"), 2000000000);
	CU_ASSERT_DOUBLE_EQUAL(json_real_value(json_object_get(r, "uptime_s")), 1.5, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(json_real_value(json_object_get(r, "unprotected_ms")), 2.5, 1e-9);
	json_decref(r);
	state.has_ruleset = false;
	state.kernel_lacks = "cannot replace the listed IPv4 prefixes: no room";
	r = result_of("status", "{}");
	check_string(r, "kernel_lacks", state.kernel_lacks);
	CU_ASSERT(json_is_null(json_object_get(r, "ruleset")));
	json_decref(r);
}

static void test_methods_workers_say_each_figure(void)
{
	reset();
	json_t *r = result_of("workers", "{}");
	CU_ASSERT_EQUAL_FATAL(json_array_size(r), WORKERS);
	for (unsigned w = 0; w < WORKERS; w++) {
		struct dataplane_worker is;
		json_t *one = json_array_get(r, w);
		fill(&is, worker_fields, WORKER_FIELDS_N, w);
		for (size_t i = 0; i < WORKER_FIELDS_N; i++)
			CU_ASSERT_EQUAL(number(one, worker_fields[i].name), figure(w, i));
		double busy = json_real_value(json_object_get(one, "busy_percent"));
		CU_ASSERT_DOUBLE_EQUAL(
		    busy, 100.0 * (double)is.busy_cycles / (double)(is.busy_cycles + is.idle_cycles), 1e-9);
		double cycles = json_real_value(json_object_get(one, "cycles_per_packet"));
		CU_ASSERT_DOUBLE_EQUAL(cycles, (double)is.busy_cycles / (double)is.judged_packets, 1e-9);
	}
	json_decref(r);
}

static void test_methods_ports_say_each_figure(void)
{
	reset();
	json_t *r = result_of("ports", "{}");
	CU_ASSERT_EQUAL_FATAL(json_array_size(r), PORTS);
	for (unsigned p = 0; p < PORTS; p++) {
		json_t *one = json_array_get(r, p);
		for (size_t i = 0; i < PORT_FIELDS_N; i++)
			CU_ASSERT_EQUAL(number(one, port_fields[i].name), figure(p, i));
		CU_ASSERT_EQUAL(number(one, "port"), p);
	}
	json_t *left = json_array_get(r, 0), *right = json_array_get(r, 1),
	       *guard = json_object_get(left, "guard");
	for (size_t i = 0; i < PORT_GUARD_FIELDS_N; i++)
		CU_ASSERT_EQUAL(number(guard, port_guard_fields[i].name), figure(10, i));
	check_string(left, "name", "left");
	check_string(left, "peer", "right");
	CU_ASSERT(json_is_true(json_object_get(left, "link")));
	CU_ASSERT(json_is_null(json_object_get(right, "guard")));
	CU_ASSERT(json_is_null(json_object_get(right, "peer")));
	CU_ASSERT(json_is_false(json_object_get(right, "link")));
	json_decref(r);
}

static void test_methods_counters_are_summed_over_workers(void)
{
	reset();
	for (unsigned w = 0; w < WORKERS; w++)
		for (unsigned i = 0; i < counter_rows_n; i++)
			((uint64_t *)&state.counters[w])[i] = figure(w, i);
	json_t *r = result_of("counters", "{}");
	CU_ASSERT_EQUAL(json_object_size(r), counter_rows_n);
	for (unsigned i = 0; i < counter_rows_n; i++) {
		json_t *one = json_object_get(r, counter_rows[i].name), *by = json_object_get(one, "workers");
		CU_ASSERT_EQUAL(number(one, "total"), figure(0, i) + figure(1, i) + figure(2, i));
		check_string(one, "help", counter_rows[i].help);
		CU_ASSERT_EQUAL_FATAL(json_array_size(by), WORKERS);
		for (unsigned w = 0; w < WORKERS; w++)
			CU_ASSERT_EQUAL((uint64_t)json_integer_value(json_array_get(by, w)), figure(w, i));
	}
	json_decref(r);
}

static void test_methods_load_answers_with_each_workers_switch(void)
{
	reset();
	json_t *r = result_of("ruleset.load", "{\"path\":\"/rules/a\",\"version\":17}");
	json_t *workers = json_object_get(r, "workers");
	CU_ASSERT_STRING_EQUAL(state.loaded, "/rules/a");
	CU_ASSERT_EQUAL(state.version, 17);
	CU_ASSERT_EQUAL(number(r, "version"), 17);
	CU_ASSERT_EQUAL_FATAL(json_array_size(workers), WORKERS);
	for (unsigned i = 0; i < WORKERS; i++) {
		CU_ASSERT_EQUAL(number(json_array_get(workers, i), "worker"), i);
		CU_ASSERT_EQUAL(number(json_array_get(workers, i), "switched_ns"), 1000 * (3 - i));
	}
	CU_ASSERT_DOUBLE_EQUAL(json_real_value(json_object_get(r, "open_ms")), 3.0, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(json_real_value(json_object_get(r, "switch_ms")), 0.003, 1e-9);
	json_decref(r);
	state.slow = true;
	r = result_of("ruleset.load", "{\"path\":\"/rules/a\"}");
	CU_ASSERT_EQUAL(state.version, 0);
	CU_ASSERT(json_is_null(json_object_get(r, "switch_ms")));
	workers = json_object_get(r, "workers");
	CU_ASSERT(json_is_null(json_object_get(json_array_get(workers, 1), "switched_ns")));
	json_decref(r);
}

static void test_methods_load_refuses_with_the_reason(void)
{
	reset();
	check_refusal("ruleset.load", "{\"path\":\"/bad\"}", "/bad: no ruleset");
	state.loaded[0] = 0;
	check_refusal("ruleset.load", "{\"path\":\"rules/a\"}", "does not begin with");
	check_refusal("ruleset.load", "{\"path\":\"\"}", "does not begin with");
	check_refusal("ruleset.load", "{}", "path: missing");
	check_refusal("ruleset.load", "{\"path\":\"/a\",\"version\":-1}", "version: must be");
	CU_ASSERT_STRING_EQUAL(state.loaded, "");
}

static void check_block(const char *address, const char *hex)
{
	char params[128];
	uint8_t want[16];
	CU_ASSERT_EQUAL(unhex(hex, want, sizeof(want)), sizeof(want));
	snprintf(params, sizeof(params), "{\"address\":\"%s\",\"seconds\":86400,\"list\":65535}", address);
	reset();
	json_decref(result_of("blocks.add", params));
	CU_ASSERT(!memcmp(state.addr, want, sizeof(want)) && state.seconds == 86400 && state.list == 65535);
	snprintf(params, sizeof(params), "{\"address\":\"%s\"}", address);
	memset(state.addr, 0, sizeof(state.addr));
	json_t *r = result_of("blocks.remove", params);
	CU_ASSERT_EQUAL(number(r, "removed"), 1);
	CU_ASSERT(!memcmp(state.addr, want, sizeof(want)) && !state.all);
	json_decref(r);
}

static void test_methods_block_addresses(void)
{
	check_block("192.0.2.1", "00000000000000000000ffffc0000201");
	check_block("::ffff:192.0.2.1", "00000000000000000000ffffc0000201");
	check_block("2001:DB8::1", "20010db8000000000000000000000001");
	check_block("203.0.113.255", "00000000000000000000ffffcb0071ff");
	reset();
	state.n_blocks = 4;
	json_t *r = result_of("blocks.add", "{\"address\":\"192.0.2.1\",\"seconds\":1}");
	CU_ASSERT_EQUAL(number(r, "blocks"), 5);
	CU_ASSERT(state.seconds == 1 && state.list == 0);
	json_decref(r);
	r = result_of("blocks.remove", "{}");
	CU_ASSERT_EQUAL(number(r, "removed"), 5);
	CU_ASSERT(state.all);
	json_decref(r);
}

static void test_methods_block_no_address_that_a_link_needs(void)
{
	static const char *const links[] = {
	    "0.0.0.0", "127.0.0.1", "169.254.1.1", "224.0.0.5", "255.255.255.255",
	    "::",      "::1",	    "fe80::1",	   "ff02::1",	"::ffff:224.0.0.5"};
	static const char *const none[] = {"",		 "192.0.2",	"192.0.2.1/32",
					   "192.0.2.1 ", "www.example", "2001:db8::g"};
	char params[128];
	reset();
	for (unsigned i = 0; i < sizeof(links) / sizeof(*links); i++) {
		snprintf(params, sizeof(params), "{\"address\":\"%s\",\"seconds\":5}", links[i]);
		check_refusal("blocks.add", params, "routers talk by them");
	}
	for (unsigned i = 0; i < sizeof(none) / sizeof(*none); i++) {
		snprintf(params, sizeof(params), "{\"address\":\"%s\",\"seconds\":5}", none[i]);
		check_refusal("blocks.add", params, "address: give one IPv4 or IPv6 address");
	}
	check_refusal("blocks.remove", "{\"address\":\"\"}", "address: give one");
	check_refusal("blocks.add", "{\"address\":\"192.0.2.1\",\"seconds\":0}", "seconds: give 1 to 86400");
	check_refusal("blocks.add", "{\"address\":\"192.0.2.1\",\"seconds\":86401}", "seconds: give");
	check_refusal("blocks.add", "{\"address\":\"192.0.2.1\",\"seconds\":5,\"list\":65536}", "list: give");
	check_refusal("blocks.add", "{\"address\":\"192.0.2.1\"}", "seconds: missing");
	CU_ASSERT_EQUAL(state.n_blocks, 0);
	state.full = true;
	check_refusal("blocks.add", "{\"address\":\"192.0.2.1\",\"seconds\":5}", "blocked already");
}

/* Every one once, over several answers, of which the longest fits. */
static void test_methods_list_blocks_in_parts(void)
{
	char params[32] = "{}";
	unsigned got = 0;
	reset();
	state.n_blocks = sizeof(state.blocks) / sizeof(*state.blocks);
	for (unsigned i = 0; i < state.n_blocks; i++) {
		state.blocks[i] =
		    (struct view_block){.list = (uint16_t)(65535 - i), .left_ns = 86399999999999};
		memset(state.blocks[i].addr, 0xcd, sizeof(state.blocks[i].addr));
	}
	memcpy(state.blocks[0].addr, (const uint8_t[]){[10] = 0xff, 0xff, 192, 0, 2, 9}, 16);
	for (;;) {
		json_t *r = result_of("blocks.list", params), *all = json_object_get(r, "blocks");
		for (size_t i = 0; i < json_array_size(all); i++, got++) {
			const json_t *one = json_array_get(all, i);
			check_string(one, "address",
				     got ? "cdcd:cdcd:cdcd:cdcd:cdcd:cdcd:cdcd:cdcd" : "192.0.2.9");
			CU_ASSERT_EQUAL(number(one, "list"), 65535 - got);
			CU_ASSERT_DOUBLE_EQUAL(json_real_value(json_object_get(one, "left_s")), 86400.0,
					       1e-3);
		}
		uint64_t from = number(r, "next");
		snprintf(params, sizeof(params), "{\"from\":%u}", (unsigned)from);
		json_decref(r);
		if (!from)
			break;
	}
	CU_ASSERT_EQUAL(got, state.n_blocks);
	check_refusal("blocks.list", "{\"from\":9223372036854775807}", "from: give");
}

static void check_answer(const json_t *answers, size_t i, const char *want)
{
	const char *is = json_string_value(json_array_get(answers, i));
	CU_ASSERT(is && !strcmp(is, want));
}

static void test_methods_probe_says_what_each_worker_would_do(void)
{
	reset();
	json_t *r =
	    result_of("probe", "{\"requests\":[\"tls a.example\",\"quic a.example\",\"ip 192.0.2.1\"]}");
	json_t *answers = json_object_get(r, "answers"), *workers = json_object_get(r, "workers");
	CU_ASSERT_EQUAL(state.asked, 3u);
	check_answer(answers, 0, "tls alert 65535:4294967295");
	check_answer(answers, 1, "quic count 65535:4294967295 passes");
	check_answer(answers, 2, "pass");
	CU_ASSERT_EQUAL(json_array_size(workers), WORKERS);
	CU_ASSERT_EQUAL(number(json_array_get(workers, 2), "version"), 17);
	json_decref(r);
	state.differ = state.slow = true;
	r = result_of("probe", "{\"requests\":[\"tls a.example\"]}");
	answers = json_array_get(json_object_get(r, "answers"), 0);
	workers = json_object_get(r, "workers");
	check_answer(answers, 0, "tls alert 65535:4294967295");
	CU_ASSERT(json_is_null(json_array_get(answers, 1)));
	check_answer(answers, 2, "tls alert 65535:4294967293");
	CU_ASSERT(json_is_false(json_object_get(json_array_get(workers, 1), "answered")));
	CU_ASSERT(json_is_null(json_object_get(json_array_get(workers, 1), "digest")));
	json_decref(r);
}

static const char *requests_of(unsigned n, const char *one)
{
	static char params[RPC_REQUEST_MAX - 128];
	size_t len = (size_t)sprintf(params, "{\"requests\":[");
	for (unsigned i = 0; i < n; i++)
		len += (size_t)sprintf(params + len, "%s%s", i ? "," : "", one);
	sprintf(params + len, "]}");
	return params;
}

static void test_methods_probe_refuses_what_is_no_request(void)
{
	static const char *const none[] = {"1",		 "null",      "[]",	   "\"\"",	"\"tls\"",
					   "\" tls a\"", "\"ftp a\"", "\"TLS a\"", "\"dns- b\""};
	reset();
	for (unsigned i = 0; i < sizeof(none) / sizeof(*none); i++)
		check_refusal("probe", requests_of(1, none[i]), "requests: number 0 is none");
	check_refusal("probe", requests_of(0, ""), "give 1 to 256, not 0");
	check_refusal("probe", requests_of(257, "\"tls a\""), "give 1 to 256, not 257");
	check_refusal("probe", "{}", "requests: missing");
	check_refusal("probe", "{\"requests\":\"tls a\"}", "requests: must be");
	CU_ASSERT_EQUAL(state.asked, 0u);
	check_refusal("probe", requests_of(1, "\"tls bad!\""), "number 0, tls: it is no name");
}

static void test_methods_the_largest_answer_fits(void)
{
	reset();
	state.workers = VIEW_WORKERS_MAX;
	state.differ = true;
	json_t *r = result_of("probe", requests_of(TRIAL_REQUESTS, "\"quic a\""));
	CU_ASSERT_EQUAL(json_array_size(json_object_get(r, "answers")), TRIAL_REQUESTS);
	json_decref(r);
	reset();
	state.workers = VIEW_WORKERS_MAX;
	state.ports = VIEW_PORTS_MAX;
	memset(state.counters, 0x7f, sizeof(state.counters));
	for (unsigned i = 0; i < dataplane_methods_n; i++)
		if (!dataplane_methods[i].n_params)
			json_decref(result_of(dataplane_methods[i].name, "{}"));
}

static const struct test tests[] = {
    TEST(test_methods_results_hold_what_their_tables_say),
    TEST(test_methods_status),
    TEST(test_methods_workers_say_each_figure),
    TEST(test_methods_ports_say_each_figure),
    TEST(test_methods_counters_are_summed_over_workers),
    TEST(test_methods_load_answers_with_each_workers_switch),
    TEST(test_methods_load_refuses_with_the_reason),
    TEST(test_methods_block_addresses),
    TEST(test_methods_block_no_address_that_a_link_needs),
    TEST(test_methods_list_blocks_in_parts),
    TEST(test_methods_probe_says_what_each_worker_would_do),
    TEST(test_methods_probe_refuses_what_is_no_request),
    TEST(test_methods_the_largest_answer_fits),
};
HARNESS_MAIN("methods", tests)
