/* SPDX-License-Identifier: BSD-3-Clause */
/* roja-audit completion, and the words that it makes a shell ask for. */
#include <string.h>

#include "audit/tool/tool.h"
#include "common/opt_complete.h"

static const char *const others[] = {"--help", "--version", "help"};

struct options {
	unsigned shell;
};

static const struct opt rows[] = {
    {.name = "shell",
     .operand = true,
     .required = true,
     .type = OPT_ENUM,
     .arg = "SHELL",
     .values = opt_shells,
     .off = offsetof(struct options, shell),
     .help = "bash, zsh or fish."},
};

/* What begins as the word that is typed. */
static void offer(void *ctx, const char *word, const char *says)
{
	const char *typed = ctx;
	if (!strncmp(word, typed, strlen(typed)))
		printf("%s\t%s\n", word, says);
}

static void offer_commands(char *typed)
{
	for (const struct tool_command *const *c = tool_commands; *c; c++) {
		const char *about = (*c)->program.about, *stop = strstr(about, ". ");
		char says[256];
		snprintf(says, sizeof(says), "%.*s", stop ? (int)(stop - about) + 1 : (int)strlen(about),
			 about);
		offer(typed, (*c)->word, says);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		offer(typed, others[i], "");
}

int tool_complete(int argc, char **argv)
{
	if (argc < 1)
		return TOOL_GOOD;
	char *typed = argv[argc - 1];
	if (argc == 1) {
		offer_commands(typed);
		return TOOL_GOOD;
	}
	for (const struct tool_command *const *c = tool_commands; *c; c++) {
		if (strcmp((*c)->word, argv[0]))
			continue;
		struct opt_place at = opt_place_of(&(*c)->program, argv + 1, (unsigned)argc - 1);
		if (at.value)
			opt_offer_values(at.value, offer, typed);
		else if (at.option)
			opt_offer_options(&(*c)->program, &at, offer, typed);
		/* keys may stand in files */
		if (at.value && (opt_is_file(at.value) || !strcmp(at.value->arg, "VKEY")))
			puts(OPT_COMPLETE_FILES);
	}
	return TOOL_GOOD;
}

static int run(const struct tool_command *c, int argc, char **argv)
{
	static struct options o;
	bool go;
	int code = tool_parse(c, argc, argv, &o, &go);
	if (go)
		opt_shell_script((enum opt_shell)o.shell, "roja-audit", stdout);
	return code;
}

const struct tool_command tool_completion = {
    .word = "completion",
    .program =
	{.name = "roja-audit completion",
	 .about =
	     "Prints the script by which a shell completes roja-audit's words. Of bash: source <(roja-audit "
	     "completion bash). Of zsh, in a folder of fpath: roja-audit completion zsh > _roja-audit. Of fish: "
	     "roja-audit completion fish | source.",
	 .opts = rows,
	 .n_opts = sizeof(rows) / sizeof(*rows),
	 .more = TOOL_EXIT_CODES},
    .run = run,
};
