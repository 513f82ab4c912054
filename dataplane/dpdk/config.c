/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/config.h"

#include <errno.h>
#include <stdlib.h>

#include "common/config/schema.h"
#include "common/config/tables.h"
#include "dataplane/dpdk/config_check.h"
#include "dataplane/dpdk/config_rows.h"

static void default_core(struct config *cfg, const cpu_set_t *may)
{
	unsigned core = 0;
	while (core < CPU_SETSIZE && !CPU_ISSET(core, may))
		core++;
	if (!cfg->workers.n_cores)
		cfg->workers.cores[cfg->workers.n_cores++] = core;
}

static int check(const struct config_check *c, struct config *cfg)
{
	int err = config_check_ports(c);
	err = err ? err : config_check_names(c, cfg);
	err = err ? err : config_check_topology(c);
	return err ? err : config_check_machine(c);
}

static int collect_warnings(const struct config_check *c, struct config *cfg)
{
	size_t n;
	FILE *out = open_memstream(&cfg->warnings, &n);
	if (!out)
		return err_set(c->e, -ENOMEM, "%s: no memory", c->t->path);
	config_warn(c, out);
	return fclose(out) ? err_set(c->e, -ENOMEM, "%s: no memory", c->t->path) : 0;
}

static int load_text(const struct config_text *t, const cpu_set_t *may, struct config **ret, struct err *e)
{
	void *top;
	int err = config_tables_load(t, &top, e);
	if (err)
		return err;
	struct config *cfg = top;
	const struct config_check c = {cfg, t, may, e};
	default_core(cfg, may);
	err = check(&c, cfg);
	err = err ? err : collect_warnings(&c, cfg);
	if (err)
		config_free(cfg);
	else
		*ret = cfg;
	return err;
}

int config_load_for(const char *path, const cpu_set_t *may, struct config **ret, struct err *e)
{
	struct config_text t;
	int err = config_text_open(path, &config_dataplane, &t, e);
	if (err)
		return err;
	err = load_text(&t, may, ret, e);
	config_text_close(&t);
	return err;
}

int config_load(const char *path, struct config **ret, struct err *e)
{
	cpu_set_t may;
	if (sched_getaffinity(0, sizeof(may), &may))
		return err_set(e, -errno, "%s: cannot ask which cores there are", path);
	return config_load_for(path, &may, ret, e);
}

void config_free(struct config *cfg)
{
	if (!cfg)
		return;
	free(cfg->warnings);
	config_schema_free(&config_dataplane, cfg);
}

int config_print(const struct config *cfg, FILE *out)
{
	return config_schema_save(&config_dataplane, cfg, out);
}

bool config_driver_has_interface(unsigned driver)
{
	return driver == CONFIG_DRIVER_AF_XDP || driver == CONFIG_DRIVER_AF_PACKET ||
	       driver == CONFIG_DRIVER_TAP;
}
