/* SPDX-License-Identifier: BSD-3-Clause */
/* api: the socket on which operators and programs talk to roja-control: JSON-RPC 2.0 (common/rpc.h), one message a line.
 *
 * Model:    who calls is what the kernel says of the peer (SO_PEERCRED, SO_PEERGROUPS) at connect. A request may carry one file
 *           descriptor (SCM_RIGHTS). What is refused for want of a role is journalled; so is a connection of somebody without any
 *           role, once a minute and user at most.
 * Owner:    api_open allocates; api_close lets go, the memory goes with the loop's next turns.
 * Limits:   config limits.connections, connections_per_user; a peer that sends nothing for API_IDLE_S while others wait for a place,
 *           or does not read its answers for API_STUCK_S, is closed. One connection never delays another beyond a request.
 */
#ifndef CONTROL_API_API_H
#define CONTROL_API_API_H

#include <uv.h>

#include "control/config.h"
#include "control/engine/engine.h"

#define API_IDLE_S  600
#define API_STUCK_S 30

struct api;

struct api_counts {
	uint64_t connections, refused, requests, denied;
};

int api_open(uv_loop_t *loop, const struct control_config *config, struct engine *engine, struct store *store,
	     struct jobs *jobs, struct audit *audit, struct api **ret, struct err *e);
void api_close(struct api *a);
const struct api_counts *api_counts(const struct api *a);

#endif
