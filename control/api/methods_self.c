/* SPDX-License-Identifier: BSD-3-Clause */
/* Of the daemon itself, and of what it enforces now. */
#include <errno.h>
#include <pwd.h>
#include <unistd.h>

#include "control/api/call.h"
#include "control/api/methods.h"
#include "control/api/nodes.h"
#include "control/api/why.h"
#include "control/store/clock.h"

#define N(array) (unsigned)(sizeof(array) / sizeof(*(array)))

static json_t *roles_json(unsigned roles)
{
	json_t *all = json_array();
	for (unsigned i = 0; i < ROLES_N; i++)
		if (roles & 1u << i)
			json_array_append_new(all, json_string(role_words[i]));
	return all;
}

static int run_whoami(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	(void)params;
	return call_done(json_pack("{so sI so}", "user", rpc_string(c->who.name), "uid",
				   (json_int_t)c->who.uid, "roles", roles_json(c->roles)),
			 ret, e);
}

static int count_orders(const struct call *c, json_t **ret, struct err *e)
{
	return store_json_row(
	    c->store, ret, e,
	    "SELECT count(*) FILTER (WHERE state = 'approved' AND NOT held AND starts <= ?1 AND expires > ?1)"
	    "  AS in_force,"
	    " count(*) FILTER (WHERE state = 'approved' AND starts > ?1) AS to_come,"
	    " count(*) FILTER (WHERE state = 'proposed') AS proposed,"
	    " count(*) FILTER (WHERE held) AS held FROM orders",
	    "i", clock_now());
}

static int active_version(const struct call *c, json_t **ret, struct err *e)
{
	const struct version *v = engine_active(c->engine);
	*ret = NULL;
	if (!v || !v->id)
		return 0;
	return store_json_row(
	    c->store, ret, e,
	    "SELECT v.id AS version, v.digest, v.rules, v.bytes, v.created AS \"created:t\","
	    " a.at AS \"activated:t\", a.why FROM versions v JOIN activations a ON a.version_id = v.id"
	    " WHERE v.id = ? ORDER BY a.id DESC LIMIT 1",
	    "i", v->id);
}

/* The self-test that runs, or the last one. */
static json_t *probe_json(const struct call *c)
{
	uint64_t entries, of;
	bool running = engine_probing(c->engine, &entries, &of);
	return json_pack("{sb so so}", "running", (int)running, "entries", rpc_u64(entries), "of",
			 rpc_u64(of));
}

static int run_status(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	json_t *orders = NULL, *active = NULL, *stops = NULL;
	int64_t proposals = 0, alarms = 0;
	const char *pending = engine_pending(c->engine);
	(void)params;
	int err = count_orders(c, &orders, e);
	if (!err)
		err = active_version(c, &active, e);
	if (!err)
		err = store_int(c->store, &proposals, e,
				"SELECT count(*) FROM proposals WHERE state = 'open'", "");
	if (!err)
		err = store_int(c->store, &alarms, e,
				"SELECT count(*) FROM alarms WHERE cleared IS NULL AND acked IS NULL", "");
	if (!err)
		err = store_json(
		    c->store, &stops, e,
		    "SELECT s.id AS stop, s.what, s.order_id AS \"order\", l.name AS list, s.created AS \"created:t\","
		    " s.who, s.confirm_by AS \"confirm_by:t\", s.confirmed AS \"confirmed:t\", s.reason"
		    " FROM stops s LEFT JOIN lists l ON l.id = s.list_id WHERE s.ended IS NULL ORDER BY s.id LIMIT 100",
		    "");
	if (!err)
		err = call_done(json_pack("{ss ss sI sI so* so sO sI sI so sO so}", "name", "roja-control",
					  "version", ROJA_VERSION, "pid", (json_int_t)getpid(), "uptime_s",
					  (json_int_t)(clock_now() - c->started), "active",
					  active ? json_incref(active) : json_null(), "pending",
					  *pending ? rpc_string(pending) : json_null(), "orders", orders,
					  "proposals_open", (json_int_t)proposals, "alarms_open",
					  (json_int_t)alarms, "dataplanes", nodes_json(c), "stops", stops,
					  "probe", probe_json(c)),
				ret, e);
	json_decref(orders);
	json_decref(active);
	json_decref(stops);
	return err;
}

