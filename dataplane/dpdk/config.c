/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dataplane/dpdk/config_check.h"
#include "dataplane/dpdk/config_raw.h"

/* From what the file says to what holds: defaults where it is silent. `r` may be NULL: a mapping that is not there. */
#define FILL_NUM(key, def, min, max, help) c->key = r && r->key ? *r->key : (def);
#define FILL_STR(key, def, help)	   c->key = r && r->key ? r->key : (def);
#define FILL_WORD(key, TABLE, def, help)   c->key = r && r->key ? (unsigned)*r->key : (unsigned)(def);
#define FILL_FLAG(key, def, help)	   c->key = r && r->key ? *r->key : (def);
#define FILL(TABLE, to, from)                                   \
	do {                                                    \
		__typeof__(to) c = (to);                        \
		__typeof__(from) r = (from);                    \
		TABLE(FILL_NUM, FILL_STR, FILL_WORD, FILL_FLAG) \
	} while (0)

static void fill_lists(struct config *cfg, const struct raw *raw)
{
	if (raw->eal)
		for (unsigned i = 0; i < raw->eal->options_count; i++)
			cfg->eal.options[cfg->eal.n_options++] = raw->eal->options[i];
	if (raw->workers)
		for (unsigned i = 0; i < raw->workers->cores_count; i++)
			cfg->workers.cores[cfg->workers.n_cores++] = raw->workers->cores[i];
	if (!cfg->workers.n_cores)
		cfg->workers.cores[cfg->workers.n_cores++] = 0;
	if (raw->bypass)
		for (unsigned i = 0; i < raw->bypass->ports_count; i++)
			cfg->bypass.ports[cfg->bypass.n_ports++] = raw->bypass->ports[i];
}

static void fill(struct config *cfg, const struct raw *raw)
{
	FILL(CONFIG_TOP, cfg, raw);
	FILL(CONFIG_EAL, &cfg->eal, raw->eal);
	FILL(CONFIG_WORKERS, &cfg->workers, raw->workers);
	FILL(CONFIG_LIMITS, &cfg->limits, raw->limits);
	FILL(CONFIG_EVENTS, &cfg->events, raw->events);
	FILL(CONFIG_BYPASS, &cfg->bypass, raw->bypass);
	for (unsigned i = 0; i < raw->ports_count; i++)
		FILL(CONFIG_PORT, &cfg->ports[i], &raw->ports[i]);
	cfg->n_ports = raw->ports_count;
	fill_lists(cfg, raw);
}

static int port_number(const struct config *cfg, const char *name, const struct config_text *t,
		       const char *list, unsigned i, const char *key, uint8_t *ret, struct err *e)
{
	for (unsigned p = 0; p < cfg->n_ports; p++)
		if (!strcmp(cfg->ports[p].name, name)) {
			*ret = (uint8_t)p;
			return 0;
		}
	return config_refuse(t, e, "%s[%u].%s: there is no port \"%s\"; name one of `ports`", list, i, key,
			     name);
}

static int resolve(struct config *cfg, const struct raw *raw, const struct config_text *t, struct err *e)
{
	int err = 0;
	for (unsigned i = 0; !err && i < raw->pairs_count; i++) {
		err = port_number(cfg, raw->pairs[i].left, t, "pairs", i, "left", &cfg->pairs[i].left, e);
		err = err ? err
			  : port_number(cfg, raw->pairs[i].right, t, "pairs", i, "right",
					&cfg->pairs[i].right, e);
		cfg->n_pairs++;
	}
	for (unsigned i = 0; !err && i < raw->mirrors_count; i++) {
		err = port_number(cfg, raw->mirrors[i].input, t, "mirrors", i, "input",
				  &cfg->mirrors[i].input, e);
		err = err ? err
			  : port_number(cfg, raw->mirrors[i].answers, t, "mirrors", i, "answers",
					&cfg->mirrors[i].answers, e);
		cfg->n_mirrors++;
	}
	return err;
}

static int read_file(const char *path, uint8_t **ret, size_t *ret_n, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, -errno, "%s: cannot open it: %s", path, strerror(errno));
	uint8_t *text = malloc(CONFIG_FILE_MAX + 1);
	size_t n = 0;
	ssize_t got = 1;
	int err = text ? 0 : err_set(e, -ENOMEM, "%s: no memory", path);
	while (!err && n <= CONFIG_FILE_MAX && (got = read(fd, text + n, CONFIG_FILE_MAX + 1 - n)) > 0)
		n += (size_t)got;
	if (!err && got < 0)
		err = err_set(e, -errno, "%s: cannot read it: %s", path, strerror(errno));
	close(fd);
	if (!err && n > CONFIG_FILE_MAX)
		err = err_set(e, -EFBIG, "%s: longer than %d bytes; is it the right file?", path,
			      CONFIG_FILE_MAX);
	if (!err && memchr(text, '\0', n))
		err = err_set(e, -EINVAL, "%s: has zero bytes; it must be a YAML text", path);
	if (err) {
		free(text);
		return err;
	}
	*ret = text;
	*ret_n = n;
	return 0;
}

int config_load(const char *path, struct config **ret, struct err *e)
{
	struct config_text t = {.path = path};
	struct raw *raw = NULL;
	struct config *cfg = calloc(1, sizeof(*cfg));
	int err = cfg ? read_file(path, (uint8_t **)&t.text, &t.n, e) : err_set(e, -ENOMEM, "no memory");
	err = err ? err : raw_load(path, t.text, t.n, &raw, e);
	if (!err) {
		cfg->text = raw;
		fill(cfg, raw);
		err = config_check_ranges(cfg, &t, e);
		err = err ? err : resolve(cfg, raw, &t, e);
		err = err ? err : config_check(cfg, &t, e);
	}
	free((void *)(uintptr_t)t.text);
	if (err)
		config_free(cfg);
	else
		*ret = cfg;
	return err;
}

void config_free(struct config *cfg)
{
	if (!cfg)
		return;
	if (cfg->text)
		raw_free(cfg->text);
	free(cfg);
}
