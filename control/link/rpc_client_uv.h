/* SPDX-License-Identifier: BSD-3-Clause */
/* rpc_client_uv: calls of a daemon's methods over its UNIX socket, on a libuv loop, that never wait.
 *
 * Model:    keeps one connection, comes back by itself where it breaks (after 50 ms, doubling to 2 s), and sends one call at a time: the
 *           daemons answer in order, and so a time limit is that call's own. A call that is not answered in time, or an
 *           answer that is none, breaks the connection: nothing that comes later can be taken for another call's answer.
 * Owner:    _new allocates; _close lets go, the memory goes with the loop's next turns.
 * Threads:  the loop's.
 * Limits:   RPC_CLIENT_CALLS_MAX calls that wait; RPC_REQUEST_MAX bytes a request, RPC_ANSWER_MAX an answer.
 * Errors:   0 or -errno with a sentence; what ends a connection is said by on_down.
 */
#ifndef CONTROL_LINK_RPC_CLIENT_UV_H
#define CONTROL_LINK_RPC_CLIENT_UV_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "common/err.h"

#define RPC_CLIENT_CALLS_MAX 256

struct rpc_client;

struct rpc_client_hooks {
	void *ctx;
	void (*on_up)(void *ctx); /* connected: calls can be made. That somebody answers is not known yet */
	/* The connection broke or does not come about. Calls that waited were told before. Said again for each try: why may be
	 * another. -ETIMEDOUT: it does not answer. */
	void (*on_down)(void *ctx, int err, const char *why);
};

/* err 0: result (borrowed); else the sentence. */
typedef void (*rpc_client_done)(void *ctx, int err, const json_t *result, const char *why);

/* Begins to connect with the loop's next turn. path is copied. -ENAMETOOLONG, -ENOMEM. */
int rpc_client_new(uv_loop_t *loop, const char *path, const struct rpc_client_hooks *hooks,
		   struct rpc_client **ret, struct err *e);
/* Calls that wait get -ECANCELED at once; no hook is called. NULL is fine. May be called from a hook or a done. */
void rpc_client_close(struct rpc_client *c);
bool rpc_client_is_up(const struct rpc_client *c);

/* params is borrowed, NULL: none; timeout_ms counts from when it is sent. done (may be NULL) is called once, never from within
 * this call. -ENOTCONN, -ENOBUFS, -EMSGSIZE, -ENOMEM: not sent, done is not called. */
int rpc_client_call(struct rpc_client *c, const char *method, json_t *params, unsigned timeout_ms,
		    rpc_client_done done, void *ctx, struct err *e);

#endif
