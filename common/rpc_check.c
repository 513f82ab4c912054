/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/rpc_check.h"

#include <string.h>

#include "common/nearest.h"

/* What of a text that a peer chose is repeated to it. */
#define SHOWN "\"%.64s\""

const char *const rpc_type_names[RPC_TYPES_N] = {
#define X(id, word) word,
    RPC_TYPES(X)
#undef X
};

static bool has_type(const json_t *v, enum rpc_type type)
{
	switch (type) {
	case RPC_STRING:
		return json_is_string(v);
	case RPC_U64:
		return json_is_integer(v) && json_integer_value(v) >= 0;
	case RPC_BOOL:
		return json_is_boolean(v);
	case RPC_REAL:
		return json_is_number(v);
	case RPC_ARRAY:
		return json_is_array(v);
	case RPC_OBJECT:
		return json_is_object(v);
	case RPC_TYPES_N:
		break;
	}
	return false;
}

/* Takes the id first, so that whatever is wrong besides is answered with it. */
static int check_envelope(json_t *root, struct rpc_request *ret, struct err *e)
{
	static const char *const members[] = {"jsonrpc", "id", "method", "params"};
	const char *key;
	json_t *value;
	if (json_is_array(root))
		return err_set(e, RPC_ERROR_REQUEST, "batches are not supported: send one request a line");
	if (!json_is_object(root))
		return err_set(e, RPC_ERROR_REQUEST, "a request is an object");
	json_t *id = json_object_get(root, "id");
	if (id && !json_is_string(id) && !json_is_number(id) && !json_is_null(id))
		return err_set(e, RPC_ERROR_REQUEST, "id: must be a string or a number");
	ret->id = id;
	const char *version = json_string_value(json_object_get(root, "jsonrpc"));
	if (!version || strcmp(version, "2.0"))
		return err_set(e, RPC_ERROR_REQUEST, "jsonrpc: must be \"2.0\"");
	if (!json_is_string(json_object_get(root, "method")))
		return err_set(e, RPC_ERROR_REQUEST, "method: must be a string");
	json_object_foreach(root, key, value)
	{
		bool known = false;
		for (unsigned i = 0; i < sizeof(members) / sizeof(*members); i++)
			known |= !strcmp(key, members[i]);
		if (!known)
			return err_set(e, RPC_ERROR_REQUEST, SHOWN ": a request has no such member", key);
	}
	return 0;
}

static int find_method(const struct rpc_server *s, const char *name, const struct rpc_method **ret,
		       struct err *e)
{
	struct nearest n;
	nearest_init(&n, name);
	for (unsigned i = 0; i <= s->n_methods; i++) {
		const struct rpc_method *m = i < s->n_methods ? &s->methods[i] : &rpc_help_method;
		if (!strcmp(m->name, name)) {
			*ret = m;
			return 0;
		}
		nearest_try(&n, m->name);
	}
	if (n.best)
		return err_set(e, RPC_ERROR_METHOD, SHOWN ": no such method; did you mean \"%s\"?", name,
			       n.best);
	return err_set(e, RPC_ERROR_METHOD, SHOWN ": no such method; \"help\" lists them", name);
}

static const struct rpc_param *find_param(const struct rpc_method *m, const char *name)
{
	for (unsigned i = 0; i < m->n_params; i++)
		if (!strcmp(m->params[i].name, name))
			return &m->params[i];
	return NULL;
}

static int refuse_param(const struct rpc_method *m, const char *name, struct err *e)
{
	struct nearest n;
	nearest_init(&n, name);
	for (unsigned i = 0; i < m->n_params; i++)
		nearest_try(&n, m->params[i].name);
	if (n.best)
		return err_set(e, RPC_ERROR_PARAMS, SHOWN ": %s has no such parameter; did you mean \"%s\"?",
			       name, m->name, n.best);
	return err_set(e, RPC_ERROR_PARAMS, SHOWN ": %s has no such parameter", name, m->name);
}

static int check_params(const struct rpc_request *q, struct err *e)
{
	const struct rpc_method *m = q->method;
	const char *key;
	json_t *value;
	if (q->params && !json_is_object(q->params))
		return err_set(e, RPC_ERROR_PARAMS, "params: must be an object: parameters are named");
	json_object_foreach(q->params, key, value)
	{
		const struct rpc_param *p = find_param(m, key);
		if (!p)
			return refuse_param(m, key, e);
		if (!has_type(value, p->type))
			return err_set(e, RPC_ERROR_PARAMS, "%s: must be of type %s", key,
				       rpc_type_names[p->type]);
	}
	for (unsigned i = 0; i < m->n_params; i++)
		if (m->params[i].required && !json_object_get(q->params, m->params[i].name))
			return err_set(e, RPC_ERROR_PARAMS, "%s: missing; %s needs it: %s", m->params[i].name,
				       m->name, m->params[i].help);
	return 0;
}

int rpc_check(const struct rpc_server *s, json_t *root, struct rpc_request *ret, struct err *e)
{
	int code = check_envelope(root, ret, e);
	if (!code)
		code = find_method(s, json_string_value(json_object_get(root, "method")), &ret->method, e);
	if (!code && s->permit && ret->method != &rpc_help_method && s->permit(s->ctx, ret->method, e))
		code = RPC_ERROR_ACCESS;
	if (!code) {
		ret->params = json_object_get(root, "params");
		if (json_is_array(ret->params) && !json_array_size(ret->params))
			ret->params = NULL; /* how some libraries say "none" */
		code = check_params(ret, e);
	}
	return code;
}
