/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/complete.h"

#include <stdlib.h>
#include <string.h>

#include "common/opt_complete.h"
#include "control/ctl/page.h"
#include "control/ctl/request.h"

/* What stands for a value, and whom to ask which there are. */
static const struct source {
	const char *arg, *method, *member, *says;
	bool open; /* those alone that wait */
} sources[] = {
    {"ORDER", "order.list", "order", "reference", false},
    {"LIST", "list.list", "name", "format", false},
    {"PROPOSAL", "proposal.list", "proposal", "kind", true},
    {"EXCEPTION", "exception.list", "exception", "state", false},
    {"OVERRIDE", "override.list", "override", "state", false},
    {"STOP", "stop.list", "stop", "what", false},
    {"VERSION", "version.list", "version", "created", false},
    {"ALARM", "alarm.list", "alarm", "kind", false},
    {"HOLD", "hold.list", "hold", "reason", false},
    {"APPEAL", "appeal.list", "appeal", "state", false},
};

struct completing {
	const char *typed;
	complete_each each;
	void *ctx;
	const char *socket; /* NULL: the default */
	bool files;
};

static void offer(struct completing *c, const char *word, const char *says)
{
	if (!strncmp(word, c->typed, strlen(c->typed)))
		c->each(c->ctx, word, says ? says : "");
}

static void offer_word(void *ctx, const char *word, const char *says)
{
	offer(ctx, word, says);
}

static void offer_rows(struct completing *c, const struct source *s, const json_t *rows)
{
	size_t i;
	json_t *row;
	json_array_foreach(rows, i, row)
	{
		char *word = text_of_json(json_object_get(row, s->member));
		char *says = text_of_json(json_object_get(row, s->says));
		if (word && strcmp(word, "-"))
			offer(c, word, says);
		free(word);
		free(says);
	}
}

static void ask_which(struct completing *c, const struct source *s)
{
	struct ask a = ask_default(true);
	json_t *rows = NULL, *params = s->open ? json_pack("{s:s}", "state", "open") : NULL;
	a.socket = c->socket ? c->socket : a.socket;
	a.timeout_ms = COMPLETE_PATIENCE_MS;
	if (!ask(&a, s->method, params, &rows, NULL))
		offer_rows(c, s, rows);
	json_decref(params);
	json_decref(rows);
}

static void offer_value(struct completing *c, const struct opt *o, bool of_control)
{
	opt_offer_values(o, offer_word, c);
	c->files |= opt_is_file(o);
	for (unsigned i = 0; o->arg && of_control && i < sizeof(sources) / sizeof(*sources); i++)
		if (!strcmp(sources[i].arg, o->arg))
			ask_which(c, &sources[i]);
}

static void complete_arguments(struct completing *c, const struct ctl_command *command, char *const *words,
			       unsigned n)
{
	static struct command_page page;
	command_page(command, &page);
	const struct opt_program *p = &page.program;
	struct opt_place at = opt_place_of(p, words, n);
	c->socket = opt_given(p, words, n, "socket");
	if (at.value)
		offer_value(c, at.value, !command->program);
	else if (at.option)
		opt_offer_options(p, &at, offer_word, c);
	c->files |= at.more && command->program && command->program->synopsis;
}

bool complete(char *const *words, unsigned n, complete_each each, void *ctx)
{
	struct completing c = {.typed = n ? words[n - 1] : "", .each = each, .ctx = ctx};
	const struct ctl_command *command;
	unsigned used = 0;
	if (n <= 1) {
		page_words(offer_word, &c);
		offer(&c, "help", "Say what there is.");
		return false;
	}
	if (!strcmp(words[0], "help"))
		return complete(words + 1, n - 1, each, ctx);
	if (n == 2 && command_group(words[0])) {
		for (unsigned i = 0; (command = command_at(i)); i++)
			if (strlen(words[0]) == command_first(command) && command_rest(command) &&
			    !strncmp(command->path, words[0], command_first(command)))
				offer(&c, command_rest(command), command->help);
		return false;
	}
	command = command_find(words, n - 1, &used);
	if (command)
		complete_arguments(&c, command, words + used, n - used);
	return c.files;
}

static void print(void *ctx, const char *word, const char *says)
{
	(void)ctx;
	printf("%s\t%s\n", word, says);
}

int complete_run(int argc, char **argv)
{
	if (complete(argv, argc > 0 ? (unsigned)argc : 0, print, NULL))
		puts(OPT_COMPLETE_FILES);
	return CTL_OK;
}
