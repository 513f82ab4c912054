/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/config_raw.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <string.h>

#define MODE_VALUE(id, word, help) {word, CONFIG_MODE_##id},
static const cyaml_strval_t CONFIG_MODES_words[] = {CONFIG_MODES(MODE_VALUE)};
#define FAIL_VALUE(id, word, help) {word, CONFIG_FAIL_##id},
static const cyaml_strval_t CONFIG_FAILS_words[] = {CONFIG_FAILS(FAIL_VALUE)};
#define DRIVER_VALUE(id, word, help) {word, CONFIG_DRIVER_##id},
static const cyaml_strval_t CONFIG_DRIVERS_words[] = {CONFIG_DRIVERS(DRIVER_VALUE)};
#define IDLE_VALUE(id, word, help) {word, CONFIG_IDLE_##id},
static const cyaml_strval_t CONFIG_IDLES_words[] = {CONFIG_IDLES(IDLE_VALUE)};
#define DISTRIBUTION_VALUE(id, word, help) {word, CONFIG_DISTRIBUTION_##id},
static const cyaml_strval_t CONFIG_DISTRIBUTIONS_words[] = {CONFIG_DISTRIBUTIONS(DISTRIBUTION_VALUE)};

#define OPTIONAL		      (CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER)
#define NUM(key, def, min, max, help) CYAML_FIELD_UINT_PTR(#key, OPTIONAL, OF, key),
#define STR(key, def, help)	      CYAML_FIELD_STRING_PTR(#key, OPTIONAL, OF, key, 0, CYAML_UNLIMITED),
#define WORD(key, TABLE, def, help)                                                      \
	CYAML_FIELD_ENUM_PTR(#key, OPTIONAL | CYAML_FLAG_STRICT, OF, key, TABLE##_words, \
			     CYAML_ARRAY_LEN(TABLE##_words)),
#define FLAG(key, def, help) CYAML_FIELD_BOOL_PTR(#key, OPTIONAL, OF, key),

static const cyaml_schema_value_t a_string = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)};
static const cyaml_schema_value_t a_core = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint32_t)};
static const cyaml_schema_value_t a_bypass = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint16_t)};

#define OF struct raw_eal
static const cyaml_schema_field_t eal_fields[] = {
    CONFIG_EAL(NUM, STR, WORD, FLAG) CYAML_FIELD_SEQUENCE("options", OPTIONAL, struct raw_eal, options,
							  &a_string, 0, CONFIG_EAL_OPTIONS_MAX),
    CYAML_FIELD_END};
#undef OF
#define OF struct raw_port
static const cyaml_schema_field_t port_fields[] = {CONFIG_PORT(NUM, STR, WORD, FLAG) CYAML_FIELD_END};
#undef OF
#define OF struct raw_workers
static const cyaml_schema_field_t workers_fields[] = {
    CONFIG_WORKERS(NUM, STR, WORD, FLAG)
	CYAML_FIELD_SEQUENCE("cores", OPTIONAL, struct raw_workers, cores, &a_core, 0, CONFIG_WORKERS_MAX),
    CYAML_FIELD_END};
#undef OF
#define OF struct raw_limits
static const cyaml_schema_field_t limits_fields[] = {CONFIG_LIMITS(NUM, STR, WORD, FLAG) CYAML_FIELD_END};
#undef OF
#define OF struct raw_events
static const cyaml_schema_field_t events_fields[] = {CONFIG_EVENTS(NUM, STR, WORD, FLAG) CYAML_FIELD_END};
#undef OF
#define OF struct raw_bypass
static const cyaml_schema_field_t bypass_fields[] = {
    CONFIG_BYPASS(NUM, STR, WORD, FLAG)
	CYAML_FIELD_SEQUENCE("ports", OPTIONAL, struct raw_bypass, ports, &a_bypass, 0, CONFIG_BYPASS_MAX),
    CYAML_FIELD_END};
#undef OF

