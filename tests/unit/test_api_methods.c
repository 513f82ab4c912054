/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables of the API, and whether rojactl's commands ask what is there. The engine is never called. */
#include "control/api/methods.h"

#include <stdlib.h>
#include <string.h>

#include "control/api/roles.h"
#include "control/ctl/command.h"
#include "tests/unit/harness.h"

#define NEVER(name)      \
	void name(void); \
	void name(void)  \
	{                \
		abort(); \
	}
NEVER(engine_active)
NEVER(engine_check)
NEVER(engine_import)
NEVER(engine_node)
NEVER(engine_nodes)
NEVER(engine_path)
NEVER(engine_pending)
NEVER(engine_plan)
NEVER(engine_poke)
NEVER(engine_poll)
NEVER(engine_probe)
NEVER(engine_probing)
NEVER(engine_reload)
NEVER(engine_rollback)
NEVER(engine_rule)
NEVER(engine_ruleset)

static const struct rpc_method *find(const char *name)
{
	unsigned n;
	const struct rpc_method *all = methods_all(&n);
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(all[i].name, name))
			return &all[i];
	return NULL;
}

static const struct rpc_param *find_param(const struct rpc_method *m, const char *name)
{
	for (unsigned i = 0; i < m->n_params; i++)
		if (!strcmp(m->params[i].name, name))
			return &m->params[i];
	return NULL;
}

static bool has_field(const struct rpc_method *m, const char *name)
{
	for (unsigned i = 0; i < m->n_fields; i++)
		if (!strcmp(m->fields[i].name, name))
			return true;
	return false;
}

/* A condition that holds; otherwise it is said of whom. */
static void want(bool holds, const char *path, const char *what, const char *of)
{
	if (!holds)
		printf("# %s: %s %s\n", path, what, of);
	CU_ASSERT(holds);
}

static void test_api_methods_have_one_role_a_name_and_a_help(void)
{
	unsigned n;
	const struct rpc_method *all = methods_all(&n);
	CU_ASSERT(n > 50);
	for (unsigned i = 0; i < n; i++) {
		const struct rpc_method *m = &all[i];
		want(m->roles && !(m->roles & (m->roles - 1)) && m->roles < 1u << ROLES_N, m->name, "roles",
		     "");
		want(m->help && m->help[strlen(m->help) - 1] == '.', m->name, "help", "");
		want(find(m->name) == m, m->name, "twice", "");
		want(m->run && (m->result == RPC_OBJECT || m->result == RPC_ARRAY), m->name, "result", "");
		for (unsigned k = 0; k < m->n_params; k++)
			want(find_param(m, m->params[k].name) == &m->params[k], m->name, "parameter",
			     m->params[k].name);
	}
}

/* What a viewer, an auditor and an admin may do changes nothing that is enforced. */
static void test_api_methods_acts_need_operators_or_approvers(void)
{
	static const char *const looks[] = {"list",  "show",   "check",	     "notes",  "diff",	"period",
					    "audit", "status", "checkpoint", "rotate", "prune", "reindex"};
	unsigned n;
	const struct rpc_method *all = methods_all(&n);
	for (unsigned i = 0; i < n; i++) {
		const char *dot = strchr(all[i].name, '.');
		bool look = !dot;
		for (unsigned k = 0; dot && k < sizeof(looks) / sizeof(*looks); k++)
			look |= !strcmp(dot + 1, looks[k]);
		want(look == !(all[i].roles & (ROLE_OPERATOR | ROLE_APPROVER)), all[i].name, "role of",
		     "an act");
	}
}

static bool is_type(const struct opt *o, enum rpc_type type)
{
	bool flag = o->type == OPT_FLAG || (o->type == OPT_ENUM && !strcmp(o->arg, "YES-OR-NO"));
	if (flag)
		return type == RPC_BOOL;
	if (o->type == OPT_U64)
		return type == RPC_U64;
	if (o->type == OPT_LIST)
		return type == (strcmp(o->arg, "KEY=VALUE") ? RPC_ARRAY : RPC_OBJECT);
	return type == RPC_STRING;
}

