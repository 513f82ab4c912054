/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "common/config/tables.h"
#include "dataplane/dpdk/config_check.h"

static int find_port(const struct config_check *c, const char *list, unsigned i, const char *key,
		     const char *name, uint8_t *ret)
{
	const char *names[CONFIG_PORTS_MAX];
	for (unsigned p = 0; p < c->cfg->n_ports; p++) {
		names[p] = c->cfg->ports[p].name;
		if (!strcmp(names[p], name)) {
			*ret = (uint8_t)p;
			return 0;
		}
	}
	const char *near = config_nearest(name, names, c->cfg->n_ports);
	if (near)
		return config_refuse(c, "%s[%u].%s: there is no port \"%s\"; did you mean \"%s\"?", list, i,
				     key, name, near);
	return config_refuse(c, "%s[%u].%s: there is no port \"%s\"; name one of ports", list, i, key, name);
}

int config_check_names(const struct config_check *c, struct config *cfg)
{
	int err = 0;
	for (unsigned i = 0; !err && i < cfg->n_pairs; i++) {
		struct config_pair *p = &cfg->pairs[i];
		err = find_port(c, "pairs", i, "left", p->left_name, &p->left);
		err = err ? err : find_port(c, "pairs", i, "right", p->right_name, &p->right);
	}
	for (unsigned i = 0; !err && i < cfg->n_mirrors; i++) {
		struct config_mirror *m = &cfg->mirrors[i];
		err = find_port(c, "mirrors", i, "input", m->input_name, &m->input);
		err = err ? err : find_port(c, "mirrors", i, "answers", m->answers_name, &m->answers);
	}
	return err;
}

static int check_pairs(const struct config_check *c, bool *used)
{
	for (unsigned i = 0; i < c->cfg->n_pairs; i++)
		for (unsigned k = 0; k < 2; k++) {
			unsigned port = k ? c->cfg->pairs[i].right : c->cfg->pairs[i].left;
			if (used[port])
				return config_refuse(
				    c, "pairs[%u].%s: port \"%s\" is in a pair already; name another", i,
				    k ? "right" : "left", c->cfg->ports[port].name);
			used[port] = true;
		}
	return 0;
}

static int check_mirrors(const struct config_check *c, bool *used)
{
	bool input[CONFIG_PORTS_MAX] = {false};
	for (unsigned i = 0; i < c->cfg->n_mirrors; i++) {
		const struct config_mirror *m = &c->cfg->mirrors[i];
		if (input[m->input])
			return config_refuse(
			    c, "mirrors[%u].input: port \"%s\" is an input already; name another", i,
			    c->cfg->ports[m->input].name);
		input[m->input] = used[m->input] = used[m->answers] = true;
	}
	return 0;
}

int config_check_topology(const struct config_check *c)
{
	const struct config *cfg = c->cfg;
	bool mirror = cfg->mode == CONFIG_MODE_MIRROR, used[CONFIG_PORTS_MAX] = {false};
	const char *mode = config_mode_word(cfg->mode), *list = mirror ? "mirrors" : "pairs";
	if (mirror ? cfg->n_pairs : cfg->n_mirrors)
		return config_refuse(c, "%s: mode %s has none; use %s, or another mode",
				     mirror ? "pairs" : "mirrors", mode, list);
	if (!(mirror ? cfg->n_mirrors : cfg->n_pairs))
		return config_refuse(c, "%s: is missing; mode %s needs it, as [{%s}]", list, mode,
				     mirror ? "input: PORT, answers: PORT" : "left: PORT, right: PORT");
	int err = mirror ? check_mirrors(c, used) : check_pairs(c, used);
	for (unsigned i = 0; !err && i < cfg->n_ports; i++)
		if (!used[i])
			err = config_refuse(
			    c, "ports[%u].name: \"%s\" is in none of %s; add it there, or remove the port", i,
			    cfg->ports[i].name, list);
	return err;
}
