/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of audit.* and hold.*; what they do is in log_*.c and holds.c. */
#include "control/api/log.h"
#include "control/api/methods.h"
#include "control/api/rows.h"

/* clang-format off */
static const struct rpc_param holds_params[] = {
    {"state", RPC_STRING, false, "those in this state alone: proposed, active, refused, ended"}, LIMIT, OFFSET,
};
static const struct rpc_field holds_fields[] = {
    {"hold", RPC_U64, "its number"},
    {"state", RPC_STRING, "proposed, active, refused or ended"},
    {"order", RPC_U64, "the order whose hits stay in the log"},
    {"reference", RPC_STRING, "its protocol number"},
    {"reason", RPC_STRING, "why"},
    {"who", RPC_STRING, "who proposed it"},
    {"created", RPC_STRING, "when"},
    {"began", RPC_STRING, "when another person approved it; null"},
    {"ended", RPC_STRING, "when it ended; null"},
};
static const struct rpc_param hold_add_params[] = {ID("order", "an order's number"), REASON};
static const struct rpc_param hold_release_params[] = {ID("hold", "an active hold's number"), REASON};
static const struct rpc_field hold_fields[] = {
    {"hold", RPC_U64, "its number"},
    {"proposal", RPC_U64, "what another person approves"},
};

static const struct rpc_method rows[] = {
    {.name = "hold.list", .roles = ROLE_VIEWER, PARAMS(holds_params), ARRAY(holds_fields), .run = holds_list,
     .help = "Lists legal holds, those that count first."},
    {.name = "hold.add", .roles = ROLE_OPERATOR, PARAMS(hold_add_params), OBJECT(hold_fields), .run = holds_add,
     .help = "Proposes that what the log says of an order's hits is kept beyond its retention. It is kept from the proposal on, for 30 days unless another person approves."},
    {.name = "hold.release", .roles = ROLE_OPERATOR, PARAMS(hold_release_params), OBJECT(hold_fields), .run = holds_release,
     .help = "Proposes the end of a hold."},
};
/* clang-format on */

const struct methods_area methods_audit = {"The audit log and legal holds", rows, N(rows)};
