/* SPDX-License-Identifier: BSD-3-Clause */
/* config-pages md|man: docs/configuration.md or the man page roja-dataplane.yaml(5), from the tables of config_keys.h.
 * scripts/man runs it. */
#include <stdlib.h>
#include <string.h>

#include "common/opt.h"
#include "dataplane/dpdk/config_rows.h"

/* share/roja-dataplane-lab.yaml */
extern const unsigned char example_lab[];
extern const size_t example_lab_bytes;

#define FILE_ABOUT                                                                                                    \
	"A YAML file of at most 256 KiB: keys with values, indented by spaces. Only ports and pairs (mode mirror: "   \
	"mirrors) must be there; what is left out has its default. Aliases, tags and further documents are refused, " \
	"and so are unknown keys."
#define ERRORS_ABOUT \
	"What is wrong is told in one line, FILE:LINE: KEY: what is wrong; what to do, and nothing starts. "

static const char *values_of(const struct config_row *r, char ret[256])
{
	size_t used = 0;
	switch (r->kind) {
	case CONFIG_KIND_NUM:
		snprintf(ret, 256, "%u to %u%s%s", r->min, r->max, *r->unit ? " " : "", r->unit);
		break;
	case CONFIG_KIND_WORD:
		for (unsigned i = 0; i < r->words->n && used < 256; i++)
			used += (size_t)snprintf(ret + used, 256 - used, "%s%s", i ? ", " : "",
						 r->words->v[i].word);
		break;
	case CONFIG_KIND_FLAG:
		strcpy(ret, "true, false");
		break;
	case CONFIG_KIND_NUMS:
		snprintf(ret, 256, "a list of at most %u numbers from %u to %u", r->n_max, r->min, r->max);
		break;
	case CONFIG_KIND_STRS:
		snprintf(ret, 256, "a list of at most %u texts", r->n_max);
		break;
	case CONFIG_KIND_MAPS:
		snprintf(ret, 256, "a list of at most %u, with the keys below", r->n_max);
		break;
	case CONFIG_KIND_MAP:
		strcpy(ret, "the keys below");
		break;
	case CONFIG_KIND_STR:
	case CONFIG_KIND_PORT:
		snprintf(ret, 256, "%s", r->form->what);
		break;
	}
	return ret;
}

static const char *default_of(const struct config_row *r, char ret[64])
{
	if (config_is_required(r))
		return "required";
	switch (r->kind) {
	case CONFIG_KIND_NUM:
		snprintf(ret, 64, "%u", r->def);
		return ret;
	case CONFIG_KIND_WORD:
		return r->words->v[r->def].word;
	case CONFIG_KIND_FLAG:
		return r->def ? "true" : "false";
	case CONFIG_KIND_STR:
		return *r->def_text ? r->def_text : "\"\"";
	case CONFIG_KIND_NUMS:
		return r->def_text;
	default:
		return config_is_list(r) ? "[]" : "";
	}
}

/* "ports[]" for the items of ports. */
static const char *mapping_name(const struct config_row *r, char ret[64])
{
	snprintf(ret, 64, "%s%s", r->key, r->kind == CONFIG_KIND_MAPS ? "[]" : "");
	return ret;
}

static void md_rows(const struct config_rows *rows)
{
	char values[256], text[64];
	puts("| key | default | values | meaning |\n| --- | --- | --- | --- |");
	for (unsigned i = 0; i < rows->n; i++) {
		const struct config_row *r = &rows->v[i];
		const char *def = default_of(r, text);
		const char *tick = *def && strchr(def, ' ') == NULL && !config_is_required(r) ? "`" : "";
		printf("| `%s` | %s%s%s | %s | %s |\n", r->key, tick, def, tick, values_of(r, values),
		       r->help);
	}
	for (unsigned i = 0; i < rows->n; i++) {
		const struct config_row *r = &rows->v[i];
		for (unsigned k = 0; r->words && k < r->words->n; k++)
			printf("%s- `%s: %s`: %s\n", k ? "" : "\n", r->key, r->words->v[k].word,
			       r->words->v[k].help);
	}
}

static void write_md(void)
{
	char name[64];
	puts(
	    "# Configuration\n\n"
	    "`roja-dataplane FILE` reads one file; `roja-dataplane --check FILE` checks it, prints it with every default "
	    "and ends.\n"
	    "This page and roja-dataplane.yaml(5) are written by scripts/man from the tables in "
	    "dataplane/dpdk/config_keys.h.\n");
	puts(
	    FILE_ABOUT
	    "\n\n" ERRORS_ABOUT "For example:\n\n"
	    "    lab.yaml:14: ports[1].driver: \"afxdp\" is none of pci, af_xdp, af_packet, tap, memif, pcap, vhost, "
	    "vdev\n\n## The file\n");
	md_rows(&config_top);
	for (unsigned i = 0; i < config_top.n; i++)
		if (config_top.v[i].of) {
			printf("\n## %s\n\n%s\n\n", mapping_name(&config_top.v[i], name),
			       config_top.v[i].help);
			md_rows(config_top.v[i].of);
		}
	printf(
	    "\n## Example: a lab\n\nshare/roja-dataplane-lab.yaml; for production there is share/roja-dataplane.yaml.\n\n"
	    "```yaml\n%.*s```\n",
	    (int)example_lab_bytes, (const char *)example_lab);
}

static void man_rows(const struct config_rows *rows)
{
	char values[256], text[64], both[400];
	puts(".Bl -tag -width Ds");
	for (unsigned i = 0; i < rows->n; i++) {
		const struct config_row *r = &rows->v[i];
		const char *def = default_of(r, text);
		printf(".It Ic %s\n", r->key);
		opt_man_text(r->help, stdout);
		snprintf(both, sizeof(both), "(%s%s%s)", values_of(r, values),
			 config_is_required(r) ? "; "
			 : *def		       ? "; default "
					       : "",
			 def);
		opt_man_text(both, stdout);
		if (!r->words)
			continue;
		puts(".Bl -tag -width Ds -compact");
		for (unsigned k = 0; k < r->words->n; k++) {
			printf(".It Cm %s\n", r->words->v[k].word);
			opt_man_text(r->words->v[k].help, stdout);
		}
		puts(".El");
	}
	puts(".El");
}

static void write_man(void)
{
	char name[64];
	puts(".Dd " OPT_MAN_DATE "\n.Dt ROJA-DATAPLANE.YAML 5\n.Os Roja\n.Sh NAME\n.Nm roja-dataplane.yaml\n"
	     ".Nd configuration of roja-dataplane\n.Sh DESCRIPTION");
	opt_man_text(FILE_ABOUT, stdout);
	puts(".Pp");
	opt_man_text(ERRORS_ABOUT, stdout);
	puts(".Pp\nThe keys are:");
	man_rows(&config_top);
	for (unsigned i = 0; i < config_top.n; i++)
		if (config_top.v[i].of) {
			printf(".Ss %s\n", mapping_name(&config_top.v[i], name));
			opt_man_text(config_top.v[i].help, stdout);
			man_rows(config_top.v[i].of);
		}
	puts(".Sh EXAMPLES\n.Bd -literal");
	char *lab = strndup((const char *)example_lab, example_lab_bytes);
	opt_man_text(lab ? lab : "", stdout);
	free(lab);
	puts(".Ed\n.Sh SEE ALSO\n.Xr roja-dataplane 1");
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "md"))
		return write_md(), 0;
	if (argc == 2 && !strcmp(argv[1], "man"))
		return write_man(), 0;
	fputs("usage: config-pages md|man\n", stderr);
	return 2;
}
