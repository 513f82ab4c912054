/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "dataplane/dpdk/config.h"

/* clang-format off */
#define WORD(id, word, help) word,
static const char *const CONFIG_MODES_words[] = {CONFIG_MODES(WORD)};
static const char *const CONFIG_FAILS_words[] = {CONFIG_FAILS(WORD)};
static const char *const CONFIG_DRIVERS_words[] = {CONFIG_DRIVERS(WORD)};
static const char *const CONFIG_IDLES_words[] = {CONFIG_IDLES(WORD)};
static const char *const CONFIG_DISTRIBUTIONS_words[] = {CONFIG_DISTRIBUTIONS(WORD)};
/* clang-format on */

const char *config_mode_word(unsigned v)
{
	return CONFIG_MODES_words[v];
}

const char *config_fail_word(unsigned v)
{
	return CONFIG_FAILS_words[v];
}

const char *config_driver_word(unsigned v)
{
	return CONFIG_DRIVERS_words[v];
}

static void print_string(FILE *out, const char *s)
{
	putc('"', out);
	for (; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == '"' || *s == '\\')
			fprintf(out, "\\x%02x", (unsigned char)*s);
		else
			putc(*s, out);
	}
	putc('"', out);
}

#define PRINT_NUM(key, def, min, max, help) fprintf(out, "%s" #key ": %u\n", indent(&first), c->key);
#define PRINT_STR(key, def, help)                     \
	fprintf(out, "%s" #key ": ", indent(&first)); \
	print_string(out, c->key);                    \
	putc('\n', out);
#define PRINT_WORD(key, TABLE, def, help) \
	fprintf(out, "%s" #key ": %s\n", indent(&first), TABLE##_words[c->key]);
#define PRINT_FLAG(key, def, help) \
	fprintf(out, "%s" #key ": %s\n", indent(&first), c->key ? "true" : "false");
#define PRINT(TABLE, of, style)                                     \
	do {                                                        \
		__typeof__(of) c = (of);                            \
		const char *const *first = (style);                 \
		TABLE(PRINT_NUM, PRINT_STR, PRINT_WORD, PRINT_FLAG) \
	} while (0)

/* What stands before the first key of a mapping, and before the others. */
static const char *const plain[] = {"", ""}, *const nested[] = {"  ", "  "}, *const item[] = {"  - ", "    "};

static const char *indent(const char *const **style)
{
	const char *now = (*style)[0];
	if (*style == item)
		*style = &item[1];
	return now;
}

static void print_numbers(FILE *out, const char *key, const unsigned *v, unsigned n)
{
	fprintf(out, "  %s: [", key);
	for (unsigned i = 0; i < n; i++)
		fprintf(out, "%s%u", i ? ", " : "", v[i]);
	fputs("]\n", out);
}

static void print_sides(const struct config *cfg, FILE *out, const char *a, unsigned pa, const char *b,
			unsigned pb)
{
	fprintf(out, "  - %s: ", a);
	print_string(out, cfg->ports[pa].name);
	fprintf(out, "\n    %s: ", b);
	print_string(out, cfg->ports[pb].name);
	putc('\n', out);
}

void config_print(const struct config *cfg, FILE *out)
{
	unsigned bypass[CONFIG_BYPASS_MAX];
	PRINT(CONFIG_TOP, cfg, plain);
	fputs("eal:\n", out);
	PRINT(CONFIG_EAL, &cfg->eal, nested);
	fprintf(out, "  options:%s\n", cfg->eal.n_options ? "" : " []");
	for (unsigned i = 0; i < cfg->eal.n_options; i++) {
		fputs("    - ", out);
		print_string(out, cfg->eal.options[i]);
		putc('\n', out);
	}
	fputs("ports:\n", out);
	for (unsigned i = 0; i < cfg->n_ports; i++)
		PRINT(CONFIG_PORT, &cfg->ports[i], item);
	if (cfg->n_pairs)
		fputs("pairs:\n", out);
	for (unsigned i = 0; i < cfg->n_pairs; i++)
		print_sides(cfg, out, "left", cfg->pairs[i].left, "right", cfg->pairs[i].right);
	if (cfg->n_mirrors)
		fputs("mirrors:\n", out);
	for (unsigned i = 0; i < cfg->n_mirrors; i++)
		print_sides(cfg, out, "input", cfg->mirrors[i].input, "answers", cfg->mirrors[i].answers);
	fputs("workers:\n", out);
	PRINT(CONFIG_WORKERS, &cfg->workers, nested);
	print_numbers(out, "cores", cfg->workers.cores, cfg->workers.n_cores);
	fputs("limits:\n", out);
	PRINT(CONFIG_LIMITS, &cfg->limits, nested);
	fputs("events:\n", out);
	PRINT(CONFIG_EVENTS, &cfg->events, nested);
	fputs("bypass:\n", out);
	PRINT(CONFIG_BYPASS, &cfg->bypass, nested);
	for (unsigned i = 0; i < cfg->bypass.n_ports; i++)
		bypass[i] = cfg->bypass.ports[i];
	print_numbers(out, "ports", bypass, cfg->bypass.n_ports);
}
