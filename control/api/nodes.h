/* SPDX-License-Identifier: BSD-3-Clause */
/* nodes: the data planes as the API tells of them. */
#ifndef CONTROL_API_NODES_H
#define CONTROL_API_NODES_H

#include "control/api/call.h"

/* [{name, socket, instance, connected, version, wanted, acked, behind_s, why}]; NULL: no memory. */
json_t *nodes_json(const struct call *c);

#define NODE_FIELDS_N 9
extern const struct rpc_field node_fields[NODE_FIELDS_N];

#endif
