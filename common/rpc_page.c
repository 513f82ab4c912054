/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/rpc_page.h"

void rpc_page_errors(FILE *out)
{
	fprintf(out, "## Errors\n\n| code | when |\n| --- | --- |\n");
#define ROW(id, code, when) fprintf(out, "| %d | %s |\n", code, when);
	RPC_ERRORS(ROW)
#undef ROW
	fprintf(out, "\n");
}

static void print_roles(FILE *out, const char *const *words, unsigned roles)
{
	const char *between = "";
	if (!words)
		return;
	fprintf(out, "For: ");
	for (unsigned i = 0; words[i]; i++)
		if (roles & 1u << i) {
			fprintf(out, "%s%s", between, words[i]);
			between = ", ";
		}
	fprintf(out, "%s.\n\n", roles ? "" : "whoever may use the socket");
}

void rpc_page_method(FILE *out, const char *const *role_words, const struct rpc_method *m)
{
	fprintf(out, "### %s\n\n%s\n\n", m->name, m->help);
	print_roles(out, role_words, m->roles);
	if (m->n_params)
		fprintf(out, "| parameter | type | | meaning |\n| --- | --- | --- | --- |\n");
	for (unsigned i = 0; i < m->n_params; i++)
		fprintf(out, "| %s | %s | %s | %s |\n", m->params[i].name, rpc_type_names[m->params[i].type],
			m->params[i].required ? "required" : "optional", m->params[i].help);
	if (m->n_params)
		fprintf(out, "\n");
	if (!m->n_fields) {
		fprintf(out, "The result is an empty object.\n\n");
		return;
	}
	fprintf(out, "The result is an %s%s.\n\n| member | type | meaning |\n| --- | --- | --- |\n",
		rpc_type_names[m->result], m->result == RPC_ARRAY ? " of objects" : "");
	for (unsigned i = 0; i < m->n_fields; i++)
		fprintf(out, "| %s | %s | %s |\n", m->fields[i].name, rpc_type_names[m->fields[i].type],
			m->fields[i].help);
	fprintf(out, "\n");
}
