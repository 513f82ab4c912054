/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/opt.h"

#include "common/nearest.h"
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
/* "--name", of an operand "NAME" */
struct label {
	char text[64];
};

static struct label label(const struct opt *o)
{
	struct label l;
	snprintf(l.text, sizeof(l.text), "%s%s", o->operand ? "" : "--", o->operand ? o->arg : o->name);
	return l;
}

static const struct opt *find_name(const struct opt_program *prog, const char *name, size_t len)
{
	for (unsigned i = 0; i < prog->n_opts; i++)
		if (!prog->opts[i].operand && strlen(prog->opts[i].name) == len &&
		    !memcmp(prog->opts[i].name, name, len))
			return &prog->opts[i];
	return NULL;
}

static const struct opt *find_letter(const struct opt_program *prog, char letter)
{
	for (unsigned i = 0; i < prog->n_opts; i++)
		if (!prog->opts[i].operand && prog->opts[i].letter == letter)
			return &prog->opts[i];
	return NULL;
}

/* Decimal, or hexadecimal behind 0x. strtoull alone would also take signs, white space and octal. */
static int set_u64(const struct opt *o, const char *text, uint64_t *ret, struct err *e)
{
	char *end = NULL;
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	errno = 0;
	uint64_t v = isxdigit((unsigned char)*digits) ? strtoull(text, &end, hex ? 16 : 10) : 0;
	if (!end || *end || errno || v < o->min || v > o->max)
		return err_set(e, -EINVAL, "%s: \"%s\" is not a number from %" PRIu64 " to %" PRIu64,
			       label(o).text, text, o->min, o->max);
	*ret = v;
	return 0;
}

static int set_enum(const struct opt *o, const char *text, unsigned *ret, struct err *e)
{
	char all[256] = "";
	size_t used = 0;
	for (unsigned i = 0; o->values[i]; i++) {
		if (!strcmp(o->values[i], text)) {
			*ret = i;
			return 0;
		}
		int n = snprintf(all + used, sizeof(all) - used, "%s%s", i ? ", " : "", o->values[i]);
		used += n > 0 && used + (size_t)n < sizeof(all) ? (size_t)n : 0;
	}
	return err_set(e, -EINVAL, "%s: \"%s\" is none of: %s", label(o).text, text, all);
}

static int set_value(const struct opt *o, const char *text, void *values, struct err *e)
{
	void *place = (char *)values + o->off;
	switch (o->type) {
	case OPT_FLAG:
		*(bool *)place = true;
		return 0;
	case OPT_STRING:
		*(const char **)place = text;
		return 0;
	case OPT_LIST: {
		struct opt_list *l = place;
		if (l->n == OPT_LIST_MAX)
			return err_set(e, -EINVAL, "%s: given more than %u times", label(o).text,
				       OPT_LIST_MAX);
		l->v[l->n++] = text;
		return 0;
	}
	case OPT_U64:
		return set_u64(o, text, place, e);
	case OPT_ENUM:
		return set_enum(o, text, place, e);
	}
	return -EINVAL;
}

/* Sets `o` to `value`, or to the next argument if value is NULL and one is needed; moves *i over that. */
static int take_value(const struct opt *o, const char *value, int argc, char **argv, int *i, void *values,
		      struct err *e)
{
	if (o->type == OPT_FLAG && value)
		return err_set(e, -EINVAL, "--%s takes no value", o->name);
	if (o->type != OPT_FLAG && !value) {
		if (*i + 1 >= argc)
			return err_set(e, -EINVAL, "--%s needs a value: --%s %s", o->name, o->name, o->arg);
		value = argv[++*i];
	}
	return set_value(o, value, values, e);
}

struct parsing {
	const struct opt_program *prog;
	int argc, i;
	char **argv;
	void *values;
	uint64_t given; /* a bit a row */
};

static int take(struct parsing *p, const struct opt *o, const char *value, struct err *e)
{
	p->given |= (uint64_t)1 << (o - p->prog->opts);
	return take_value(o, value, p->argc, p->argv, &p->i, p->values, e);
}

