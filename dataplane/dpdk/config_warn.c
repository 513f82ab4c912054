/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "dataplane/dpdk/config_check.h"

#define MBUF_BYTES 2432u /* a packet buffer with its head room and its own record */

__attribute__((format(printf, 3, 4))) static void warn(const struct config_check *c, FILE *out,
						       const char *fmt, ...)
{
	struct err e;
	struct config_check quiet = *c;
	char text[ERR_BYTES];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	quiet.e = &e;
	config_refuse(&quiet, "%s", text);
	fprintf(out, "%s\n", e.text);
}

/* Workers that never sleep need their cores for themselves. */
static void warn_cores(const struct config_check *c, FILE *out)
{
	const struct config *cfg = c->cfg;
	if (cfg->workers.idle != CONFIG_IDLE_POLL)
		return;
	for (unsigned i = 0; i < cfg->workers.n_cores; i++)
		for (unsigned k = 0; k < i; k++)
			if (cfg->workers.cores[k] == cfg->workers.cores[i])
				warn(
				    c, out,
				    "workers.cores[%u]: core %u is shared by workers that never sleep; set workers.idle to sleep",
				    i, cfg->workers.cores[i]);
	if (cfg->workers.realtime && CPU_COUNT(c->may) <= (int)cfg->workers.n_cores)
		warn(
		    c, out,
		    "workers.realtime: workers that never sleep take every core from everything else; leave a "
		    "core free, or set workers.idle to sleep");
}

/* Only the kernel's interfaces have a program beneath them that forwards while no worker is alive. */
static void warn_guard(const struct config_check *c, FILE *out)
{
	const struct config *cfg = c->cfg;
	if (cfg->mode == CONFIG_MODE_MIRROR || cfg->fail != CONFIG_FAIL_OPEN)
		return;
	for (unsigned i = 0; i < cfg->n_ports; i++) {
		unsigned driver = cfg->ports[i].driver;
		if (driver != CONFIG_DRIVER_AF_XDP && driver != CONFIG_DRIVER_AF_PACKET)
			warn(
			    c, out,
			    "ports[%u].driver: nothing forwards behind %s while no worker is alive: fail: open does not hold; "
			    "use af_xdp, or a bypass switch",
			    i, config_driver_word(driver));
	}
}

static void warn_memory(const struct config_check *c, FILE *out)
{
	const struct config *cfg = c->cfg;
	uint64_t mib = (uint64_t)cfg->limits.mbufs * MBUF_BYTES >> 20;
	if (mib >= cfg->eal.memory_mib)
		warn(c, out, "eal.memory_mib: %u MiB do not hold %u packet buffers; set it to %llu or more",
		     cfg->eal.memory_mib, cfg->limits.mbufs, (unsigned long long)mib + mib / 4 + 64);
}

void config_warn(const struct config_check *c, FILE *out)
{
	warn_cores(c, out);
	warn_guard(c, out);
	warn_memory(c, out);
}
