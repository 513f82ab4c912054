/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/methods.h"

#include <errno.h>
#include <unistd.h>

#include "common/hex.h"
#include "common/rpc.h"
#include "dataplane/dpdk/methods_blocks.h"
#include "dataplane/dpdk/methods_probe.h"

#define N(array) (unsigned)(sizeof(array) / sizeof(*(array)))

static const struct view_snapshot *look(void *ctx)
{
	static struct view_snapshot now; /* the main thread's; too large for a stack */
	const struct dataplane_view *view = ctx;
	view->snapshot(view->ctx, &now);
	return &now;
}

/* The handlers' last step: a result that memory sufficed for. */
static int done(json_t *result, json_t **ret_result, struct err *e)
{
	if (!result)
		return err_set(e, -ENOMEM, "memory ran out");
	*ret_result = result;
	return 0;
}

static json_t *digest_of(const struct view_ruleset *r)
{
	char hex[65];
	hex_write(r->digest, 32, hex);
	return json_string(hex);
}

static json_t *ruleset_of(const struct view_ruleset *r)
{
	if (!r->is_set)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "version", rpc_u64(r->version), "digest", digest_of(r),
			 "path", rpc_string(r->path), "bytes", rpc_u64(r->bytes), "lists", rpc_u64(r->lists));
}

static const struct rpc_field status_fields[] = {
    {"name", RPC_STRING, "\"roja-dataplane\""},
    {"version", RPC_STRING, "of the program"},
    {"pid", RPC_U64, "its process"},
    {"instance", RPC_STRING, "as configured"},
    {"mode", RPC_STRING, "inline, monitor or mirror"},
    {"fail", RPC_STRING, "what the wire does while a worker is dead: open or closed"},
    {"uptime_s", RPC_REAL, "seconds since the start"},
    {"tsc_hz", RPC_U64, "cycles a second, for the figures in cycles"},
    {"workers", RPC_U64, "how many there are"},
    {"ports", RPC_U64, "how many there are"},
    {"unprotected_ms", RPC_REAL, "how long ports went unwatched, summed over the ports and all starts"},
    {"ruleset", RPC_OBJECT, "the active one: version, digest, path, bytes, lists; null: none"},
    {"mbufs", RPC_OBJECT, "packet buffers: total; free; at_rest, free when the queues were filled"},
    {"blocks", RPC_U64, "addresses blocked for a time (blocks.list)"},
    {"kernel_lacks", RPC_STRING,
     "why the kernel has not all addresses that the workers enforce, which matters while none is alive; null: it has"},
    {"events", RPC_OBJECT, "put in the event rings, lost to full ones, waiting to be acknowledged"},
};

static int run_status(void *ctx, const json_t *params, json_t **ret_result, struct err *e)
{
	const struct view_snapshot *v = look(ctx);
	json_t *mbufs = json_pack("{s:o, s:o, s:o}", "total", rpc_u64(v->mbufs), "free",
				  rpc_u64(v->mbufs_free), "at_rest", rpc_u64(v->mbufs_at_rest));
	json_t *events = json_pack("{s:o, s:o, s:o}", "put", rpc_u64(v->events_put), "lost",
				   rpc_u64(v->events_lost), "waiting", rpc_u64(v->events_waiting));
	(void)params;
	json_t *lacks = v->kernel_lacks ? rpc_string(v->kernel_lacks) : json_null();
	return done(
	    json_pack("{s:s, s:s, s:i, s:o, s:s, s:s, s:f, s:o, s:i, s:i, s:f, s:o, s:o, s:o, s:o, s:o}",
		      "name", "roja-dataplane", "version", ROJA_VERSION, "pid", (int)getpid(), "instance",
		      rpc_string(v->instance), "mode", v->mode, "fail", v->fail, "uptime_s",
		      (double)v->uptime_ns / 1e9, "tsc_hz", rpc_u64(v->tsc_hz), "workers", (int)v->n_workers,
		      "ports", (int)v->n_ports, "unprotected_ms", (double)v->unprotected_ns / 1e6, "ruleset",
		      ruleset_of(&v->ruleset), "mbufs", mbufs, "blocks", rpc_u64(v->blocks), "kernel_lacks",
		      lacks, "events", events),
	    ret_result, e);
}

