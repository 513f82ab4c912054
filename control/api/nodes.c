/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/api/nodes.h"

#include <string.h>

#include "control/store/clock.h"

#define NS 1000000000u

const struct rpc_field node_fields[NODE_FIELDS_N] = {
    {"name", RPC_STRING, "as configured"},
    {"socket", RPC_STRING, "where it is asked"},
    {"instance", RPC_STRING, "as it says itself"},
    {"connected", RPC_BOOL, "whether it answers"},
    {"version", RPC_U64, "that it judges by; null: none, or not known"},
    {"wanted", RPC_U64, "the version that it should judge by; null: none"},
    {"acked", RPC_STRING, "since when all its workers judge by the wanted version; null: they do not"},
    {"behind_s", RPC_U64, "for how many seconds it has not judged by the wanted version; 0: it does"},
    {"why", RPC_STRING, "why it does not answer, or refused the version; null: all is well"},
};

static json_t *or_null(uint64_t version)
{
	return version ? rpc_u64(version) : json_null();
}

static json_t *time_of(uint64_t ns)
{
	char text[CLOCK_TEXT_BYTES];
	if (!ns)
		return json_null();
	clock_text((int64_t)(ns / NS), text);
	return json_string(text);
}

static const char *socket_of(const struct control_config *c, const char *name)
{
	for (unsigned i = 0; i < c->n_dataplanes; i++)
		if (!strcmp(c->dataplanes[i].name, name))
			return c->dataplanes[i].socket;
	return "";
}

static int64_t behind_s(const struct link_status *s)
{
	int64_t since = (int64_t)(s->wanted_ns / NS), now = clock_now();
	return !s->wanted || s->acknowledged == s->wanted || now < since ? 0 : now - since;
}

static json_t *node_json(const struct call *c, const struct link_status *s)
{
	const char *why = s->state == LINK_AWAY ? s->why : s->refused;
	bool is_current = s->wanted && s->acknowledged == s->wanted;
	return json_pack("{ss ss so sb so so so sI so}", "name", s->name, "socket",
			 socket_of(c->config, s->name), "instance", rpc_string(s->instance), "connected",
			 s->state == LINK_UP, "version", or_null(s->version), "wanted", or_null(s->wanted),
			 "acked", is_current ? time_of(s->acknowledged_ns) : json_null(), "behind_s",
			 (json_int_t)behind_s(s), "why", *why ? rpc_string(why) : json_null());
}

json_t *nodes_json(const struct call *c)
{
	json_t *all = json_array();
	for (unsigned i = 0; all && i < engine_nodes(c->engine); i++)
		if (json_array_append_new(all, node_json(c, link_status(engine_node(c->engine, i))))) {
			json_decref(all);
			return NULL;
		}
	return all;
}
