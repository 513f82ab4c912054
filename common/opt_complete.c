/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/opt_complete.h"

#include <string.h>

static const char *const files[] = {"FILE",   "PATH", "FOLDER", "RULESET", "CHECKPOINT",
				    "EXPORT", "OUT",  "PEM",	"PROOF"};

/* The option that `word` is, without its value. */
static const struct opt *option_of(const struct opt_program *p, const char *word)
{
	for (const struct opt *o = p->opts; o < p->opts + p->n_opts; o++)
		if (!o->operand && ((word[0] == '-' && word[1] == '-' && !strcmp(word + 2, o->name)) ||
				    (word[0] == '-' && o->letter && word[1] == o->letter && !word[2])))
			return o;
	return NULL;
}

struct walk {
	const struct opt *awaits; /* the option whose value the next word is */
	unsigned operands;
	bool operands_only;
	uint64_t given;
};

/* One word. Returns the option whose value it is, or NULL. */
static const struct opt *step(struct walk *w, const struct opt_program *p, const char *word)
{
	const struct opt *value = w->awaits, *o = w->operands_only || value ? NULL : option_of(p, word);
	w->awaits = o && o->type != OPT_FLAG ? o : NULL;
	if (value)
		return value;
	if (o)
		w->given |= (uint64_t)1 << (o - p->opts);
	else if (!w->operands_only && !strcmp(word, "--"))
		w->operands_only = true;
	else if (word[0] != '-' || w->operands_only)
		w->operands++;
	return NULL;
}

/* The operand's row; a list takes the rest. */
static const struct opt *operand_of(const struct opt_program *p, unsigned number)
{
	const struct opt *last = NULL;
	for (const struct opt *o = p->opts; o < p->opts + p->n_opts; o++) {
		if (!o->operand)
			continue;
		last = o;
		if (!number--)
			return o;
	}
	return last && last->type == OPT_LIST ? last : NULL;
}

struct opt_place opt_place_of(const struct opt_program *p, char *const *words, unsigned n)
{
	struct walk w = {0};
	for (unsigned i = 0; i + 1 < n; i++)
		step(&w, p, words[i]);
	struct opt_place at = {.value = w.awaits, .given = w.given};
	if (at.value)
		return at;
	at.option = words[n - 1][0] == '-' && !w.operands_only;
	if (!at.option)
		at.value = operand_of(p, w.operands);
	at.more = !at.option && !at.value;
	return at;
}

const char *opt_given(const struct opt_program *p, char *const *words, unsigned n, const char *name)
{
	struct walk w = {0};
	const char *found = NULL;
	for (unsigned i = 0; i + 1 < n; i++) {
		const struct opt *o = step(&w, p, words[i]);
		if (o && !strcmp(o->name, name))
			found = words[i];
	}
	return found;
}

void opt_offer_options(const struct opt_program *p, const struct opt_place *at, opt_offer offer, void *ctx)
{
	char word[64];
	for (const struct opt *o = p->opts; o < p->opts + p->n_opts; o++) {
		if (o->operand || (at->given >> (o - p->opts) & 1 && o->type != OPT_LIST))
			continue;
		snprintf(word, sizeof(word), "--%s", o->name);
		offer(ctx, word, o->help);
	}
	offer(ctx, "--help", "Print help.");
}

void opt_offer_values(const struct opt *o, opt_offer offer, void *ctx)
{
	if (o->type == OPT_ENUM)
		for (unsigned i = 0; o->values[i]; i++)
			offer(ctx, o->values[i], o->help);
}

bool opt_is_file(const struct opt *o)
{
	for (unsigned i = 0; o->arg && i < sizeof(files) / sizeof(*files); i++)
		if (!strcmp(files[i], o->arg))
			return true;
	return false;
}
