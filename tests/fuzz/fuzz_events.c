/* SPDX-License-Identifier: BSD-3-Clause */
/* A whole event file of one ring is spoilt, then used by a consumer, an observer and a producer while it is spoilt further,
 * as the other side may do. The input: lines of an operation's byte and its operands. Nothing may be read or written
 * outside the mapping, nothing may go on for ever, nobody hands out more than there is room for. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/events.h"
#include "common/events_file.h"

#define RECORDS	 64
#define MOST_OPS 256

struct input {
	const uint8_t *p, *end;
};

static char path[64], folder[40];
static struct events_producer *producer;
static struct events_consumer *consumer, *observer;
static struct event got[2 * RECORDS];

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static uint64_t take(struct input *in, unsigned bytes)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < bytes && in->p < in->end; i++)
		v |= (uint64_t)*in->p++ << 8 * i;
	return v;
}

/* Through the file, not through a mapping: at any place, also the header, of any length. */
static void spoil(struct input *in)
{
	uint64_t at = take(in, 2), value = take(in, 8);
	unsigned bytes = (unsigned)take(in, 1) % 8 + 1;
	int fd = open(path, O_WRONLY);
	if (at + bytes <= events_file_bytes(1, RECORDS) && fd >= 0 &&
	    pwrite(fd, &value, bytes, (off_t)at) != bytes)
		abort();
	if (fd >= 0)
		close(fd);
}

/* Before anybody maps it: a file shortened under a mapping ends the process, which nothing here can prevent. */
static void resize(struct input *in)
{
	uint64_t bytes = take(in, 2);
	if (!producer && !consumer && !observer && truncate(path, (off_t)bytes))
		return;
}

static void peek(struct input *in, struct events_consumer *c)
{
	unsigned max = (unsigned)take(in, 1) % (2 * RECORDS);
	if (c && events_rings(c) && events_peek(c, 0, got, max) > (max < RECORDS ? max : RECORDS))
		abort();
}

static void peek_consumer(struct input *in)
{
	peek(in, consumer);
}

static void peek_observer(struct input *in)
{
	peek(in, observer);
}

static void acknowledge(struct input *in)
{
	uint64_t seq = take(in, 8);
	if (consumer)
		events_ack(consumer, 0, seq);
}

static void put(struct input *in)
{
	struct event ev = {.type = EVENT_HIT};
	for (unsigned n = (unsigned)take(in, 1); producer && n; n--)
		events_put(producer, 0, &ev);
	if (producer)
		events_put_gap(producer, 0, 1);
}

static void open_consumer(struct input *in)
{
	(void)in;
	if (!consumer && events_open_consumer(path, &consumer, NULL))
		consumer = NULL;
}

static void open_observer(struct input *in)
{
	(void)in;
	if (!observer && events_open_observer(path, &observer, NULL))
		observer = NULL;
}

static void open_producer(struct input *in)
{
	(void)in;
	events_close_producer(producer);
	if (events_open_producer(path, 1, RECORDS, &producer, NULL))
		producer = NULL;
}

static void close_consumer(struct input *in)
{
	(void)in;
	events_close_consumer(consumer);
	consumer = NULL;
}

static void ask(struct input *in)
{
	struct events_counts n;
	(void)in;
	if (consumer)
		events_consumer_counts(consumer, 0, &n);
	if (consumer && events_replaced(consumer))
		close_consumer(in);
}

static void (*const operations[])(struct input *) = {
    spoil,	   resize,	open_consumer, open_observer,  open_producer, peek_consumer,
    peek_observer, acknowledge, put,	       close_consumer, ask,
};

static void clean(void)
{
	char name[128];
	events_close_producer(producer);
	events_close_consumer(consumer);
	events_close_consumer(observer);
	producer = NULL;
	consumer = observer = NULL;
	unlink(path);
	for (unsigned i = 0; i < EVENTS_OLD_MAX && !events_old_name(path, i, name, sizeof(name)); i++)
		unlink(name);
}

static void remove_folder(void)
{
	rmdir(folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct input in = {p, p + len};
	if (!path[0]) {
		snprintf(folder, sizeof(folder), "/dev/shm/roja-fuzz-XXXXXX");
		if (!mkdtemp(folder))
			abort();
		snprintf(path, sizeof(path), "%s/events", folder);
		atexit(remove_folder);
	}
	open_producer(&in);
	if (!producer)
		abort();
	put(&in);
	events_close_producer(producer);
	producer = NULL;
	for (unsigned i = 0; i < MOST_OPS && in.p < in.end; i++)
		operations[take(&in, 1) % (sizeof(operations) / sizeof(*operations))](&in);
	clean();
	return 0;
}