static int run_why(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return why(ctx, call_text(params, "subject"), ret, e);
}

static int run_job_show(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	return jobs_show(c->jobs, (uint64_t)call_number(params, "job"), c->who.uid, ret, e);
}

static int run_dataplane_list(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	(void)params;
	return call_done(nodes_json(ctx), ret, e);
}

static int run_reload(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	(void)params;
	int err = engine_reload(c->engine, e);
	err = call_journal(c, "reload", "guard", err, "the guard's files were read again", e);
	return err ? err : call_done(json_object(), ret, e);
}

static const struct rpc_field whoami_fields[] = {
    {"user", RPC_STRING, "the name of the user that the kernel says the caller is"},
    {"uid", RPC_U64, "that user's number, by which two persons are told apart"},
    {"roles", RPC_ARRAY, "what the configuration gives it"},
};
static const struct rpc_field status_fields[] = {
    {"name", RPC_STRING, "\"roja-control\""},
    {"version", RPC_STRING, "of the program"},
    {"pid", RPC_U64, "its process"},
    {"uptime_s", RPC_U64, "seconds since the start"},
    {"active", RPC_OBJECT,
     "the version in force: version, digest, rules, bytes, created, activated, why; null: none"},
    {"pending", RPC_STRING, "what is being compiled, or why it cannot be; null: nothing"},
    {"orders", RPC_OBJECT, "how many are in_force, to_come, proposed, held (by a rollback)"},
    {"proposals_open", RPC_U64, "what waits for a second person"},
    {"alarms_open", RPC_U64, "what somebody must look at"},
    {"dataplanes", RPC_ARRAY, "as dataplane.list says"},
    {"stops", RPC_ARRAY, "in effect: stop, what, order, list, created, who, confirm_by, confirmed, reason"},
    {"probe", RPC_OBJECT,
     "the self-test: running, whether one runs; entries, how many it has asked, or the last one had; of how many"},
};
static const struct rpc_param why_params[] = {
    {"subject", RPC_STRING, true, "a host name, an address, or a URL with its scheme"},
};
static const struct rpc_param job_params[] = {
    {"job", RPC_U64, true, "what the method that began it answered"},
};
static const struct rpc_field job_fields[] = {
    {"job", RPC_U64, "its number"},
    {"method", RPC_STRING, "what began it"},
    {"state", RPC_STRING, "running, done or failed"},
    {"result", RPC_OBJECT, "of that method, once it is done; null"},
    {"error", RPC_STRING, "why it failed; null"},
};

/* clang-format off */
static const struct rpc_method rows[] = {
    {.name = "whoami",
     .help = "Says who the caller is and which roles it has.",
     .roles = ROLE_VIEWER,
     .fields = whoami_fields,
     .n_fields = N(whoami_fields),
     .result = RPC_OBJECT,
     .run = run_whoami},
    {.name = "status",
     .help = "Says what is enforced where, and what waits for somebody.",
     .roles = ROLE_VIEWER,
     .fields = status_fields,
     .n_fields = N(status_fields),
     .result = RPC_OBJECT,
     .run = run_status},
    {.name = "why",
     .help = "Says what is done with a name, address or URL, and by which order.",
     .roles = ROLE_VIEWER,
     .params = why_params,
     .n_params = N(why_params),
     .fields = why_fields,
     .n_fields = N(why_fields),
     .result = RPC_OBJECT,
     .run = run_why},
    {.name = "job.show",
     .help = "Says what became of work that takes long. Only to who began it.",
     .roles = ROLE_VIEWER,
     .params = job_params,
     .n_params = N(job_params),
     .fields = job_fields,
     .n_fields = N(job_fields),
     .result = RPC_OBJECT,
     .run = run_job_show},
    {.name = "dataplane.list",
     .help = "Lists the data planes and what they enforce.",
     .roles = ROLE_VIEWER,
     .fields = node_fields,
     .n_fields = N(node_fields),
     .result = RPC_ARRAY,
     .run = run_dataplane_list},
    {.name = "reload",
     .help = "Reads the guard's files again; where they are wrong the old ones stay.",
     .roles = ROLE_ADMIN,
     .result = RPC_OBJECT,
     .run = run_reload},
};
/* clang-format on */

const struct methods_area methods_self = {"The daemon, and what is enforced", rows, N(rows)};
