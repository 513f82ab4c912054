/* SPDX-License-Identifier: BSD-3-Clause */
/* config: the daemon's configuration, from a YAML file.
 *
 * Model:    the tables of config_keys.h say each key, its default, range and meaning; from them come the struct, the
 *           schema, the checks, what --check prints, and docs/configuration.md. Loading fills every default and resolves
 *           the names of ports to their numbers.
 * Owner:    config_load allocates, config_free frees everything in it.
 * Threads:  read-only once loaded; loading is not for several threads at once.
 * Limits:   CONFIG_FILE_MAX (common/config/text.h), CONFIG_*_MAX of the tables; no YAML aliases, tags or further documents.
 * Errors:   0 or -errno with one line "FILE:LINE: KEY: what is wrong; what to do". KEY is a path such as ports[1].driver.
 */
#ifndef DATAPLANE_DPDK_CONFIG_H
#define DATAPLANE_DPDK_CONFIG_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/err.h"
#include "dataplane/dpdk/config_keys.h"

#define CONFIG_MODE_X(id, word, help)	      CONFIG_MODE_##id,
#define CONFIG_FAIL_X(id, word, help)	      CONFIG_FAIL_##id,
#define CONFIG_DRIVER_X(id, word, help)	      CONFIG_DRIVER_##id,
#define CONFIG_IDLE_X(id, word, help)	      CONFIG_IDLE_##id,
#define CONFIG_DISTRIBUTION_X(id, word, help) CONFIG_DISTRIBUTION_##id,
#define CONFIG_LIMIT_ACT_X(id, word, help)    CONFIG_LIMIT_ACT_##id,
enum config_mode { CONFIG_MODES(CONFIG_MODE_X) config_mode_n };
enum config_fail { CONFIG_FAILS(CONFIG_FAIL_X) config_fail_n };
enum config_driver { CONFIG_DRIVERS(CONFIG_DRIVER_X) config_driver_n };
enum config_idle { CONFIG_IDLES(CONFIG_IDLE_X) config_idle_n };
enum config_distribution { CONFIG_DISTRIBUTIONS(CONFIG_DISTRIBUTION_X) config_distribution_n };
enum config_limit_act { CONFIG_LIMIT_ACTS(CONFIG_LIMIT_ACT_X) config_limit_act_n };

/* A key's member. Strings are never NULL. */
#define CONFIG_MEMBER(kind, key, ...) CONFIG_MEMBER_##kind(key, __VA_ARGS__)
#define CONFIG_MEMBER_NUM(key, ...)   unsigned key;
#define CONFIG_MEMBER_STR(key, ...)   const char *key;
#define CONFIG_MEMBER_WORD(key, ...)  unsigned key;
#define CONFIG_MEMBER_FLAG(key, ...)  bool key;
#define CONFIG_MEMBER_PORT(key, help) \
	uint8_t key;                  \
	const char *key##_name;
#define CONFIG_MEMBER_NUMS(key, type, n_max, ...) \
	type key[n_max];                          \
	unsigned n_##key;
#define CONFIG_MEMBER_STRS(key, n_max, help) \
	const char *key[n_max];              \
	unsigned n_##key;
#define CONFIG_MEMBER_MAP(key, of, help) struct config_##of key;
#define CONFIG_MEMBER_MAPS(key, of, n_max, help) \
	struct config_##of key[n_max];           \
	unsigned n_##key;

/* struct config_eal, config_port, config_pair ... */
#define CONFIG_STRUCT(name, TABLE)   \
	struct config_##name {       \
		TABLE(CONFIG_MEMBER) \
	};
CONFIG_MAPPINGS(CONFIG_STRUCT)

struct config {
	CONFIG_TOP_KEYS(CONFIG_MEMBER)
	char *
	    warnings; /* what is allowed but looks wrong, a line "FILE:LINE: KEY: ..." each; "" for nothing */
};

int config_load(const char *path, struct config **ret, struct err *e);
/* The same for a machine on which the process may use the cores of `may`: to check a file elsewhere. */
int config_load_for(const char *path, const cpu_set_t *may, struct config **ret, struct err *e);
void config_free(struct config *cfg);
/* The effective configuration, as YAML that loads again to the same. 0 or -errno. */
int config_print(const struct config *cfg, FILE *out);

/* The word of value v of an enumeration of the configuration. */
const char *config_mode_word(unsigned v);
const char *config_fail_word(unsigned v);
const char *config_driver_word(unsigned v);
const char *config_idle_word(unsigned v);
const char *config_distribution_word(unsigned v);

/* Which of the two a driver is configured by. */
bool config_driver_has_interface(unsigned driver);

#endif
