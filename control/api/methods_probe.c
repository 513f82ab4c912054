/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of probe.*; what they do is in probes.c. */
#include "control/api/methods.h"
#include "control/api/probes.h"
#include "control/api/rows.h"

/* clang-format off */
static const struct rpc_param run_params[] = {{"order", RPC_U64, false, "this order alone; without it, all that are in force"}};
static const struct rpc_field run_fields[] = {
    {"job", RPC_U64, "whose result is: version; missed and harmed, over all; failed (something passes, is harmed, or a data plane did not "
     "answer); dataplanes, each with dataplane, answered, why, workers, entries, missed, unenforceable, harmed"},
};
static const struct rpc_param list_params[] = {{"order", RPC_U64, false, "of this order alone; without it, of all that are approved"}, LIMIT, OFFSET};
static const struct rpc_field list_fields[] = {
    {"order", RPC_U64, "its number"},
    {"reference", RPC_STRING, "its protocol number"},
    {"state", RPC_STRING, "that it has now"},
    {"dataplane", RPC_STRING, "where"},
    {"time", RPC_STRING, "when"},
    {"version", RPC_U64, "the ruleset by which its workers judged"},
    {"workers", RPC_U64, "how many were asked, each with every request"},
    {"entries", RPC_U64, "that were tried"},
    {"enforced", RPC_U64, "of these: every worker acts on each request, as the order says"},
    {"missed", RPC_U64, "of these: a worker would let one pass"},
    {"unenforceable", RPC_U64, "entries that cannot be enforced as they stand"},
    {"neighbours", RPC_U64, "requests beside the entries, which must pass"},
    {"harmed", RPC_U64, "of these: a worker would block one, and no entry of any order covers it"},
    {"text", RPC_STRING, "why entries cannot be enforced, and how many for each reason; what else is to be known"},
};
static const struct rpc_method rows[] = {
    {.name = "probe.run", .roles = ROLE_OPERATOR, PARAMS(run_params), OBJECT(run_fields), .run = probes_run,
     .help = "Asks every worker of every data plane what it would do with a request for each entry, and with neighbours of it. Nothing of it is on the wire."},
    {.name = "probe.list", .roles = ROLE_VIEWER, PARAMS(list_params), ARRAY(list_fields), .run = probes_list,
     .help = "Lists the last result of each order on each data plane: what failed first."},
};
/* clang-format on */

const struct methods_area methods_probe = {"The compliance self-test", rows, N(rows)};
