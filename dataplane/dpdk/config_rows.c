/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/config_rows.h"

#include "common/config/define.h"
#include "dataplane/dpdk/config.h"

CONFIG_FORMS(CONFIG_FORM)

#define CONFIG_VALUE_MODE(id, text, about)	   {text, CONFIG_MODE_##id},
#define CONFIG_VALUE_FAIL(id, text, about)	   {text, CONFIG_FAIL_##id},
#define CONFIG_VALUE_DRIVER(id, text, about)	   {text, CONFIG_DRIVER_##id},
#define CONFIG_VALUE_IDLE(id, text, about)	   {text, CONFIG_IDLE_##id},
#define CONFIG_VALUE_DISTRIBUTION(id, text, about) {text, CONFIG_DISTRIBUTION_##id},
#define CONFIG_VALUE_LIMIT_ACT(id, text, about)	   {text, CONFIG_LIMIT_ACT_##id},
CONFIG_ENUM(MODE, CONFIG_MODES)
CONFIG_ENUM(FAIL, CONFIG_FAILS)
CONFIG_ENUM(DRIVER, CONFIG_DRIVERS)
CONFIG_ENUM(IDLE, CONFIG_IDLES)
CONFIG_ENUM(DISTRIBUTION, CONFIG_DISTRIBUTIONS)
CONFIG_ENUM(LIMIT_ACT, CONFIG_LIMIT_ACTS)

#define OF struct config_eal
CONFIG_MAPPING(eal, CONFIG_EAL_KEYS)
#undef OF
#define OF struct config_port
CONFIG_MAPPING(port, CONFIG_PORT_KEYS)
#undef OF
#define OF struct config_pair
CONFIG_MAPPING(pair, CONFIG_PAIR_KEYS)
#undef OF
#define OF struct config_mirror
CONFIG_MAPPING(mirror, CONFIG_MIRROR_KEYS)
#undef OF
#define OF struct config_workers
CONFIG_MAPPING(workers, CONFIG_WORKERS_KEYS)
#undef OF
#define OF struct config_limits
CONFIG_MAPPING(limits, CONFIG_LIMITS_KEYS)
#undef OF
#define OF struct config_at_limit
CONFIG_MAPPING(at_limit, CONFIG_AT_LIMIT_KEYS)
#undef OF
#define OF struct config_events
CONFIG_MAPPING(events, CONFIG_EVENTS_KEYS)
#undef OF
#define OF struct config_bypass
CONFIG_MAPPING(bypass, CONFIG_BYPASS_KEYS)
#undef OF
#define OF struct config
CONFIG_TOP(CONFIG_TOP_KEYS)
#undef OF

const struct config_program config_dataplane = {
    .manual = "roja-dataplane.yaml(5)",
    .empty = "ports: the file says nothing; name the ports and pairs",
    .top = &rows_top,
    .schema = &schema_top,
};

#define WORD_OF(name, E)                             \
	const char *config_##name##_word(unsigned v) \
	{                                            \
		return entries_##E[v].word;          \
	}
WORD_OF(mode, MODE)
WORD_OF(fail, FAIL)
WORD_OF(driver, DRIVER)
WORD_OF(idle, IDLE)
WORD_OF(distribution, DISTRIBUTION)
