/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/config_check.h"

#include <errno.h>
#include <string.h>

#define AF_XDP_MBUFS 4096 /* that a queue of af_xdp holds */

static int check_pci(const struct config_check *c, unsigned i)
{
	const char *at = c->cfg->ports[i].device;
	unsigned domain, bus, slot, function;
	int n = 0;
	char q[CONFIG_QUOTE_BYTES];
	if (sscanf(at, "%4x:%2x:%2x.%1u%n", &domain, &bus, &slot, &function, &n) == 4 && n == 12 && !at[n])
		return 0;
	return config_refuse(
	    c, "ports[%u].device: \"%s\" is no PCI address as 0000:01:00.0; see dpdk-devbind.py --status", i,
	    config_quote(at, strlen(at), q));
}

/* A driver is configured by its interface or by its device; only memif needs neither. */
static int check_driver(const struct config_check *c, unsigned i)
{
	const struct config_port *p = &c->cfg->ports[i];
	const char *driver = config_driver_word(p->driver);
	bool interface = config_driver_has_interface(p->driver);
	if (interface && p->device[0])
		return config_refuse(c, "ports[%u].device: driver %s takes none; name its interface instead",
				     i, driver);
	if (!interface && p->interface[0])
		return config_refuse(c, "ports[%u].interface: driver %s takes none; name its device instead",
				     i, driver);
	if (interface && !p->interface[0])
		return config_refuse(c, "ports[%u].interface: is missing; driver %s needs it", i, driver);
	if (!interface && !p->device[0] && p->driver != CONFIG_DRIVER_MEMIF)
		return config_refuse(c, "ports[%u].device: is missing; driver %s needs it", i, driver);
	return p->driver == CONFIG_DRIVER_PCI ? check_pci(c, i) : 0;
}

static int check_unique(const struct config_check *c, unsigned i)
{
	const struct config_port *p = &c->cfg->ports[i];
	for (unsigned k = 0; k < i; k++) {
		const struct config_port *o = &c->cfg->ports[k];
		if (!strcmp(o->name, p->name))
			return config_refuse(c, "ports[%u].name: \"%s\" is ports[%u] already; choose another",
					     i, p->name, k);
		if (p->interface[0] && !strcmp(o->interface, p->interface))
			return config_refuse(
			    c, "ports[%u].interface: \"%s\" is port \"%s\" already; name another", i,
			    p->interface, o->name);
		if (p->driver == CONFIG_DRIVER_PCI && o->driver == p->driver &&
		    !strcasecmp(o->device, p->device))
			return config_refuse(c,
					     "ports[%u].device: \"%s\" is port \"%s\" already; name another",
					     i, p->device, o->name);
	}
	return 0;
}

int config_check_ports(const struct config_check *c)
{
	int err = c->cfg->n_ports ? 0 : config_refuse(c, "ports: none; name at least one");
	for (unsigned i = 0; !err && i < c->cfg->n_ports; i++) {
		err = check_driver(c, i);
		err = err ? err : check_unique(c, i);
	}
	return err;
}

/* What the daemon tells EAL itself: as a word, or in front of a value. */
static int check_eal(const struct config_check *c)
{
	static const char *const ours[] = {
	    "-l",	 "-c",	    "-m", "--lcores", "--coremask", "--main-lcore", "--file-prefix",
	    "--no-huge", "--no-pci"};
	for (unsigned i = 0; i < c->cfg->eal.n_options; i++) {
		const char *word = c->cfg->eal.options[i];
		for (unsigned k = 0; k < sizeof(ours) / sizeof(*ours); k++) {
			size_t n = strlen(ours[k]);
			if (!strncmp(word, ours[k], n) && (n == 2 || !word[n] || word[n] == '='))
				return config_refuse(
				    c,
				    "eal.options[%u]: %s follows from other keys; remove it, and set "
				    "those",
				    i, ours[k]);
		}
	}
	return 0;
}

/* "0-3,8" */
static const char *write_cores(const cpu_set_t *may, char *ret, size_t cap)
{
	size_t used = 0;
	ret[0] = '\0';
	for (unsigned i = 0, end; i < CPU_SETSIZE && used < cap; i = end + 1) {
		for (end = i; end < CPU_SETSIZE && CPU_ISSET(end, may); end++)
			;
		if (end == i)
			continue;
		const char *comma = used ? "," : "";
		used +=
		    (size_t)(end - i == 1 ? snprintf(ret + used, cap - used, "%s%u", comma, i)
					  : snprintf(ret + used, cap - used, "%s%u-%u", comma, i, end - 1));
	}
	return ret;
}

static int check_cores(const struct config_check *c)
{
	char all[64];
	for (unsigned i = 0; i < c->cfg->workers.n_cores; i++) {
		unsigned core = c->cfg->workers.cores[i];
		if (core >= CPU_SETSIZE || !CPU_ISSET(core, c->may))
			return config_refuse(
			    c, "workers.cores[%u]: this process may not use core %u; choose from %s", i, core,
			    write_cores(c->may, all, sizeof(all)));
	}
	return 0;
}

static int check_buffers(const struct config_check *c)
{
	const struct config *cfg = c->cfg;
	unsigned queues = 0;
	for (unsigned i = 0; i < cfg->n_ports; i++)
		queues += cfg->ports[i].driver == CONFIG_DRIVER_AF_XDP ? cfg->ports[i].queues : 0;
	if (cfg->limits.mbufs < queues * AF_XDP_MBUFS)
		return config_refuse(
		    c, "limits.mbufs: %u are too few for %u queues of af_xdp; set it to %u or more",
		    cfg->limits.mbufs, queues, (queues + 1) * AF_XDP_MBUFS);
	if (cfg->events.records & (cfg->events.records - 1))
		return config_refuse(c, "events.records: %u is no power of two; set it to 65536 for example",
				     cfg->events.records);
	if (!strcmp(cfg->events.path, cfg->socket))
		return config_refuse(c, "events.path: is the socket, too; name another file");
	return 0;
}

int config_check_machine(const struct config_check *c)
{
	int err = check_eal(c);
	err = err ? err : check_cores(c);
	return err ? err : check_buffers(c);
}
