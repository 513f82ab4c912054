/* SPDX-License-Identifier: BSD-3-Clause */
/* An event file of two small rings in a folder of its own, its producer and its consumer. */
#ifndef TESTS_UNIT_EVENTS_FIXTURE_H
#define TESTS_UNIT_EVENTS_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/events.h"
#include "common/events_file.h"
#include "tests/unit/harness.h"

#define RECORDS 64

static char folder[64], path[96], old[112];
static struct events_producer *p;
static struct events_consumer *c;
static __attribute__((unused)) struct event got[2 * RECORDS];
static struct err e;

static inline void set_up(void)
{
	snprintf(folder, sizeof(folder), "/tmp/roja-events-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/events", folder);
	snprintf(old, sizeof(old), "%s.old", path);
	CU_ASSERT_EQUAL_FATAL(events_open_producer(path, 2, RECORDS, &p, &e), 0);
	CU_ASSERT_EQUAL_FATAL(events_open_consumer(path, &c, &e), 0);
}

static inline void clean_up(void)
{
	char name[128];
	events_close_producer(p);
	events_close_consumer(c);
	unlink(path);
	for (unsigned i = 0; i < EVENTS_OLD_MAX && !events_old_name(path, i, name, sizeof(name)); i++)
		unlink(name);
	CU_ASSERT_EQUAL(rmdir(folder), 0); /* nothing else was left */
}

static inline bool put(unsigned ring, uint32_t line)
{
	struct event ev = {.type = EVENT_HIT};
	ev.hit.line = line;
	return events_put(p, ring, &ev);
}

static inline void put_many(unsigned ring, unsigned n, unsigned *ret_lost)
{
	*ret_lost = 0;
	for (unsigned i = 0; i < n; i++)
		*ret_lost += !put(ring, i);
}

static inline void reopen_producer(void)
{
	events_close_producer(p);
	p = NULL;
	CU_ASSERT_EQUAL_FATAL(events_open_producer(path, 2, RECORDS, &p, &e), 0);
}

static inline void reopen_consumer(void)
{
	events_close_consumer(c);
	c = NULL;
	CU_ASSERT_EQUAL_FATAL(events_open_consumer(path, &c, &e), 0);
}

/* What the file holds, to be spoilt. */
static inline struct events_map map_file(void)
{
	struct events_map m;
	CU_ASSERT_EQUAL_FATAL(events_map(path, open(path, O_RDWR), EVENTS_LOCK_CONSUMER, &m, &e), 0);
	return m;
}

#endif
