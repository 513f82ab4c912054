/* SPDX-License-Identifier: BSD-3-Clause */
/* The method "help": a server's table as JSON. */
#include <errno.h>

#include "common/rpc_check.h"

static json_t *params_of(const struct rpc_method *m)
{
	json_t *all = json_array();
	for (unsigned i = 0; i < m->n_params; i++) {
		const struct rpc_param *p = &m->params[i];
		json_array_append_new(all, json_pack("{s:s, s:s, s:b, s:s}", "name", p->name, "type",
						     rpc_type_names[p->type], "required", (int)p->required,
						     "help", p->help));
	}
	return all;
}

static json_t *result_of(const struct rpc_method *m)
{
	json_t *fields = json_array();
	for (unsigned i = 0; i < m->n_fields; i++) {
		const struct rpc_field *f = &m->fields[i];
		json_array_append_new(fields, json_pack("{s:s, s:s, s:s}", "name", f->name, "type",
							rpc_type_names[f->type], "help", f->help));
	}
	return json_pack("{s:s, s:o}", "type", rpc_type_names[m->result], "fields", fields);
}

static json_t *roles_of(const struct rpc_server *s, const struct rpc_method *m)
{
	json_t *roles = json_array();
	for (unsigned i = 0; s->role_words && s->role_words[i]; i++)
		if (m->roles & 1u << i)
			json_array_append_new(roles, json_string(s->role_words[i]));
	return roles;
}

static int run_help(void *ctx, const json_t *params, json_t **ret_result, struct err *e)
{
	const struct rpc_server *s = ctx;
	json_t *all = json_array();
	(void)params;
	for (unsigned i = 0; i <= s->n_methods; i++) {
		const struct rpc_method *m = i < s->n_methods ? &s->methods[i] : &rpc_help_method;
		json_array_append_new(all, json_pack("{s:s, s:s, s:o, s:o, s:o}", "name", m->name, "help",
						     m->help, "roles", roles_of(s, m), "params", params_of(m),
						     "result", result_of(m)));
	}
	if (json_array_size(all) != s->n_methods + 1) {
		json_decref(all);
		return err_set(e, -ENOMEM, "memory ran out");
	}
	*ret_result = all;
	return 0;
}

static const struct rpc_field help_fields[] = {
    {"name", RPC_STRING, "the method's name"},
    {"help", RPC_STRING, "what it does"},
    {"roles", RPC_ARRAY, "who may call it; empty: whoever may use the socket"},
    {"params", RPC_ARRAY, "its parameters: name, type, whether required, help"},
    {"result", RPC_OBJECT, "its result: type and fields; of an array, the fields of each element"},
};

const struct rpc_method rpc_help_method = {
    .name = "help",
    .help = "Lists the methods with their parameters and results.",
    .result = RPC_ARRAY,
    .fields = help_fields,
    .n_fields = sizeof(help_fields) / sizeof(*help_fields),
    .run = run_help,
};
