/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/eal.h"

#include <errno.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dataplane/dpdk/port_device.h"

#define ARGS_MAX  (16 + CONFIG_PORTS_MAX + CONFIG_EAL_OPTIONS_MAX)
#define ARG_BYTES 1024 /* an option of the configuration, or "-a" and a device's arguments, whole */

struct args {
	int n;
	char *v[ARGS_MAX + 1];
	char text[ARGS_MAX][ARG_BYTES];
};

__attribute__((format(printf, 2, 3))) static void add(struct args *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(a->text[a->n], ARG_BYTES, fmt, ap);
	va_end(ap);
	a->v[a->n] = a->text[a->n];
	a->n++;
}

/* The NICs that the file names, and no others: left alone, DPDK takes every one that it can drive. */
static int add_nics(struct args *a, const struct config *cfg, struct err *e)
{
	char devargs[PORT_DEVARGS_BYTES];
	bool any = false;
	for (unsigned i = 0; i < cfg->n_ports; i++) {
		if (cfg->ports[i].driver != CONFIG_DRIVER_PCI)
			continue;
		int err = port_devargs(&cfg->ports[i], i, 0, devargs, sizeof(devargs), e);
		if (err)
			return err;
		add(a, "-a%s", devargs);
		any = true;
	}
	if (!any)
		add(a, "--no-pci");
	return 0;
}

/* The main thread floats: it must never wait behind a worker that polls. */
static void add_lcores(struct args *a, const struct config *cfg)
{
	char map[ARG_BYTES];
	int n = snprintf(map, sizeof(map), "--lcores=0@(0-%ld)", sysconf(_SC_NPROCESSORS_ONLN) - 1);
	for (unsigned i = 0; i < cfg->workers.n_cores; i++)
		n += snprintf(map + n, sizeof(map) - (size_t)n, ",%u@%u", i + 1, cfg->workers.cores[i]);
	add(a, "%s", map);
}

int eal_start(const struct config *cfg, struct err *e)
{
	static struct args a; /* EAL keeps pointers into it */
	add(&a, "roja-dataplane");
	add_lcores(&a, cfg);
	add(&a, "--main-lcore=0");
	add(&a, "--file-prefix=%s", cfg->instance);
	add(&a, "--log-level=%s", "lib.*:warning");
	/* one process: no files of hugepages to be left behind, and no hugetlbfs to be mounted */
	add(&a, cfg->eal.hugepages ? "--in-memory" : "--no-huge");
	add(&a, "-m%u", cfg->eal.memory_mib);
	int err = add_nics(&a, cfg, e);
	if (err)
		return err;
	for (unsigned i = 0; i < cfg->eal.n_options; i++)
		add(&a, "%s", cfg->eal.options[i]);
	if (rte_eal_init(a.n, a.v) < 0)
		return err_set(e, rte_errno ? -rte_errno : -EIO, /* it does not always say */
			       "eal: DPDK does not start; its lines above say why");
	return 0;
}