static void set_fields(json_t *to, const void *record, const struct dataplane_field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		json_object_set_new(to, fields[i].name, rpc_u64(dataplane_value(record, &fields[i])));
}

#define U64_FIELD(name, help)  {#name, RPC_U64, help},
#define REAL_FIELD(name, help) {#name, RPC_REAL, help},

static const struct rpc_field workers_fields[] = {WORKER_GAUGES(U64_FIELD) WORKER_RATIOS(REAL_FIELD)
						      WORKER_COUNTERS(U64_FIELD)};

static int run_workers(void *ctx, const json_t *params, json_t **ret_result, struct err *e)
{
	const struct view_snapshot *v = look(ctx);
	json_t *all = json_array();
	(void)params;
	for (unsigned i = 0; i < v->n_workers; i++) {
		const struct dataplane_worker *w = &v->workers[i];
		json_t *one = json_object();
		set_fields(one, w, worker_fields, WORKER_FIELDS_N);
#define SET_RATIO(name, help) json_object_set_new(one, #name, json_real(dataplane_##name(w)));
		WORKER_RATIOS(SET_RATIO)
#undef SET_RATIO
		json_array_append_new(all, one);
	}
	return done(all, ret_result, e);
}

static const struct rpc_field ports_fields[] = {
    {"port", RPC_U64, "its number, in the order of the configuration"},
    {"name", RPC_STRING, "as configured"},
    {"driver", RPC_STRING, "as configured"},
    {"peer", RPC_STRING, "the port where its frames leave; null: none"},
    {"link", RPC_BOOL, "whether it is up"},
    PORT_COUNTERS(U64_FIELD){"guard", RPC_OBJECT,
			     "what the kernel beneath it did; null: no program of ours is there"},
};

static json_t *guard_of(const struct view_port *p)
{
	if (!p->guarded)
		return json_null();
	json_t *guard = json_object();
	set_fields(guard, &p->figures, port_guard_fields, PORT_GUARD_FIELDS_N);
	return guard;
}

static int run_ports(void *ctx, const json_t *params, json_t **ret_result, struct err *e)
{
	const struct view_snapshot *v = look(ctx);
	json_t *all = json_array();
	(void)params;
	for (unsigned i = 0; i < v->n_ports; i++) {
		const struct view_port *p = &v->ports[i];
		json_t *one = json_pack("{s:i, s:o, s:o, s:o, s:b, s:o}", "port", (int)i, "name",
					rpc_string(p->name), "driver", rpc_string(p->driver), "peer",
					p->peer ? rpc_string(p->peer) : json_null(), "link", (int)p->link,
					"guard", guard_of(p));
		set_fields(one, &p->figures, port_fields, PORT_FIELDS_N);
		json_array_append_new(all, one);
	}
	return done(all, ret_result, e);
}

static const struct rpc_field counters_fields[] = {
    {"NAME", RPC_OBJECT,
     "each counter of docs/counters.md: help; total; workers, its value by worker, in their order"},
};

static int run_counters(void *ctx, const json_t *params, json_t **ret_result, struct err *e)
{
	const struct view_snapshot *v = look(ctx);
	json_t *all = json_object();
	(void)params;
	for (unsigned i = 0; i < counter_rows_n; i++) {
		json_t *by_worker = json_array();
		uint64_t total = 0;
		for (unsigned w = 0; w < v->n_workers; w++) {
			uint64_t value = v->counters[w] ? counter_value(v->counters[w], i) : 0;
			total += value;
			json_array_append_new(by_worker, rpc_u64(value));
		}
		json_object_set_new(all, counter_rows[i].name,
				    json_pack("{s:s, s:o, s:o}", "help", counter_rows[i].help, "total",
					      rpc_u64(total), "workers", by_worker));
	}
	return done(all, ret_result, e);
}

