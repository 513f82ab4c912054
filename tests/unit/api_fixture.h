/* SPDX-License-Identifier: BSD-3-Clause */
/* api_fixture: a caller of the API's rows, over a store and without an engine. */
#ifndef TESTS_UNIT_API_FIXTURE_H
#define TESTS_UNIT_API_FIXTURE_H

#include <errno.h>

#include "control/api/call.h"
#include "control/api/methods.h"
#include "tests/unit/store_fixture.h"

static const struct who eva = {64003, "eva"};

struct api_fixture {
	struct fixture f;
	struct config_dataplane dataplanes[2];
	struct control_config config;
	struct call call;
	unsigned pokes;
};
static struct api_fixture api;

void engine_poke(struct engine *engine)
{
	(void)engine;
	api.pokes++;
}

static inline void api_begin(void)
{
	memset(&api, 0, sizeof(api));
	fixture_open(&api.f);
	api.dataplanes[0].name = "left";
	api.dataplanes[1].name = "right";
	api.config = (struct control_config){.instance = "main",
					     .state = api.f.folder,
					     .dataplanes = api.dataplanes,
					     .n_dataplanes = 2,
					     .appeal_days = 30};
	api.config.stop.confirm_s = 3600;
	api.config.limits.jobs_per_user = 2;
	api.call = (struct call){.fd = -1, .store = api.f.s, .config = &api.config};
}

static inline void api_end(void)
{
	fixture_close(&api.f);
}

static inline const struct rpc_method *api_row(const struct methods_area *area, const char *name)
{
	for (unsigned i = 0; i < area->n; i++)
		if (!strcmp(area->rows[i].name, name))
			return &area->rows[i];
	return NULL;
}

/* Asks as `who`, with the roles of the method's row; params are taken over. NULL unless the answer is `want`, and 0. */
static inline json_t *api_ask(const struct methods_area *area, const struct who *who, const char *name,
			      json_t *params, int want)
{
	const struct rpc_method *m = api_row(area, name);
	json_t *result = NULL;
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	api.call.who = *who;
	api.call.roles = m->roles | ROLE_VIEWER;
	api.f.e.text[0] = 0;
	int err = m->run(&api.call, params, &result, &api.f.e);
	if (err != want)
		printf("# %s: %d instead of %d: %s\n", name, err, want, api.f.e.text);
	CU_ASSERT_EQUAL(err, want);
	CU_ASSERT_EQUAL(!err, result != NULL);
	CU_ASSERT_EQUAL(!err, !api.f.e.text[0]);
	json_decref(params);
	return result;
}

/* An answer that only has to be `want`. */
static inline void api_do(const struct methods_area *area, const struct who *who, const char *name,
			  json_t *params, int want)
{
	json_decref(api_ask(area, who, name, params, want));
}

static inline const char *api_text(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));
	return text ? text : "(none)";
}

static inline int64_t api_number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	return json_is_integer(v) ? json_integer_value(v) : -1;
}

/* Whether all members that a row documents are in an answer of it, or in the first element. */
static inline bool api_is_documented(const struct methods_area *area, const char *name, const json_t *answer)
{
	const struct rpc_method *m = api_row(area, name);
	const json_t *one = json_is_array(answer) ? json_array_get(answer, 0) : answer;
	bool all = one != NULL;
	for (unsigned i = 0; i < m->n_fields; i++)
		if (!json_object_get(one, m->fields[i].name)) {
			printf("# %s: no member %s\n", name, m->fields[i].name);
			all = false;
		}
	return all;
}

#endif