static int unknown(const struct opt_program *prog, const char *name, size_t len, struct err *e)
{
	char word[NEAREST_MAX + 1];
	struct nearest n;
	snprintf(word, sizeof(word), "%.*s", (int)len, name);
	nearest_init(&n, word);
	for (unsigned i = 0; i < prog->n_opts; i++)
		if (!prog->opts[i].operand)
			nearest_try(&n, prog->opts[i].name);
	if (n.best)
		return err_set(e, -EINVAL, "--%.*s: no such option; did you mean --%s?", (int)len, name,
			       n.best);
	return err_set(e, -EINVAL, "--%.*s: no such option; see %s --help", (int)len, name, prog->name);
}

static int read_name(struct parsing *p, struct err *e)
{
	const char *name = p->argv[p->i] + 2;
	size_t len = strcspn(name, "=");
	const struct opt *o = find_name(p->prog, name, len);
	return o ? take(p, o, name[len] ? name + len + 1 : NULL, e) : unknown(p->prog, name, len, e);
}

/* "-js" is -j -s, "-wFILE" is -w FILE, "-jwFILE" is both. */
static int read_letters(struct parsing *p, struct err *e)
{
	for (const char *l = p->argv[p->i] + 1; *l; l++) {
		const struct opt *o = find_letter(p->prog, *l);
		if (!o)
			return err_set(e, -EINVAL, "-%c: no such option; see %s --help", *l, p->prog->name);
		if (o->type != OPT_FLAG)
			return take(p, o, l[1] ? l + 1 : NULL, e);
		set_value(o, NULL, p->values, e);
	}
	return 0;
}

/* The operands to their rows, in order. */
static int place_operands(struct parsing *p, char **args, int *n, struct err *e)
{
	int at = 0;
	bool some = false;
	for (const struct opt *o = p->prog->opts; o < p->prog->opts + p->prog->n_opts; o++) {
		int taken = 0;
		some |= o->operand;
		for (; o->operand && at < *n && (!taken || o->type == OPT_LIST); taken++) {
			int err = set_value(o, args[at++], p->values, e);
			if (err)
				return err;
			p->given |= (uint64_t)1 << (o - p->prog->opts);
		}
	}
	if (!some)
		return 0;
	if (at < *n)
		return err_set(e, -EINVAL, "\"%s\": one argument too many; see %s --help", args[at],
			       p->prog->name);
	*n = 0;
	return 0;
}

static int find_missing(const struct parsing *p, struct err *e)
{
	char all[384] = "";
	size_t used = 0;
	for (unsigned i = 0; i < p->prog->n_opts; i++) {
		const struct opt *o = &p->prog->opts[i];
		if (!o->required || p->given >> i & 1)
			continue;
		int n = snprintf(all + used, sizeof(all) - used, "%s%s%s%s", used ? ", " : "", label(o).text,
				 o->operand ? "" : " ", o->operand ? "" : o->arg);
		used += n > 0 && used + (size_t)n < sizeof(all) ? (size_t)n : 0;
	}
	return used ? err_set(e, -EINVAL, "missing: %s; see %s --help", all, p->prog->name) : 0;
}

static int read_arguments(struct parsing *p, char **ret_args, int *ret_n, struct err *e)
{
	bool operands_only = false;
	for (p->i = 1; p->i < p->argc; p->i++) {
		char *arg = p->argv[p->i];
		if (operands_only || arg[0] != '-' || !arg[1]) {
			ret_args[(*ret_n)++] = arg;
		} else if (!strcmp(arg, "--")) {
			operands_only = true;
		} else if (!strcmp(arg, "--help") || !strcmp(arg, "-h")) {
			opt_help(p->prog, stdout);
			return OPT_DONE;
		} else if (!strcmp(arg, "--version")) {
			printf("%s %s\n", p->prog->name, ROJA_VERSION);
			return OPT_DONE;
		} else if (!strcmp(arg, "--man")) { /* for scripts/man, which writes docs/man/ */
			opt_man(p->prog, stdout);
			return OPT_DONE;
		} else {
			int err = arg[1] == '-' ? read_name(p, e) : read_letters(p, e);
			if (err)
				return err;
		}
	}
	return OPT_RUN;
}

int opt_parse(const struct opt_program *prog, int argc, char **argv, void *values, char **ret_args,
	      int *ret_n, struct err *e)
{
	struct parsing p = {.prog = prog, .argc = argc, .argv = argv, .values = values};
	int n = 0, rc = read_arguments(&p, ret_args, &n, e);
	if (!rc)
		rc = place_operands(&p, ret_args, &n, e);
	if (!rc)
		rc = find_missing(&p, e);
	if (!rc)
		*ret_n = n;
	return rc;
}