static const struct rpc_param load_params[] = {
    {"path", RPC_STRING, true, "the compiled ruleset's file, from the root (/); the daemon's user reads it"},
    {"version", RPC_U64, false,
     "a number that hits and events carry; without it, the one that a sealed file says, or one more than the last"},
};
static const struct rpc_field load_fields[] = {
    {"version", RPC_U64, "the ruleset that is now active"},
    {"digest", RPC_STRING, "its SHA-256, in hexadecimal digits"},
    {"path", RPC_STRING, "its file"},
    {"bytes", RPC_U64, "the file's length"},
    {"lists", RPC_U64, "how many lists it holds"},
    {"open_ms", RPC_REAL, "how long reading and checking it took"},
    {"switch_ms", RPC_REAL, "how long after publication the last worker switched; null: not all have yet"},
    {"workers", RPC_ARRAY, "by worker: worker; switched_ns after publication, null: not yet"},
};

static json_t *switches_of(const struct view_load *l, uint64_t *ret_last_ns)
{
	json_t *all = json_array();
	bool every = true;
	*ret_last_ns = 0;
	for (unsigned i = 0; i < l->n_workers; i++) {
		uint64_t ns = l->switched_ns[i];
		every &= ns != 0;
		*ret_last_ns = ns > *ret_last_ns ? ns : *ret_last_ns;
		json_array_append_new(all, json_pack("{s:i, s:o}", "worker", (int)i, "switched_ns",
						     ns ? rpc_u64(ns) : json_null()));
	}
	*ret_last_ns = every ? *ret_last_ns : 0;
	return all;
}

static int run_load(void *ctx, const json_t *params, json_t **ret_result, struct err *e)
{
	const struct dataplane_view *view = ctx;
	const char *path = json_string_value(json_object_get(params, "path"));
	json_int_t version = json_integer_value(json_object_get(params, "version"));
	struct view_load l = {0};
	uint64_t last_ns;
	if (path[0] != '/')
		return err_set(e, -EINVAL,
			       "path: \"%s\" does not begin with \"/\": this process has another working "
			       "directory than yours",
			       path);
	int err = view->load(view->ctx, path, (uint64_t)version, &l, e);
	if (err)
		return err;
	json_t *result = ruleset_of(&l.ruleset), *switches = switches_of(&l, &last_ns);
	json_object_set_new(result, "workers", switches);
	json_object_set_new(result, "open_ms", json_real((double)l.open_ns / 1e6));
	json_object_set_new(result, "switch_ms", last_ns ? json_real((double)last_ns / 1e6) : json_null());
	return done(result, ret_result, e);
}

static const struct rpc_param block_params[] = {
    {"address", RPC_STRING, true, "IPv4 or IPv6; none that routers talk by, such as multicast"},
    {"seconds", RPC_U64, true, "for how long, 1 to 86400"},
    {"list", RPC_U64, false, "whose hit causes it, 0 to 65535; 0 where it is missing"},
};
static const struct rpc_field block_fields[] = {
    {"blocks", RPC_U64, "how many addresses are blocked now; 65,536 can be"},
};
static const struct rpc_param blocks_params[] = {
    {"from", RPC_U64, false, "`next` of the answer before; without it, from the first one on"},
};
static const struct rpc_field blocks_fields[] = {
    {"blocks", RPC_ARRAY, "each with its address, list and left_s, seconds that are left"},
    {"next", RPC_U64, "there may be more: ask again with this as `from`; 0: that was all"},
};
static const struct rpc_param unblock_params[] = {
    {"address", RPC_STRING, false, "without it, all addresses"},
};
static const struct rpc_field unblock_fields[] = {
    {"removed", RPC_U64, "how many were blocked and are no more"},
};

