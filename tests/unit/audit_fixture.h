/* SPDX-License-Identifier: BSD-3-Clause */
/* audit_fixture: a store and its log in a temporary folder, a loop, and the leaves as JSON. */
#ifndef TESTS_UNIT_AUDIT_FIXTURE_H
#define TESTS_UNIT_AUDIT_FIXTURE_H

#include <uv.h>

#include "control/audit/audit.h"
#include "control/store/versions.h"
#include "tests/unit/store_fixture.h"

struct audited {
	struct fixture f;
	struct control_config config;
	uv_loop_t loop;
	struct audit *a;
};

static inline int audited_start(struct audited *x)
{
	CU_ASSERT_EQUAL_FATAL(uv_loop_init(&x->loop), 0);
	return audit_open(&x->loop, &x->config, x->f.s, &x->a, &x->f.e);
}

static inline void audited_stop(struct audited *x)
{
	audit_stop(x->a);
	uv_run(&x->loop, UV_RUN_DEFAULT);
	CU_ASSERT_EQUAL(uv_loop_close(&x->loop), 0);
	audit_free(x->a);
	x->a = NULL;
}

static inline void audited_open(struct audited *x)
{
	memset(x, 0, sizeof(*x));
	fixture_open(&x->f);
	x->config.state = x->f.folder;
	x->config.instance = (char *)"main";
	x->config.audit.origin = (char *)"";
	x->config.audit.stamp_url = x->config.audit.stamp_ca = (char *)"";
	x->config.audit.checkpoint_ms = 10;
	int err = audited_start(x);
	if (err)
		puts(x->f.e.text);
	CU_ASSERT_EQUAL_FATAL(err, 0);
}

static inline void audited_close(struct audited *x)
{
	if (x->a)
		audited_stop(x);
	fixture_close(&x->f);
}

/* Until all that was added, and all that the outbox holds, is durable. */
static inline void audited_settle(struct audited *x)
{
	for (int i = 0; i < 3; i++)
		uv_run(&x->loop, UV_RUN_NOWAIT);
	CU_ASSERT_EQUAL(log_wait(audit_log(x->a), audit_commit(x->a), false, 30000, &x->f.e), 0);
}

static inline bool audited_take(void *ctx, uint64_t index, struct span bytes)
{
	struct entry entry;
	struct err e = {""};
	json_t *all = ctx, *one;
	CU_ASSERT_EQUAL(entry_decode(bytes, &entry, &e), 0);
	one = entry_json(&entry);
	json_object_set_new(one, "leaf", json_integer((json_int_t)index));
	return !json_array_append_new(all, one);
}

/* Leaves of a kind (NULL: all), in order; the caller's reference. */
static inline json_t *audited_leaves(struct audited *x, const char *kind)
{
	json_t *all = json_array();
	CU_ASSERT_EQUAL(log_read(audit_log(x->a), 0, UINT64_MAX, audited_take, all, &x->f.e), 0);
	for (size_t i = json_array_size(all); kind && i-- > 0;)
		if (strcmp(json_string_value(json_object_get(json_array_get(all, i), "kind")), kind))
			json_array_remove(all, i);
	return all;
}

static inline size_t audited_count(struct audited *x, const char *kind)
{
	json_t *all = audited_leaves(x, kind);
	size_t n = json_array_size(all);
	json_decref(all);
	return n;
}

static inline json_int_t audited_number(const json_t *leaf, const char *key)
{
	return json_integer_value(json_object_get(leaf, key));
}

#endif
