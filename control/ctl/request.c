/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/request.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "control/ctl/job.h"
#include "control/ctl/times.h"

static const struct opt all_row = {
    .name = "all",
    .letter = 'a',
    .type = OPT_FLAG,
    .off = offsetof(struct request, all),
    .help = "Print also the figures that are 0.",
};
static const struct opt no_wait_row = {
    .name = "no-wait",
    .type = OPT_FLAG,
    .off = offsetof(struct request, no_wait),
    .help = "Do not wait: print the job's number, which rojactl job asks about.",
};
static const struct opt json_row = ASK_JSON(struct request, ask);
static const struct opt whom_rows[][2] = {
    [CTL_CONTROL] = {ASK_WHOM_CONTROL(struct request, ask)},
    [CTL_DATAPLANE] = {ASK_WHOM(struct request, ask)},
};

static void add_row(struct command_page *p, const struct opt *row)
{
	p->rows[p->program.n_opts++] = *row;
}

void command_page(const struct ctl_command *c, struct command_page *ret)
{
	struct opt_program *prog = &ret->program;
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->name, sizeof(ret->name), "rojactl %s", c->path);
	if (c->program) {
		*prog = *c->program;
		return;
	}
	snprintf(ret->about, sizeof(ret->about), "%s%s%s%s%s%s", c->help, c->about ? " " : "",
		 c->about ? c->about : "", c->role ? " Role: " : "", c->role ? c->role : "",
		 c->role ? "." : "");
	*prog = (struct opt_program){
	    .name = ret->name, .about = ret->about, .opts = ret->rows, .more = COMMAND_EXIT_CODES};
	for (unsigned i = 0; i < c->n_opts; i++) {
		add_row(ret, &c->opts[i]);
		ret->rows[i].off = offsetof(struct request, slots) + i * sizeof(union slot);
	}
	if (c->plain)
		return;
	if (c->all)
		add_row(ret, &all_row);
	if (c->job)
		add_row(ret, &no_wait_row);
	add_row(ret, &json_row);
	add_row(ret, &whom_rows[c->daemon][0]);
	add_row(ret, &whom_rows[c->daemon][1]);
}

/* A number and a choice that nobody gives say so; texts and lists are empty. */
static void clear_slots(struct request *q)
{
	for (unsigned i = 0; i < q->command->n_opts; i++) {
		enum opt_type type = q->command->opts[i].type;
		if (type == OPT_U64)
			q->slots[i].number = UINT64_MAX;
		else if (type == OPT_ENUM)
			q->slots[i].choice = UINT_MAX;
	}
}

static int no_utf8(const struct opt *o, struct err *e)
{
	return err_set(e, -EINVAL, "%s%s: no UTF-8 text, which the socket's JSON needs",
		       o->operand ? "" : "--", o->operand ? o->arg : o->name);
}

static int text_param(const struct opt *o, const char *text, json_t **ret, struct err *e)
{
	char utc[TIMES_BYTES], label[64];
	snprintf(label, sizeof(label), "%s%s", o->operand ? "" : "--", o->operand ? o->arg : o->name);
	if (!strcmp(o->arg, "TIME")) {
		int err = times_read(label, text, time(NULL), utc, e);
		if (err)
			return err;
		text = utc;
	}
	*ret = json_string(text);
	return *ret ? 0 : no_utf8(o, e);
}

/* KEY=VALUE as members, others as elements. */
static int list_param(const struct opt *o, const struct opt_list *l, json_t **ret, struct err *e)
{
	bool pairs = !strcmp(o->arg, "KEY=VALUE");
	json_t *all = pairs ? json_object() : json_array();
	int err = 0;
	for (unsigned i = 0; i < l->n && !err; i++) {
		const char *text = l->v[i], *equals = strchr(text, '=');
		if (pairs && (!equals || equals == text)) {
			err = err_set(e, -EINVAL, "--%s: \"%s\" is not written KEY=VALUE", o->name, text);
		} else if (pairs) {
			char *key = strndup(text, (size_t)(equals - text));
			err = json_object_set_new(all, key, json_string(equals + 1)) ? no_utf8(o, e) : 0;
			free(key);
		} else {
			err = json_array_append_new(all, json_string(text)) ? no_utf8(o, e) : 0;
		}
	}
	if (err)
		json_decref(all);
	else
		*ret = all;
	return err;
}

