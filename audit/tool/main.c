/* SPDX-License-Identifier: BSD-3-Clause */
/* roja-audit: is a log what was signed? For the regulator's own machine. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/keep.h"
#include "audit/tool/tool.h"
#include "common/nearest.h"
#include "common/opt_complete.h"

const struct tool_command *const tool_commands[] = {
    &tool_verify, &tool_prove,	&tool_check,   &tool_show,	 &tool_key,
    &tool_diff,	  &tool_export, &tool_custody, &tool_completion, NULL,
};

int tool_failed(const struct tool_command *c, int code, const struct err *e)
{
	fprintf(stderr, "%s: %s\n", c->program.name, e->text);
	return code;
}

int tool_parse(const struct tool_command *c, int argc, char **argv, void *options, bool *ret_go)
{
	struct err e = {""};
	int n = 0, r = opt_parse(&c->program, argc, argv, options, argv, &n, &e);
	*ret_go = r == OPT_RUN;
	return r < 0 ? tool_failed(c, TOOL_USAGE, &e) : TOOL_GOOD;
}

/* A file of vkeys, a line each; "#" begins a comment. */
static int keys_of_file(FILE *f, const char *path, struct verifier *ret, unsigned room, unsigned *n,
			struct err *e)
{
	char line[NOTE_VKEY_BYTES + 2];
	struct err why = {""};
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\r\n")] = 0;
		if (!line[0] || line[0] == '#')
			continue;
		if (*n == room)
			return err_set(e, -EINVAL, "%s: more than %u keys", path, room);
		if (verifier_parse(line, &ret[*n], &why))
			return err_set(e, -EINVAL, "%s: %s", path, why.text);
		++*n;
	}
	return 0;
}

int tool_keys(const struct opt_list *list, struct verifier *ret, unsigned room, unsigned *ret_n,
	      const char *option, struct err *e)
{
	struct err why = {""};
	*ret_n = 0;
	for (unsigned i = 0; i < list->n; i++) {
		const char *value = list->v[i];
		if (*ret_n == room)
			return err_set(e, -EINVAL, "--%s: more than %u keys", option, room);
		if (!verifier_parse(value, &ret[*ret_n], &why)) {
			++*ret_n;
			continue;
		}
		FILE *f = fopen(value, "re");
		if (!f)
			return err_set(e, -EINVAL, "--%s: no key, and no file of keys: %s", option, why.text);
		int err = keys_of_file(f, value, ret, room, ret_n, e);
		fclose(f);
		if (err)
			return err;
	}
	return list->n && !*ret_n ? err_set(e, -EINVAL, "--%s: no key is there", option) : 0;
}

int tool_kept_key(const struct checkpoint *c, const char *state, struct verifier *ret, unsigned *ret_n,
		  struct err *e)
{
	struct keep k = {.known = false};
	char origin[NOTE_NAME_MAX + 1];
	*ret_n = 0;
	if (!state || c->origin.len > NOTE_NAME_MAX)
		return 0;
	snprintf(origin, sizeof(origin), "%.*s", (int)c->origin.len, (const char *)c->origin.p);
	int err = keep_load(state, origin, &k, e);
	const struct verifier *key = err ? NULL : keep_key_at(&k, c->size);
	if (key) {
		*ret = *key;
		*ret_n = 1;
	}
	keep_free(&k);
	return err;
}

const char *tool_state(const char *option, char room[4096])
{
	const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	if (option)
		return strcmp(option, "-") ? option : NULL;
	if (base && base[0] == '/')
		snprintf(room, 4096, "%s/roja-audit", base);
	else if (home && home[0] == '/')
		snprintf(room, 4096, "%s/.local/state/roja-audit", home);
	else
		return NULL;
	return room;
}

void tool_print_json(json_t *j)
{
	json_dumpf(j, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
	putchar('\n');
	json_decref(j);
}

static int unknown(const char *word)
{
	struct nearest n;
	nearest_init(&n, word);
	for (const struct tool_command *const *c = tool_commands; *c; c++)
		nearest_try(&n, (*c)->word);
	if (n.best)
		fprintf(stderr, "roja-audit: no such command; did you mean \"%s\"?\n", n.best);
	else
		fprintf(stderr, "roja-audit: no such command; see roja-audit --help\n");
	return TOOL_USAGE;
}

static int run(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	if (!*word) {
		tool_help(stderr);
		return TOOL_USAGE;
	}
	if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help")) {
		tool_help(stdout);
	} else if (!strcmp(word, "--version")) {
		printf("roja-audit %s\n", ROJA_VERSION);
	} else if (!strcmp(word, "--man")) {
		tool_man(stdout);
	} else if (!strcmp(word, OPT_COMPLETE_WORD)) {
		return tool_complete(argc - 2, argv + 2);
	} else {
		for (const struct tool_command *const *c = tool_commands; *c; c++)
			if (!strcmp((*c)->word, word))
				return (*c)->run(*c, argc - 1, argv + 1);
		return unknown(word);
	}
	return TOOL_GOOD;
}

int main(int argc, char **argv)
{
	int code = run(argc, argv);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "roja-audit: standard output: %s\n", strerror(errno ? errno : EIO));
		return TOOL_UNREADABLE;
	}
	return code;
}
