/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_config: a refusal is one line that begins with the file; what loads is within every limit, and comes back the
 * same from what is printed. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dataplane/dpdk/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static int load(const void *bytes, size_t n, struct config **ret, struct err *e)
{
	char path[64];
	cpu_set_t may;
	int fd = memfd_create("config", MFD_CLOEXEC);
	CPU_ZERO(&may);
	CPU_SET(0, &may);
	CPU_SET(1, &may);
	assert(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int err = config_load_for(path, &may, ret, e);
	close(fd);
	return err;
}

static void check_limits(const struct config *cfg)
{
	bool mirror = cfg->mode == CONFIG_MODE_MIRROR;
	assert(cfg->mode < config_mode_n && cfg->fail < config_fail_n && cfg->workers.idle < config_idle_n);
	assert(cfg->n_ports && cfg->n_ports <= CONFIG_PORTS_MAX && cfg->n_pairs <= CONFIG_PORTS_MAX / 2);
	assert(mirror ? cfg->n_mirrors && !cfg->n_pairs : cfg->n_pairs && !cfg->n_mirrors);
	for (unsigned i = 0; i < cfg->n_ports; i++) {
		const struct config_port *port = &cfg->ports[i];
		assert(*port->name && port->driver < config_driver_n && port->device && port->options);
		assert(port->queues && port->queues <= CONFIG_QUEUES_MAX);
		assert(strlen(port->interface) <= CONFIG_INTERFACE_MAX && !strchr(port->interface, '/'));
	}
	for (unsigned i = 0; i < cfg->n_pairs; i++)
		assert(cfg->pairs[i].left < cfg->n_ports && cfg->pairs[i].right < cfg->n_ports &&
		       cfg->pairs[i].left != cfg->pairs[i].right);
	for (unsigned i = 0; i < cfg->n_mirrors; i++)
		assert(cfg->mirrors[i].input < cfg->n_ports && cfg->mirrors[i].answers < cfg->n_ports);
	assert(cfg->workers.n_cores && cfg->workers.n_cores <= CONFIG_WORKERS_MAX);
	for (unsigned i = 0; i < cfg->workers.n_cores; i++)
		assert(cfg->workers.cores[i] < 2);
	assert(cfg->limits.burst && cfg->limits.burst <= 64 && cfg->bypass.n_ports <= CONFIG_BYPASS_MAX);
	assert(cfg->events.records && !(cfg->events.records & (cfg->events.records - 1)));
	assert(cfg->socket[0] == '/' && !strchr(cfg->instance, '/') && *cfg->instance);
}

static void print(const struct config *cfg, char **ret, size_t *ret_n)
{
	FILE *f = open_memstream(ret, ret_n);
	assert(f && !config_print(cfg, f));
	fclose(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct config *cfg = NULL, *again = NULL;
	struct err e = {""};
	char *text, *text_again;
	size_t n, n_again;
	if (load(p, len, &cfg, &e)) {
		assert(!cfg && !strncmp(e.text, "/proc/self/fd/", 14) && !strpbrk(e.text, "\n\r\t\033"));
		return 0;
	}
	check_limits(cfg);
	print(cfg, &text, &n);
	assert(!load(text, n, &again, &e));
	print(again, &text_again, &n_again);
	assert(n == n_again && !memcmp(text, text_again, n));
	free(text);
	free(text_again);
	config_free(cfg);
	config_free(again);
	return 0;
}
