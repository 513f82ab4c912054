/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of audit.* and hold.*; what they do is in log_*.c and holds.c. */
#include "control/api/log.h"
#include "control/api/methods.h"
#include "control/api/rows.h"

/* clang-format off */
static const struct rpc_field status_fields[] = {
    {"origin", RPC_STRING, "the log's name in its checkpoints"},
    {"key", RPC_STRING, "that signs it now, as a C2SP vkey"},
    {"leaves", RPC_U64, "how many were appended"},
    {"durable", RPC_U64, "of them, those that survive any death"},
    {"published", RPC_U64, "of them, those under the last signed checkpoint"},
    {"published_at", RPC_STRING, "when that was signed; null"},
    {"root", RPC_STRING, "its root, in hexadecimal"},
    {"trouble", RPC_STRING, "what is wrong with the disk now; null"},
    {"trouble_since", RPC_STRING, "since when; null"},
    {"recovered", RPC_STRING, "what the last start found and did; null: all was in order"},
    {"commits", RPC_U64, "batches written since the start"},
    {"failures", RPC_U64, "of them, those that the disk did not take at once"},
    {"indexed", RPC_U64, "leaves that the index has"},
    {"minimum", RPC_U64, "bundles of 256 leaves below this may lack bodies that retention removed"},
    {"bodies_removed", RPC_U64, "by retention, all told"},
    {"retention", RPC_OBJECT, "the last run: runs, begun, ended, removed (bodies), failed (why; null)"},
};
static const struct rpc_field checkpoint_fields[] = {{"checkpoint", RPC_STRING, "the signed note (docs/audit-format.md)"}};
static const struct rpc_field rotate_fields[] = {{"key", RPC_STRING, "the new one, as a C2SP vkey"}};
static const struct rpc_field reindex_fields[] = {{"leaves", RPC_U64, "how many are to be read; audit.status says how far it is"}};
static const struct rpc_param cosign_params[] = {
    {"lines", RPC_STRING, true, "signature lines of witnesses, or the whole cosigned checkpoint"},
    {"size", RPC_U64, false, "of the checkpoint that they are over; the current one, or that of the whole note"},
    {"key", RPC_STRING, false, "a witness's C2SP vkey, instead of those of audit.witnesses"},
};
static const struct rpc_field cosign_fields[] = {
    {"size", RPC_U64, "leaves of the checkpoint"},
    {"added", RPC_U64, "signatures that were new; they are in the log's folder, stamps/SIZE.checkpoint"},
};

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
    {.name = "audit.status", .roles = ROLE_VIEWER, OBJECT(status_fields), .run = log_status_show,
     .help = "Says how the log, its index and retention stand."},
    {.name = "audit.checkpoint", .roles = ROLE_VIEWER, OBJECT(checkpoint_fields), .run = log_checkpoint_show,
     .help = "Gives the log's last signed checkpoint, for whoever keeps it as a proof."},
    {.name = "audit.rotate", .roles = ROLE_ADMIN, OBJECT(rotate_fields), .run = log_rotate_key,
     .help = "Makes a new key that signs from the next checkpoint on; the old one signs for it."},
    {.name = "audit.prune", .roles = ROLE_ADMIN, NOTHING, .run = log_prune,
     .help = "Removes now what the log keeps no longer, as each day; audit.status says what came of it."},
    {.name = "audit.reindex", .roles = ROLE_ADMIN, OBJECT(reindex_fields), .run = log_reindex,
     .help = "Builds the index anew from the log. Until it is done, answers about hits lack what is still to be read."},
    {.name = "audit.cosign", .roles = ROLE_OPERATOR, PARAMS(cosign_params), OBJECT(cosign_fields), .run = log_cosign,
     .help = "Keeps what witnesses have signed of a checkpoint, once their keys verify it."},
    {.name = "hold.list", .roles = ROLE_VIEWER, PARAMS(holds_params), ARRAY(holds_fields), .run = holds_list,
     .help = "Lists legal holds, those that count first."},
    {.name = "hold.add", .roles = ROLE_OPERATOR, PARAMS(hold_add_params), OBJECT(hold_fields), .run = holds_add,
     .help = "Proposes that what the log says of an order's hits is kept beyond its retention. It is kept from the proposal on, for 30 days unless another person approves."},
    {.name = "hold.release", .roles = ROLE_OPERATOR, PARAMS(hold_release_params), OBJECT(hold_fields), .run = holds_release,
     .help = "Proposes the end of a hold."},
};
/* clang-format on */

const struct methods_area methods_audit = {"The audit log and legal holds", rows, N(rows)};
