/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/config_schema.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <string.h>

#define WORDS(E)			    static const cyaml_strval_t words_##E[] = {CONFIG_##E##S(VALUE_##E)};
#define VALUE_MODE(id, text, about)	    {text, CONFIG_MODE_##id},
#define VALUE_FAIL(id, text, about)	    {text, CONFIG_FAIL_##id},
#define VALUE_DRIVER(id, text, about)	    {text, CONFIG_DRIVER_##id},
#define VALUE_IDLE(id, text, about)	    {text, CONFIG_IDLE_##id},
#define VALUE_DISTRIBUTION(id, text, about) {text, CONFIG_DISTRIBUTION_##id},
#define VALUE_LIMIT_ACT(id, text, about)    {text, CONFIG_LIMIT_ACT_##id},
WORDS(MODE)
WORDS(FAIL)
WORDS(DRIVER)
WORDS(IDLE)
WORDS(DISTRIBUTION)
WORDS(LIMIT_ACT)

#define TEXT (CYAML_FLAG_POINTER | CYAML_FLAG_SCALAR_QUOTE_DOUBLE)
static const cyaml_schema_value_t entry_unsigned = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, unsigned)};
static const cyaml_schema_value_t entry_uint16_t = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint16_t)};
static const cyaml_schema_value_t entry_text = {CYAML_VALUE_STRING(TEXT, char, 0, CYAML_UNLIMITED)};

/* OF is the struct whose fields are written. */
#define MAY		      CYAML_FLAG_OPTIONAL
#define FIELD(kind, key, ...) FIELD_##kind(key, __VA_ARGS__)
#define FIELD_NUM(key, ...)   CYAML_FIELD_UINT(#key, MAY, OF, key),
#define FIELD_STR(key, ...)   CYAML_FIELD_STRING_PTR(#key, MAY | TEXT, OF, key, 0, CYAML_UNLIMITED),
#define FIELD_WORD(key, E, ...) \
	CYAML_FIELD_ENUM(#key, MAY | CYAML_FLAG_STRICT, OF, key, words_##E, CYAML_ARRAY_LEN(words_##E)),
#define FIELD_FLAG(key, ...) CYAML_FIELD_BOOL(#key, MAY, OF, key),
#define FIELD_PORT(key, ...) CYAML_FIELD_STRING_PTR(#key, TEXT, OF, key##_name, 0, CYAML_UNLIMITED),
#define LIST(key, entry, most) \
	CYAML_FIELD_SEQUENCE_COUNT(#key, MAY | STYLE, OF, key, n_##key, entry, 0, most),
#define STYLE				 CYAML_FLAG_FLOW
#define FIELD_NUMS(key, type, most, ...) LIST(key, &entry_##type, most)
#define FIELD_STRS(key, most, ...)	 LIST(key, &entry_text, most)
#define FIELD_MAP(key, of, ...)		 CYAML_FIELD_MAPPING(#key, MAY, OF, key, fields_##of),
#define FIELD_MAPS(key, of, most, ...) \
	CYAML_FIELD_SEQUENCE_COUNT(#key, MAY, OF, key, n_##key, &entry_##of, 0, most),
#define FIELDS(name, TABLE)                                                                 \
	static const cyaml_schema_field_t fields_##name[] = {TABLE(FIELD) CYAML_FIELD_END}; \
	__attribute__((unused)) static const cyaml_schema_value_t entry_##name = {          \
	    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, OF, fields_##name)};

#define OF struct config_eal
FIELDS(eal, CONFIG_EAL_KEYS)
#undef OF
#define OF struct config_port
FIELDS(port, CONFIG_PORT_KEYS)
#undef OF
#define OF struct config_pair
FIELDS(pair, CONFIG_PAIR_KEYS)
#undef OF
#define OF struct config_mirror
FIELDS(mirror, CONFIG_MIRROR_KEYS)
#undef OF
#define OF struct config_workers
FIELDS(workers, CONFIG_WORKERS_KEYS)
#undef OF
#define OF struct config_limits
FIELDS(limits, CONFIG_LIMITS_KEYS)
#undef OF
#define OF struct config_at_limit
FIELDS(at_limit, CONFIG_AT_LIMIT_KEYS)
#undef OF
#define OF struct config_events
FIELDS(events, CONFIG_EVENTS_KEYS)
#undef OF
#define OF struct config_bypass
FIELDS(bypass, CONFIG_BYPASS_KEYS)
#undef OF
#define OF struct config
static const cyaml_schema_field_t fields_top[] = {CONFIG_TOP_KEYS(FIELD) CYAML_FIELD_END};
static const cyaml_schema_value_t top = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, OF, fields_top)};

/* What libcyaml says, a line a call: first the complaint, then where, innermost first. */
struct complaint {
	char what[256];
	unsigned line;
};

static void hear(cyaml_log_t level, void *ctx, const char *fmt, va_list ap)
{
	struct complaint *c = ctx;
	char text[256];
	(void)level;
	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	const char *place = strstr(text, "(line: ");
	if (place && !strncmp(text, "  in ", 5)) {
		if (!c->line)
			sscanf(place, "(line: %u", &c->line);
	} else if (!c->what[0] && !strstr(text, "Backtrace")) {
		snprintf(c->what, sizeof(c->what), "%s", text + (strncmp(text, "Load: ", 6) ? 0 : 6));
	}
}

static cyaml_config_t cyaml_for(struct complaint *c)
{
	return (cyaml_config_t){
	    .log_fn = hear,
	    .log_ctx = c,
	    .log_level = CYAML_LOG_ERROR,
	    .mem_fn = cyaml_mem,
	    .flags = CYAML_CFG_NO_ALIAS | CYAML_CFG_STYLE_BLOCK,
	};
}

int config_schema_load(const char *path, const uint8_t *text, size_t n, struct config **ret, struct err *e)
{
	struct complaint c = {0};
	cyaml_config_t how = cyaml_for(&c);
	cyaml_data_t *data = NULL;
	cyaml_err_t err = cyaml_load_data(text, n, &how, &top, &data, NULL);
	if (err == CYAML_OK && data) {
		*ret = data;
		return 0;
	}
	return err_set(e, err == CYAML_ERR_OOM ? -ENOMEM : -EINVAL, "%s:%u: %s; see roja-dataplane.yaml(5)",
		       path, c.line ? c.line : 1, c.what[0] ? c.what : cyaml_strerror(err));
}

int config_schema_save(const struct config *cfg, FILE *out)
{
	struct complaint c = {0};
	cyaml_config_t how = cyaml_for(&c);
	char *text = NULL;
	size_t n = 0;
	cyaml_err_t err = cyaml_save_data(&text, &n, &how, &top, cfg, 0);
	if (err != CYAML_OK)
		return err == CYAML_ERR_OOM ? -ENOMEM : -EINVAL;
	size_t written = fwrite(text, 1, n, out);
	cyaml_mem(NULL, text, 0);
	return written == n ? 0 : -EIO;
}

void config_schema_free(struct config *cfg)
{
	struct complaint c = {0};
	cyaml_config_t how = cyaml_for(&c);
	cyaml_free(&how, &top, cfg, 0);
}

char *config_schema_string(const char *text)
{
	size_t n = strlen(text) + 1;
	char *copy = cyaml_mem(NULL, NULL, n);
	return copy ? memcpy(copy, text, n) : NULL;
}
