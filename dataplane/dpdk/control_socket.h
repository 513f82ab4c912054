/* SPDX-License-Identifier: BSD-3-Clause */
/* control_socket: serves the methods on a UNIX socket from the daemon's event loop.
 *
 * Model:    a connection sends one JSON-RPC 2.0 request a line and gets one line back for each. Root, the daemon's user and
 *           members of its group are let in, by their credentials.
 * Owner:    open allocates, close frees and removes the socket file.
 * Threads:  the loop's.
 * Limits:   CONTROL_CONNECTIONS_MAX connections; those of common/rpc.h for each.
 * Errors:   0 or -errno: a path that cannot be bound, or on which another daemon answers.
 */
#ifndef DATAPLANE_DPDK_CONTROL_SOCKET_H
#define DATAPLANE_DPDK_CONTROL_SOCKET_H

#include <uv.h>

#include "common/err.h"
#include "dataplane/dpdk/methods.h"

#define CONTROL_CONNECTIONS_MAX 16

struct control_socket;

int control_socket_open(uv_loop_t *loop, const char *path, struct dataplane_view *view,
			struct control_socket **ret, struct err *e);
/* Closes everything; run the loop once more before freeing it. NULL is fine. */
void control_socket_close(struct control_socket *s);

#endif