#define NAMED(type, key) CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_POINTER, type, key, 1, CYAML_UNLIMITED)
static const cyaml_schema_field_t pair_fields[] = {NAMED(struct raw_pair, left),
						   NAMED(struct raw_pair, right), CYAML_FIELD_END};
static const cyaml_schema_field_t mirror_fields[] = {NAMED(struct raw_mirror, input),
						     NAMED(struct raw_mirror, answers), CYAML_FIELD_END};
static const cyaml_schema_value_t a_port = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_port, port_fields)};
static const cyaml_schema_value_t a_pair = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_pair, pair_fields)};
static const cyaml_schema_value_t a_mirror = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_mirror, mirror_fields)};

#define OF struct raw
static const cyaml_schema_field_t top_fields[] = {
    CONFIG_TOP(NUM, STR, WORD, FLAG) CYAML_FIELD_MAPPING_PTR("eal", OPTIONAL, struct raw, eal, eal_fields),
    CYAML_FIELD_SEQUENCE("ports", CYAML_FLAG_POINTER, struct raw, ports, &a_port, 1, CONFIG_PORTS_MAX),
    CYAML_FIELD_SEQUENCE("pairs", OPTIONAL, struct raw, pairs, &a_pair, 0, CONFIG_PORTS_MAX / 2),
    CYAML_FIELD_SEQUENCE("mirrors", OPTIONAL, struct raw, mirrors, &a_mirror, 0, CONFIG_PORTS_MAX),
    CYAML_FIELD_MAPPING_PTR("workers", OPTIONAL, struct raw, workers, workers_fields),
    CYAML_FIELD_MAPPING_PTR("limits", OPTIONAL, struct raw, limits, limits_fields),
    CYAML_FIELD_MAPPING_PTR("events", OPTIONAL, struct raw, events, events_fields),
    CYAML_FIELD_MAPPING_PTR("bypass", OPTIONAL, struct raw, bypass, bypass_fields),
    CYAML_FIELD_END};
#undef OF
static const cyaml_schema_value_t top = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw, top_fields)};

/* What libcyaml says, line by line: first the complaint, then where, innermost first. */
struct complaint {
	char what[256], key[100];
	unsigned line;
};

static void listen(cyaml_log_t level, void *ctx, const char *fmt, va_list ap)
{
	struct complaint *c = ctx;
	char text[256], key[100];
	unsigned line;
	(void)level;
	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	const char *said = strncmp(text, "Load: ", 6) ? text : text + 6, *at;
	if ((at = strstr(said, "(line: ")) && sscanf(at, "(line: %u", &line) == 1) {
		if (!c->line)
			c->line = line;
		if (!c->key[0] && sscanf(said, "in mapping field '%99[^']'", key) == 1)
			memcpy(c->key, key, sizeof(key));
	} else if (strncmp(said, "Backtrace", 9) && !c->what[0]) {
		snprintf(c->what, sizeof(c->what), "%s", said);
	}
}

static cyaml_config_t reader(struct complaint *c)
{
	return (cyaml_config_t){
	    .log_fn = listen,
	    .log_ctx = c,
	    .log_level = CYAML_LOG_ERROR,
	    .mem_fn = cyaml_mem,
	    .flags = CYAML_CFG_NO_ALIAS,
	};
}

int raw_load(const char *path, const uint8_t *text, size_t n, struct raw **ret, struct err *e)
{
	struct complaint c = {0};
	cyaml_config_t cfg = reader(&c);
	cyaml_data_t *data = NULL;
	cyaml_err_t err = cyaml_load_data(text, n, &cfg, &top, &data, NULL);
	if (err == CYAML_OK) {
		*ret = data;
		return 0;
	}
	return err_set(e, -EINVAL, "%s:%u: %s%s%s; see roja-dataplane.yaml(5)", path, c.line, c.key,
		       c.key[0] ? ": " : "", c.what[0] ? c.what : cyaml_strerror(err));
}

void raw_free(struct raw *raw)
{
	struct complaint c;
	cyaml_config_t cfg = reader(&c);
	cyaml_free(&cfg, &top, raw, 0);
}
