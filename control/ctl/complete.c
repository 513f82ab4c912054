/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/complete.h"

#include <stdlib.h>
#include <string.h>

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
static const char *const files[] = {"FILE", "PATH", "FOLDER", "RULESET"};

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
	if (o->type == OPT_ENUM)
		for (unsigned i = 0; o->values[i]; i++)
			offer(c, o->values[i], o->help);
	for (unsigned i = 0; o->arg && i < sizeof(files) / sizeof(*files); i++)
		c->files |= !strcmp(files[i], o->arg);
	for (unsigned i = 0; o->arg && of_control && i < sizeof(sources) / sizeof(*sources); i++)
		if (!strcmp(sources[i].arg, o->arg))
			ask_which(c, &sources[i]);
}

/* The option that `word` is, without its value. */
static const struct opt *option_of(const struct opt_program *p, const char *word)
{
	for (const struct opt *o = p->opts; o < p->opts + p->n_opts; o++)
		if (!o->operand && ((word[0] == '-' && word[1] == '-' && !strcmp(word + 2, o->name)) ||
				    (word[0] == '-' && o->letter && word[1] == o->letter && !word[2])))
			return o;
	return NULL;
}

struct place {
	const struct opt *awaits; /* the option whose value is typed */
	unsigned operands;	  /* how many stand in front */
	bool operands_only;
	uint64_t given; /* a bit a row */
};

static struct place place_of(struct completing *c, const struct opt_program *p, char *const *words,
			     unsigned n)
{
	struct place at = {0};
	for (unsigned i = 0; i + 1 < n; i++) {
		const struct opt *o = at.operands_only || at.awaits ? NULL : option_of(p, words[i]);
		if (at.awaits) {
			if (!strcmp(at.awaits->name, "socket"))
				c->socket = words[i];
			at.awaits = NULL;
		} else if (o) {
			at.given |= (uint64_t)1 << (o - p->opts);
			at.awaits = o->type == OPT_FLAG ? NULL : o;
		} else if (!at.operands_only && !strcmp(words[i], "--")) {
			at.operands_only = true;
		} else if (words[i][0] != '-' || at.operands_only) {
			at.operands++;
		}
	}
	return at;
}

static void offer_options(struct completing *c, const struct opt_program *p, const struct place *at)
{
	char word[64];
	for (const struct opt *o = p->opts; o < p->opts + p->n_opts; o++) {
		if (o->operand || (at->given >> (o - p->opts) & 1 && o->type != OPT_LIST))
			continue;
		snprintf(word, sizeof(word), "--%s", o->name);
		offer(c, word, o->help);
	}
	offer(c, "--help", "Print help.");
}

static void offer_operand(struct completing *c, const struct ctl_command *command,
			  const struct opt_program *p, unsigned number)
{
	const struct opt *last = NULL;
	for (const struct opt *o = p->opts; o < p->opts + p->n_opts; o++) {
		if (!o->operand)
			continue;
		last = o;
		if (!number--) {
			offer_value(c, o, !command->program);
			return;
		}
	}
	if (last && last->type == OPT_LIST)
		offer_value(c, last, !command->program);
	c->files |= command->program && command->program->synopsis;
}

static void complete_arguments(struct completing *c, const struct ctl_command *command, char *const *words,
			       unsigned n)
{
	static struct command_page page;
	command_page(command, &page);
	const struct opt_program *p = &page.program;
	struct place at = place_of(c, p, words, n);
	if (at.awaits)
		offer_value(c, at.awaits, !command->program);
	else if (c->typed[0] == '-' && !at.operands_only)
		offer_options(c, p, &at);
	else
		offer_operand(c, command, p, at.operands);
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
		puts(":files");
	return CTL_OK;
}
