/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline_fixture: one pipeline over a small list, and frames given to it one by one. */
#ifndef TESTS_UNIT_PIPELINE_FIXTURE_H
#define TESTS_UNIT_PIPELINE_FIXTURE_H

#include "dataplane/core/answer_page.h"
#include "dataplane/core/pipeline.h"
#include "tests/unit/frames.h"
#include "tests/unit/ruleset_fixture.h"

extern struct fixture rules;
extern struct page_set *pages;
extern struct pipeline *p;
extern const struct pipeline_out *out; /* of the last frame */
extern uint8_t hello[4096];

void open_with(struct pipeline_config cfg);
void open_default(void);
void close_all(void);

enum verdict give_at(struct frame f, uint64_t now_ns);
enum verdict give(struct frame f);
enum verdict client(uint16_t port, uint8_t flags, uint32_t seq, const void *data, size_t len);
enum verdict server(uint16_t port, uint8_t flags, uint32_t ack);
const struct counters *count(void);

#endif