/* No letter stands for two options, those of every command included. */
static void check_letters(const struct ctl_command *c)
{
	bool taken[128] = {['j'] = true, ['s'] = true, ['t'] = true, ['h'] = true};
	for (unsigned i = 0; i < c->n_opts; i++) {
		unsigned char letter = (unsigned char)c->opts[i].letter;
		want(!letter || !taken[letter], c->path, "a letter twice:", c->opts[i].name);
		taken[letter] = true;
	}
}

static void check_opts(const struct ctl_command *c, const struct rpc_method *m)
{
	char name[64];
	unsigned required = 0;
	for (unsigned i = 0; i < c->n_opts; i++) {
		const struct opt *o = &c->opts[i];
		if (o->to && !*o->to)
			continue;
		snprintf(name, sizeof(name), "%s", o->to ? o->to : o->name);
		for (char *p = name; *p; p++)
			*p = *p == '-' ? '_' : *p;
		const struct rpc_param *p = find_param(m, name);
		want(p != NULL, c->path, "no parameter", name);
		want(p && is_type(o, p->type), c->path, "another type of", name);
		want(p && (!p->required || o->required), c->path, "is not optional:", name);
		required += p && p->required;
	}
	for (unsigned i = 0; i < m->n_params; i++)
		required -= m->params[i].required;
	want(!required || c->run, c->path, "lacks a required parameter of", m->name);
}

/* Of an answer that is shown as it comes. */
static void check_view(const struct ctl_command *c, const struct rpc_method *m)
{
	if (!c->view || c->job || has_field(m, "job") || c->view->print)
		return;
	for (unsigned i = 0; i < c->view->n; i++)
		want(has_field(m, c->view->columns[i].member), c->path,
		     "shows what is not there:", c->view->columns[i].member);
	for (const char *p = c->view->done; p && (p = strchr(p, '{')); p++) {
		char member[32] = "";
		sscanf(p, "{%31[a-z_]}", member);
		want(has_field(m, member), c->path, "says what is not there:", member);
	}
}

/* Members that the rows do not name one by one. */
static bool is_known(const char *path)
{
	return !strcmp(path, "order show") || !strcmp(path, "list show");
}

static void test_api_methods_are_what_rojactl_asks(void)
{
	const struct ctl_command *c;
	unsigned asked = 0;
	for (unsigned i = 0; (c = command_at(i)); i++) {
		check_letters(c);
		const struct rpc_method *m = c->method && c->daemon == CTL_CONTROL ? find(c->method) : NULL;
		if (!c->method || c->daemon != CTL_CONTROL)
			continue;
		want(m != NULL, c->path, "no method", c->method);
		if (!m)
			continue;
		asked++;
		want(c->role && m->roles == 1u << role_find(c->role), c->path, "another role than", m->name);
		check_opts(c, m);
		if (!is_known(c->path))
			check_view(c, m);
	}
	CU_ASSERT(asked > 50);
}

static void test_api_methods_all_have_a_command(void)
{
	unsigned n;
	const struct rpc_method *all = methods_all(&n);
	for (unsigned i = 0; i < n; i++) {
		const struct ctl_command *c;
		bool found = false;
		for (unsigned k = 0; !found && (c = command_at(k)); k++)
			found = c->method && c->daemon == CTL_CONTROL && !strcmp(c->method, all[i].name);
		want(found, all[i].name, "has no command", "");
	}
}

static const struct test tests[] = {
    TEST(test_api_methods_have_one_role_a_name_and_a_help),
    TEST(test_api_methods_acts_need_operators_or_approvers),
    TEST(test_api_methods_are_what_rojactl_asks),
    TEST(test_api_methods_all_have_a_command),
};
HARNESS_MAIN("api_methods", tests)
