/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/config_check.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#include "dataplane/dpdk/config_lines.h"

int config_refuse(const struct config_text *t, struct err *e, const char *fmt, ...)
{
	char text[400], key[200];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(key, sizeof(key), "%.*s", (int)strcspn(text, ":"), text);
	return err_set(e, -EINVAL, "%s:%u: %s", t->path, config_line(t->text, t->n, key), text);
}

static bool between(unsigned v, unsigned min, unsigned max)
{
	return v >= min && v <= max;
}

#define RANGE_NUM(key, def, min, max, help)                                                         \
	if (!err && !between(c->key, (min), (max)))                                                 \
		err = config_refuse(t, e, "%s%s: %u is not between %u and %u", where, #key, c->key, \
				    (unsigned)(min), (unsigned)(max));
#define RANGE_NONE(...)
#define RANGE(TABLE, of, prefix)                                     \
	do {                                                         \
		__typeof__(of) c = (of);                             \
		const char *where = (prefix);                        \
		(void)c, (void)where;                                \
		TABLE(RANGE_NUM, RANGE_NONE, RANGE_NONE, RANGE_NONE) \
	} while (0)

int config_check_ranges(const struct config *cfg, const struct config_text *t, struct err *e)
{
	int err = 0;
	char port[32];
	RANGE(CONFIG_TOP, cfg, "");
	RANGE(CONFIG_EAL, &cfg->eal, "eal.");
	RANGE(CONFIG_WORKERS, &cfg->workers, "workers.");
	RANGE(CONFIG_LIMITS, &cfg->limits, "limits.");
	RANGE(CONFIG_EVENTS, &cfg->events, "events.");
	for (unsigned i = 0; i < cfg->n_ports; i++) {
		snprintf(port, sizeof(port), "ports[%u].", i);
		RANGE(CONFIG_PORT, &cfg->ports[i], port);
	}
	if (!err && (cfg->events.records & (cfg->events.records - 1)))
		err = config_refuse(t, e, "events.records: %u is no power of two; try 65536",
				    cfg->events.records);
	return err;
}

static int check_instance(const struct config *cfg, const struct config_text *t, struct err *e)
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t n = strlen(cfg->instance);
	if (!n || n > 32 || strspn(cfg->instance, ok) != n)
		return config_refuse(t, e, "instance: \"%s\" is not 1 to 32 letters, digits, - or _",
				     cfg->instance);
	return 0;
}

/* Which of `interface` and `device` a driver needs. */
static bool needs_interface(unsigned driver)
{
	return driver == CONFIG_DRIVER_AF_XDP || driver == CONFIG_DRIVER_AF_PACKET ||
	       driver == CONFIG_DRIVER_TAP;
}

static int check_port(const struct config *cfg, unsigned i, const struct config_text *t, struct err *e)
{
	const struct config_port *p = &cfg->ports[i];
	const char *driver = config_driver_word(p->driver);
	if (!p->name[0])
		return config_refuse(t, e, "ports[%u].name: every port needs a name", i);
	if (needs_interface(p->driver) && !p->interface[0])
		return config_refuse(t, e, "ports[%u].interface: driver %s needs the name of an interface", i,
				     driver);
	if (!needs_interface(p->driver) && !p->device[0])
		return config_refuse(t, e, "ports[%u].device: driver %s needs a device", i, driver);
	if (needs_interface(p->driver) && p->device[0])
		return config_refuse(t, e, "ports[%u].device: driver %s takes `interface`, not a device", i,
				     driver);
	if (!needs_interface(p->driver) && p->interface[0])
		return config_refuse(t, e, "ports[%u].interface: driver %s takes `device`, not an interface",
				     i, driver);
	if (strlen(p->interface) > CONFIG_INTERFACE_MAX || strpbrk(p->interface, "/, \t"))
		return config_refuse(t, e,
				     "ports[%u].interface: \"%s\" is no interface name (at most %d bytes)", i,
				     p->interface, CONFIG_INTERFACE_MAX);
	for (unsigned k = 0; k < i; k++) {
		const struct config_port *o = &cfg->ports[k];
		if (!strcmp(o->name, p->name))
			return config_refuse(t, e, "ports[%u].name: \"%s\" is the name of ports[%u] already",
					     i, p->name, k);
		if (p->interface[0] && !strcmp(o->interface, p->interface))
			return config_refuse(t, e,
					     "ports[%u].interface: \"%s\" belongs to port \"%s\" already", i,
					     p->interface, o->name);
	}
	return 0;
}

static int check_pairs(const struct config *cfg, const struct config_text *t, struct err *e)
{
	bool used[CONFIG_PORTS_MAX] = {false};
	for (unsigned i = 0; i < cfg->n_pairs; i++) {
		const uint8_t side[2] = {cfg->pairs[i].left, cfg->pairs[i].right};
		for (unsigned k = 0; k < 2; k++) {
			if (used[side[k]])
				return config_refuse(t, e, "pairs[%u].%s: port \"%s\" is in use already", i,
						     k ? "right" : "left", cfg->ports[side[k]].name);
			used[side[k]] = true;
		}
	}
	for (unsigned i = 0; i < cfg->n_ports; i++)
		if (!used[i])
			return config_refuse(
			    t, e, "ports[%u].name: port \"%s\" is in no pair; pair it or remove it", i,
			    cfg->ports[i].name);
	return 0;
}

static int check_topology(const struct config *cfg, const struct config_text *t, struct err *e)
{
	bool mirror = cfg->mode == CONFIG_MODE_MIRROR;
	if (mirror && cfg->n_pairs)
		return config_refuse(t, e, "pairs: mode mirror has no pairs; use `mirrors`");
	if (!mirror && cfg->n_mirrors)
		return config_refuse(t, e, "mirrors: only mode mirror has them; use `pairs`");
	if (mirror && !cfg->n_mirrors)
		return config_refuse(t, e, "mode: mirror needs `mirrors`, each {input: PORT, answers: PORT}");
	if (!mirror && !cfg->n_pairs)
		return config_refuse(t, e, "mode: %s needs `pairs`, each {left: PORT, right: PORT}",
				     config_mode_word(cfg->mode));
	return mirror ? 0 : check_pairs(cfg, t, e);
}

static int check_cores(const struct config *cfg, const struct config_text *t, struct err *e)
{
	cpu_set_t may;
	if (sched_getaffinity(0, sizeof(may), &may))
		return 0;
	for (unsigned i = 0; i < cfg->workers.n_cores; i++)
		if (cfg->workers.cores[i] >= CPU_SETSIZE || !CPU_ISSET(cfg->workers.cores[i], &may))
			return config_refuse(
			    t, e, "workers.cores[%u]: this process may not run on core %u; see nproc", i,
			    cfg->workers.cores[i]);
	return 0;
}

int config_check(const struct config *cfg, const struct config_text *t, struct err *e)
{
	int err = check_instance(cfg, t, e);
	for (unsigned i = 0; !err && i < cfg->n_ports; i++)
		err = check_port(cfg, i, t, e);
	err = err ? err : check_topology(cfg, t, e);
	err = err ? err : check_cores(cfg, t, e);
	return err;
}
