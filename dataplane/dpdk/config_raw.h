/* SPDX-License-Identifier: BSD-3-Clause */
/* config_raw: the configuration as libcyaml fills it: a NULL pointer is a key that the file does not have.
 * For the configuration's own files. */
#ifndef DATAPLANE_DPDK_CONFIG_RAW_H
#define DATAPLANE_DPDK_CONFIG_RAW_H

#include "dataplane/dpdk/config.h"

#define RAW_NUM(key, def, min, max, help) uint32_t *key;
#define RAW_STR(key, def, help)		  char *key;
#define RAW_WORD(key, TABLE, def, help)	  int *key;
#define RAW_FLAG(key, def, help)	  bool *key;
#define RAW_MEMBERS(TABLE)		  TABLE(RAW_NUM, RAW_STR, RAW_WORD, RAW_FLAG)

struct raw_eal {
	RAW_MEMBERS(CONFIG_EAL)
	char **options;
	uint32_t options_count;
};
struct raw_port {
	RAW_MEMBERS(CONFIG_PORT)
};
struct raw_pair {
	char *left, *right;
};
struct raw_mirror {
	char *input, *answers;
};
struct raw_workers {
	RAW_MEMBERS(CONFIG_WORKERS)
	uint32_t *cores;
	uint32_t cores_count;
};
struct raw_limits {
	RAW_MEMBERS(CONFIG_LIMITS)
};
struct raw_events {
	RAW_MEMBERS(CONFIG_EVENTS)
};
struct raw_bypass {
	RAW_MEMBERS(CONFIG_BYPASS)
	uint16_t *ports;
	uint32_t ports_count;
};
struct raw {
	RAW_MEMBERS(CONFIG_TOP)
	struct raw_eal *eal;
	struct raw_port *ports;
	uint32_t ports_count;
	struct raw_pair *pairs;
	uint32_t pairs_count;
	struct raw_mirror *mirrors;
	uint32_t mirrors_count;
	struct raw_workers *workers;
	struct raw_limits *limits;
	struct raw_events *events;
	struct raw_bypass *bypass;
};

/* Reads the text; libcyaml's complaint becomes the sentence, with the line it names. */
int raw_load(const char *path, const uint8_t *text, size_t n, struct raw **ret, struct err *e);
void raw_free(struct raw *raw);

#endif