/* NULL in *ret: not given. */
static int param(const struct opt *o, const union slot *v, json_t **ret, struct err *e)
{
	switch (o->type) {
	case OPT_FLAG:
		*ret = v->flag ? json_true() : NULL;
		return 0;
	case OPT_STRING:
		return v->text ? text_param(o, v->text, ret, e) : 0;
	case OPT_U64:
		*ret = v->number == UINT64_MAX ? NULL : rpc_u64(v->number);
		return 0;
	case OPT_ENUM:
		if (v->choice != UINT_MAX)
			*ret = !strcmp(o->arg, "YES-OR-NO")
				   ? json_boolean(!strcmp(o->values[v->choice], "yes"))
				   : json_string(o->values[v->choice]);
		return 0;
	case OPT_LIST:
		return v->list.n ? list_param(o, &v->list, ret, e) : 0;
	}
	return -EINVAL;
}

static int make_params(struct request *q, struct err *e)
{
	q->params = json_object();
	for (unsigned i = 0; i < q->command->n_opts; i++) {
		const struct opt *o = &q->command->opts[i];
		char name[64];
		json_t *v = NULL;
		if (o->to && !*o->to)
			continue;
		int err = param(o, &q->slots[i], &v, e);
		if (err)
			return err;
		snprintf(name, sizeof(name), "%s", o->to ? o->to : o->name);
		for (char *p = name; *p; p++)
			*p = *p == '-' ? '_' : *p;
		if (v)
			json_object_set_new(q->params, name, v);
	}
	return 0;
}

int request_parse(const struct ctl_command *c, int argc, char **argv, struct request **ret, struct err *e)
{
	struct request *q = calloc(1, sizeof(*q));
	int n = 0;
	if (!q)
		return err_set(e, -ENOMEM, "memory ran out");
	q->command = c;
	q->ask = ask_default(c->daemon == CTL_CONTROL);
	command_page(c, &q->page);
	clear_slots(q);
	int rc = opt_parse(&q->page.program, argc, argv, q, argv, &n, e);
	if (!rc && n)
		rc = err_set(e, -EINVAL, "\"%s\": takes no argument; see %s --help", argv[0], q->page.name);
	if (!rc)
		rc = make_params(q, e);
	if (rc)
		request_free(q);
	else
		*ret = q;
	return rc;
}

void request_free(struct request *q)
{
	if (q)
		json_decref(q->params);
	free(q);
}

const union slot *request_value(const struct request *q, const char *name)
{
	unsigned i = 0;
	while (strcmp(q->command->opts[i].name, name))
		i++;
	return &q->slots[i];
}

int request_ask(const struct request *q, const char *method, json_t *params, json_t **ret, struct err *e)
{
	return ask(&q->ask, method, params, ret, e);
}

void request_show(const struct request *q, const json_t *result)
{
	struct style s = style_of(stdout);
	s.all = q->all;
	if (q->ask.json)
		view_json(result, stdout);
	else
		view_print(q->command->view, result, &s);
}

int request_failed(const struct request *q, int err, const struct err *e)
{
	return ask_failed(q->command->path, err, e);
}

static int run(struct request *q)
{
	struct err e = {""};
	json_t *result = NULL;
	int err = request_ask(q, q->command->method, q->params, &result, &e);
	if (!err && q->command->job && !q->no_wait)
		err = job_wait(&q->ask, &result, &e);
	if (err)
		return request_failed(q, err, &e);
	request_show(q, result);
	int code = job_refused(result) ? CTL_REFUSED : CTL_OK;
	json_decref(result);
	return code;
}

int command_run(const struct ctl_command *c, int argc, char **argv)
{
	struct err e = {""};
	struct request *q;
	if (c->local)
		return c->local(argc, argv);
	int rc = request_parse(c, argc, argv, &q, &e);
	if (rc == OPT_DONE)
		return CTL_OK;
	if (rc)
		return ctl_fail(c->path, &e);
	int code = c->run ? c->run(q) : run(q);
	request_free(q);
	return code;
}
