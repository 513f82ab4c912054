/* SPDX-License-Identifier: BSD-3-Clause */
/* audit_hits_fixture: orders that keep hits in three ways, and hits of them. */
#ifndef TESTS_UNIT_AUDIT_HITS_FIXTURE_H
#define TESTS_UNIT_AUDIT_HITS_FIXTURE_H

#include "tests/unit/audit_fixture.h"

#define NOW 1795708800000000000ull /* 2026-11-26T16:00:00Z */

static const uint8_t file[16] = {0xf1, 1}, next_file[16] = {0xf1, 2};

/* Order 1 leaves events, order 2 counts, order 3 pseudonyms: lists 0, 1 and 2 of version 1. */
static inline void orders(struct audited *x)
{
	static const char *const records[] = {"events", "counts", "pseudonyms"};
	for (unsigned i = 0; i < 3; i++) {
		json_t *fields = fixture_fields(NULL);
		int64_t id, proposal;
		json_object_set_new(fields, "records", json_string(records[i]));
		json_object_set_new(fields, "records_basis", json_string("Example Act, Article 9"));
		CU_ASSERT_EQUAL_FATAL(order_add(x->f.s, &x->f.e, &ana, fields, &id, &proposal), 0);
		json_decref(fields);
	}
	CU_ASSERT_EQUAL_FATAL(
	    version_add(x->f.s, &x->f.e,
			&(struct version_new){
			    .id = 1,
			    .plan = "{\"lists\":[{\"order\":1,\"list\":11},{\"order\":2,\"list\":12},"
				    "{\"order\":3,\"list\":13}]}",
			    .plan_digest = "d",
			    .file = "f",
			    .digest = "d",
			    .report = "{}"}),
	    0);
}

static inline struct event hit(uint64_t seq, uint16_t list)
{
	struct event ev = {.type = EVENT_HIT, .seq = seq, .time_ns = NOW + seq};
	ev.hit = (struct event_hit){.version = 1, .rule = 0xabcdef, .line = 7, .list = list, .ip_version = 4};
	memcpy(ev.hit.src, (uint8_t[]){192, 0, 2, 77}, 4);
	memcpy(ev.hit.dst, (uint8_t[]){198, 51, 100, 77}, 4);
	return ev;
}

static inline void give(struct audited *x, const uint8_t id[16], uint64_t first, unsigned n, uint16_t list)
{
	struct event ev[64];
	for (unsigned i = 0; i < n; i++)
		ev[i] = hit(first + i, list);
	CU_ASSERT_EQUAL(audit_events(x->a, "left", id, 0, ev, n), 0);
}

/* Hits in leaves of minutes, once there are so many at least: one leaf a minute, or two where a second passed in between. */
static inline json_int_t counted(struct audited *x, json_int_t least)
{
	json_int_t hits = 0;
	while (hits < least) {
		uv_run(&x->loop, UV_RUN_ONCE);
		audited_settle(x);
		json_t *all = audited_leaves(x, "count");
		hits = 0;
		for (size_t i = 0; i < json_array_size(all); i++)
			hits += audited_number(json_array_get(all, i), "hits");
		json_decref(all);
	}
	return hits;
}

#endif
