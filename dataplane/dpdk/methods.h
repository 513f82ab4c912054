/* SPDX-License-Identifier: BSD-3-Clause */
/* methods: what the control socket answers (docs/control-socket.md), over a view of the data plane.
 *
 * Model:    a table of methods for common/rpc.h; each asks the view and says the answer as JSON. The view is plain structs and
 *           function pointers, so that nothing here knows DPDK.
 * Owner:    the view's owner; spans of a snapshot live until the next call.
 * Threads:  the main thread.
 * Errors:   the view's calls return 0 or -errno with a sentence, which becomes the error's message.
 */
#ifndef DATAPLANE_DPDK_METHODS_H
#define DATAPLANE_DPDK_METHODS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/dataplane_fields.h"
#include "common/err.h"
#include "dataplane/core/counters.h"
#include "dataplane/core/trial.h"

#define VIEW_WORKERS_MAX 32
#define VIEW_PORTS_MAX	 32

/* The active ruleset. */
struct view_ruleset {
	bool is_set;
	uint64_t version, bytes, lists;
	const char *path;
	const uint8_t *digest; /* 32 bytes */
};

struct view_port {
	const char *name, *driver, *peer; /* peer NULL: none */
	bool link, guarded;
	struct dataplane_port figures;
};

struct view_snapshot {
	const char *instance, *mode, *fail;
	uint64_t uptime_ns, tsc_hz, unprotected_ns;
	uint64_t mbufs, mbufs_free,
	    mbufs_at_rest; /* packet buffers: all, free now, free when the queues were filled */
	uint64_t events_put, events_lost, events_waiting;
	uint64_t blocks; /* addresses blocked for a time */
	const char
	    *kernel_lacks; /* why the kernel has not all addresses that the workers enforce; NULL: it has */
	struct view_ruleset ruleset;
	unsigned n_workers, n_ports;
	struct dataplane_worker workers[VIEW_WORKERS_MAX];
	const struct counters *counters[VIEW_WORKERS_MAX]; /* the pipelines', by worker */
	struct view_port ports[VIEW_PORTS_MAX];
};

/* An address blocked for a time. */
struct view_block {
	uint8_t addr[16]; /* IPv4 as ::ffff:a.b.c.d */
	uint16_t list;
	uint64_t left_ns;
};

struct view_load {
	struct view_ruleset ruleset;
	uint64_t open_ns;			/* reading and checking the file */
	uint64_t switched_ns[VIEW_WORKERS_MAX]; /* by worker, after publication; 0: it has not switched yet */
	unsigned n_workers;
};

/* What each worker would do with each of n requests. */
struct view_probe {
	unsigned n_workers;
	struct {
		bool answered;	       /* false: it hangs */
		uint64_t version;      /* of the ruleset that it judged by; 0: none */
		const uint8_t *digest; /* 32 bytes */
		const struct trial_answer *answers;
	} workers[VIEW_WORKERS_MAX];
};

struct dataplane_view {
	void *ctx;
	void (*snapshot)(void *ctx, struct view_snapshot *ret);
	/* version 0: one more than the active one */
	int (*load)(void *ctx, const char *path, uint64_t version, struct view_load *ret, struct err *e);
	int (*block)(void *ctx, const uint8_t addr[16], unsigned seconds, unsigned list, struct err *e);
	/* addr NULL: all. How many were blocked. */
	unsigned (*unblock)(void *ctx, const uint8_t *addr);
	/* Up to n from place `from` on; *ret_next 0: that was all. */
	unsigned (*blocks)(void *ctx, unsigned from, struct view_block *ret, unsigned n, unsigned *ret_next);
	/* n <= TRIAL_REQUESTS. What ret points to lives until the next call. */
	int (*probe)(void *ctx, const struct trial_ask *v, unsigned n, struct view_probe *ret, struct err *e);
	void (*stop)(void *ctx);
};

struct rpc_method;
/* The table; its handlers take a struct dataplane_view * as context. */
extern const struct rpc_method *const dataplane_methods;
extern const unsigned dataplane_methods_n;

#endif