static const struct rpc_param probe_params[] = {
    {"requests", RPC_ARRAY, true,
     "1 to 256 strings: a protocol (tls, quic, http, dns, dns-tcp, ip), a blank, and a host name, for http host[:port]/path, for "
     "ip an address: \"tls www.example.com\""},
};
static const struct rpc_field probe_fields[] = {
    {"workers", RPC_ARRAY,
     "by worker: worker; answered, false where it hangs; version and digest of the ruleset that all its answers are "
     "by, 0 and null where it has none"},
    {"answers", RPC_ARRAY,
     "by request: what every worker would do, or an array of it by worker where they differ: \"pass\", \"except\" (an "
     "exception lets it pass), \"none\" (not judged), or \"PROTOCOL ACTION LIST:LINE\" of the rule, with \" passes\" "
     "behind it where all frames would leave, as with action count"},
};

static int run_stop(void *ctx, const json_t *params, json_t **ret_result, struct err *e)
{
	const struct dataplane_view *view = ctx;
	(void)params;
	view->stop(view->ctx);
	return done(json_object(), ret_result, e);
}

#define FIELDS(array) .fields = array, .n_fields = N(array)

static const struct rpc_method methods[] = {
    {.name = "status",
     .help = "Says what runs, since when, and by which ruleset.",
     .result = RPC_OBJECT,
     FIELDS(status_fields),
     .run = run_status},
    {.name = "workers",
     .help = "Says what each worker has done.",
     .result = RPC_ARRAY,
     FIELDS(workers_fields),
     .run = run_workers},
    {.name = "ports",
     .help = "Says what each port has carried, and what the kernel beneath it did.",
     .result = RPC_ARRAY,
     FIELDS(ports_fields),
     .run = run_ports},
    {.name = "counters",
     .help = "Says what the pipelines have counted.",
     .result = RPC_OBJECT,
     FIELDS(counters_fields),
     .run = run_counters},
    {.name = "ruleset.load",
     .help = "Reads a compiled ruleset, checks it and makes it the active one; a bad file changes nothing.",
     .params = load_params,
     .n_params = N(load_params),
     .result = RPC_OBJECT,
     FIELDS(load_fields),
     .run = run_load},
    {.name = "blocks.add",
     .help =
	 "Drops whatever comes from or goes to an address for so long, whatever the rules say; where it is blocked "
	 "already, until the later of both ends. That an order bears it is the caller's concern. Behind "
	 "af_xdp and af_packet it outlives the daemon.",
     .params = block_params,
     .n_params = N(block_params),
     .result = RPC_OBJECT,
     FIELDS(block_fields),
     .run = methods_block},
    {.name = "blocks.list",
     .help = "The addresses that are blocked now, some hundreds at a time.",
     .params = blocks_params,
     .n_params = N(blocks_params),
     .result = RPC_OBJECT,
     FIELDS(blocks_fields),
     .run = methods_blocks},
    {.name = "blocks.remove",
     .help = "Lets an address go, or all of them.",
     .params = unblock_params,
     .n_params = N(unblock_params),
     .result = RPC_OBJECT,
     FIELDS(unblock_fields),
     .run = methods_unblock},
    {.name = "probe",
     .help =
	 "Says what each worker would do with requests, by the ruleset that it judges traffic by. They are made in "
	 "memory as frames and are on no wire; no event, counter or block comes of them.",
     .params = probe_params,
     .n_params = N(probe_params),
     .result = RPC_OBJECT,
     FIELDS(probe_fields),
     .run = methods_probe},
    {.name = "stop",
     .help = "Ends the daemon in good order, after this answer.",
     .result = RPC_OBJECT,
     .run = run_stop},
};
const struct rpc_method *const dataplane_methods = methods;
const unsigned dataplane_methods_n = N(methods);
