/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/dataplane/bench.h"

#include <errno.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dataplane/core/answer_page.h"
#include "dataplane/core/blocks.h"
#include "dataplane/dpdk/clock.h"
#include "dataplane/dpdk/eal.h"
#include "tests/unit/ruleset_fixture.h"

#define WAIT_NS 20000000000ull

static const char *const devices[BENCH_PORTS] = {"net_ring_left", "net_ring_right", "net_ring_side"};
static const char *const names[BENCH_PORTS] = {"left", "right", "side"};
static struct rte_ring *in[BENCH_PORTS][BENCH_QUEUES], *out[BENCH_PORTS][BENCH_QUEUES];
static struct buffers buffers;
static void (*_Atomic hooks[BENCH_PORTS][BENCH_QUEUES])(struct rte_mbuf *m);
static char folder[64];

static void must(int err, const char *what, const struct err *e)
{
	if (!err)
		return;
	printf("not ok dataplane: %s: %s\n", what, e ? e->text : strerror(-err));
	exit(1);
}

static struct rte_ring *ring(const char *what, unsigned port, unsigned queue)
{
	char name[RTE_RING_NAMESIZE];
	snprintf(name, sizeof(name), "%s%u_%u", what, port, queue);
	struct rte_ring *r = rte_ring_create(name, BENCH_RING, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	must(r ? 0 : -ENOMEM, "ring", NULL);
	return r;
}

const char *bench_file(const char *name)
{
	static char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static uint16_t on_receive(uint16_t ethdev, uint16_t queue, struct rte_mbuf **v, uint16_t n, uint16_t max,
			   void *port)
{
	(void)ethdev, (void)max;
	void (*hook)(struct rte_mbuf *) = atomic_load(&hooks[(uintptr_t)port][queue]);
	for (unsigned i = 0; hook && i < n; i++)
		hook(v[i]);
	return n;
}

static void hook_once(uint16_t ethdev, uint16_t queue, uintptr_t port)
{
	static bool hooked[BENCH_PORTS][BENCH_QUEUES];
	if (!hooked[port][queue])
		rte_eth_add_rx_callback(ethdev, queue, on_receive, (void *)port);
	hooked[port][queue] = true;
}

void bench_hook(unsigned port, unsigned queue, void (*on_frame)(struct rte_mbuf *m))
{
	atomic_store(&hooks[port][queue], on_frame);
}

static unsigned a_core(void)
{
	cpu_set_t may;
	sched_getaffinity(0, sizeof(may), &may);
	for (unsigned i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &may))
			return i;
	return 0;
}

static void fill(struct config *c, const struct bench_options *o)
{
	static char path[128], instance[32];
	snprintf(path, sizeof(path), "%s/events", folder);
	snprintf(instance, sizeof(instance), "bench%d", (int)getpid());
	*c = (struct config){
	    .instance = instance,
	    .mode = o->mode,
	    .fail = o->fail,
	    .heartbeat_ms = o->heartbeat_ms ? o->heartbeat_ms : 1000,
	    .eal = {.memory_mib = 128, .options = {"--no-telemetry"}, .n_options = 1},
	    .limits = {.flows = 1024,
		       .small = 64,
		       .medium = 16,
		       .large = 16,
		       .fragments = 16,
		       .http2 = 1,
		       .mbufs = 16383,
		       .burst = 64},
	    .events = {.path = path, .records = 64},
	    .ruleset = "",
	    .page = "",
	    .user = "",
	    .workers = {.n_cores = o->workers ? o->workers : 1, .idle = CONFIG_IDLE_SLEEP, .idle_us = 50},
	    .n_ports = BENCH_PORTS,
	};
	for (unsigned i = 0; i < c->workers.n_cores; i++)
		c->workers.cores[i] = a_core();
	for (unsigned i = 0; i < BENCH_PORTS; i++)
		c->ports[i] = (struct config_port){.name = names[i],
						   .driver = CONFIG_DRIVER_VDEV,
						   .device = devices[i],
						   .interface = "",
						   .options = "",
						   .queues = o->queues ? o->queues : 1};
	if (o->mirror) {
		c->mirrors[c->n_mirrors++] = (struct config_mirror){.input = 0, .answers = 2};
	} else {
		c->pairs[c->n_pairs++] = (struct config_pair){.left = 0, .right = 1};
	}
}

static void remove_folder(void)
{
	char command[128];
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	if (system(command))
		printf("# %s stays\n", folder);
}

static void start_once(struct err *e)
{
	struct config c;
	static bool done;
	if (done)
		return;
	done = true;
	snprintf(folder, sizeof(folder), "/tmp/bench-XXXXXX");
	must(mkdtemp(folder) ? 0 : -errno, "folder", NULL);
	atexit(remove_folder);
	setenv("RUNTIME_DIRECTORY", folder, 1); /* DPDK's own files */
	fill(&c, &(struct bench_options){.workers = BENCH_WORKERS, .queues = BENCH_QUEUES});
	must(eal_start(&c, e), "eal", e);
	must(buffers_make(&buffers, &c, e), "buffers", e);
	for (unsigned i = 0; i < BENCH_PORTS; i++) {
		for (unsigned q = 0; q < BENCH_QUEUES; q++) {
			in[i][q] = ring("in", i, q);
			out[i][q] = ring("out", i, q);
		}
		int id = rte_eth_from_rings(names[i], in[i], BENCH_QUEUES, out[i], BENCH_QUEUES, 0);
		must(id < 0 ? -ENODEV : 0, "device", NULL);
	}
}

void bench_open(struct bench *b, const struct bench_options *o)
{
	*b = (struct bench){0};
	start_once(&b->e);
	fill(&b->cfg, o);
	must(ports_open(&b->cfg, b->ports, &b->e), "ports", &b->e);
	must(ports_start(b->ports, b->cfg.n_ports, &buffers, &b->e), "queues", &b->e);
	b->ports[1].one_piece = o->one_piece;
	for (uintptr_t i = 0; i < BENCH_PORTS; i++)
		for (uint16_t q = 0; q < b->ports[i].n_rx; q++)
			hook_once(b->ports[i].rx[0].ethdev, q, i);
	b->buffers_at_rest = buffers_free(&buffers);
	must(page_set_new(NULL, &b->pages, &b->e), "page", &b->e);
	must(events_open_producer(b->cfg.events.path, b->cfg.workers.n_cores + 1, b->cfg.events.records,
				  &b->events, &b->e),
	     "events", &b->e);
	must(generations_init(&b->generations, b->cfg.workers.n_cores, o->key, &b->e), "generations", &b->e);
	must(blocks_new((const uint64_t[2]){1, 2}, &b->blocks, &b->e), "blocks", &b->e);
	b->workers = (struct workers){
	    .cfg = &b->cfg,
	    .ports = b->ports,
	    .generations = &b->generations,
	    .events = b->events,
	    .wire = &b->wire,
	    .pages = b->pages,
	    .blocks = b->blocks,
	    .buffers = &buffers,
	    .spread = o->spread,
	    .secret = {0x1234567890abcdef, 0xfedcba0987654321},
	};
	must(workers_new(&b->workers, &b->e), "workers", &b->e);
	must(workers_start(&b->workers, &b->e), "start", &b->e);
}

void bench_stop(struct bench *b)
{
	workers_stop(&b->workers);
}

void bench_close(struct bench *b)
{
	struct rte_mbuf *m;
	if (!atomic_load(&b->workers.stop))
		bench_stop(b);
	workers_free(&b->workers);
	generations_fini(&b->generations);
	blocks_free(b->blocks);
	page_set_free(b->pages);
	events_close_producer(b->events);
	unlink(b->cfg.events.path);
	for (unsigned i = 0; i < BENCH_PORTS; i++)
		for (unsigned q = 0; q < BENCH_QUEUES; q++) {
			bench_hook(i, q, NULL);
			while (!rte_ring_dequeue(in[i][q], (void **)&m))
				rte_pktmbuf_free(m);
			while (!rte_ring_dequeue(out[i][q], (void **)&m))
				rte_pktmbuf_free(m);
		}
	for (unsigned i = 0; i < BENCH_PORTS; i++)
		rte_eth_dev_stop(b->ports[i].rx[0].ethdev);
	CU_ASSERT_EQUAL(buffers_free(&buffers), b->buffers_at_rest);
}

bool bench_push(struct bench *b, unsigned port, unsigned queue, const void *frame, uint32_t len,
		unsigned pieces)
{
	struct rte_mbuf *head = NULL;
	(void)b;
	for (unsigned i = 0; i < pieces; i++) {
		uint32_t from = len * i / pieces, to = len * (i + 1) / pieces;
		struct rte_mbuf *m = rte_pktmbuf_alloc(buffers.first);
		char *room = m ? rte_pktmbuf_append(m, (uint16_t)(to - from)) : NULL;
		if (!room)
			abort();
		memcpy(room, (const char *)frame + from, to - from);
		if (!head)
			head = m;
		else
			rte_pktmbuf_chain(head, m);
	}
	if (!rte_ring_enqueue(in[port][queue], head))
		return true;
	rte_pktmbuf_free(head);
	return false;
}

uint32_t bench_pull(struct bench *b, unsigned port, unsigned queue, void *ret, uint32_t cap)
{
	struct rte_mbuf *m;
	if (rte_ring_dequeue(out[port][queue], (void **)&m))
		return 0;
	uint32_t len = b->ports[port].one_piece ? rte_pktmbuf_data_len(m) : rte_pktmbuf_pkt_len(m);
	uint32_t n = len < cap ? len : cap;
	const void *at = rte_pktmbuf_read(m, 0, n, ret);
	if (at != ret)
		memcpy(ret, at, n);
	rte_pktmbuf_free(m);
	return len;
}

uint32_t bench_wait(struct bench *b, unsigned port, unsigned queue, void *ret, uint32_t cap)
{
	uint64_t began_ns = clock_monotonic_ns();
	for (;;) {
		uint32_t len = bench_pull(b, port, queue, ret, cap);
		if (len || clock_monotonic_ns() - began_ns > WAIT_NS)
			return len;
		usleep(50);
	}
}

unsigned bench_left(const struct bench *b)
{
	unsigned n = 0;
	(void)b;
	for (unsigned i = 0; i < BENCH_PORTS; i++)
		for (unsigned q = 0; q < BENCH_QUEUES; q++)
			n += rte_ring_count(in[i][q]);
	return n;
}

uint64_t bench_sum(const struct bench *b, size_t off)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < b->workers.n; i++)
		sum += __atomic_load_n((const uint64_t *)((const char *)worker_stats(b->workers.v[i]) + off),
				       __ATOMIC_RELAXED);
	return sum;
}

static void open_ruleset(struct fixture *f, const char *name)
{
	char list[256];
	snprintf(list, sizeof(list), "#! name: court\n#! action_http: reset\n%s\n", name);
	fixture_open_one(f, list);
}

void bench_sealed(const char *path, const char *name, uint64_t version, const struct seal_key *k)
{
	struct fixture f;
	struct err e;
	open_ruleset(&f, name);
	must(ruleset_write_version(path, f.image, f.bytes, version, k, &e), path, &e);
	fixture_close(&f);
}

void bench_ruleset(const char *path, const char *name)
{
	struct fixture f;
	open_ruleset(&f, name);
	FILE *out_file = fopen(path, "w");
	must(out_file && fwrite(f.image, 1, f.bytes, out_file) == f.bytes ? 0 : -EIO, path, NULL);
	fclose(out_file);
	fixture_close(&f);
}
