/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of proposal.*, exception.*, override.*, stop.* and version.*; what they do is in decide_*.c. */
#include "control/api/decide.h"
#include "control/api/methods.h"
#include "control/api/rows.h"

/* clang-format off */
#define PROPOSAL ID("proposal", "a proposal's number")
static const struct rpc_param proposals_params[] = {
    {"state", RPC_STRING, false, "those in this state alone: open, approved, refused, withdrawn"}, LIMIT, OFFSET,
};
static const struct rpc_field proposals_fields[] = {
    {"proposal", RPC_U64, "its number"},
    {"state", RPC_STRING, "open, approved, refused or withdrawn"},
    {"kind", RPC_STRING, "order, revoke, list, import, exception, exception-end, override, override-end or reveal"},
    {"order", RPC_U64, "the order that it is about; null"},
    {"list", RPC_STRING, "the list that it is about; null"},
    {"text", RPC_STRING, "what is proposed"},
    {"reason", RPC_STRING, "why; null"},
    {"who", RPC_STRING, "who proposed it"},
    {"created", RPC_STRING, "when"},
    {"decided", RPC_STRING, "when it was decided; null"},
    {"decided_who", RPC_STRING, "by whom; null"},
    {"note", RPC_STRING, "what that person said; null"},
};
static const struct rpc_param proposal_params[] = {PROPOSAL};
static const struct rpc_field proposal_fields[] = {
    {"proposal", RPC_U64, "its number; then the members of proposal.list, and:"},
    {"about", RPC_OBJECT, "what is proposed, by kind: an order's main fields; a list and its source; an import's file and figures; an "
     "exception or override with its entry (\"hidden\" from who is neither operator nor approver); the list of a reveal"},
};
static const struct rpc_param proposal_note_params[] = {PROPOSAL, NOTE};
static const struct rpc_param proposal_reason_params[] = {PROPOSAL, REASON};
static const struct rpc_field decided_fields[] = {
    {"proposal", RPC_U64, "its number"},
    {"kind", RPC_STRING, "of proposal.list"},
    {"state", RPC_STRING, "that it has now"},
    {"text", RPC_STRING, "what was proposed"},
};

static const struct rpc_method rows[] = {
    {.name = "proposal.list", .roles = ROLE_VIEWER, PARAMS(proposals_params), ARRAY(proposals_fields), .run = proposals_list,
     .help = "Lists proposals, the newest first."},
    {.name = "proposal.show", .roles = ROLE_VIEWER, PARAMS(proposal_params), OBJECT(proposal_fields), .run = proposals_show,
     .help = "Says all about a proposal."},
    {.name = "proposal.approve", .roles = ROLE_APPROVER, PARAMS(proposal_note_params), OBJECT(decided_fields), .run = proposals_approve,
     .help = "Approves what somebody else proposed."},
    {.name = "proposal.refuse", .roles = ROLE_APPROVER, PARAMS(proposal_reason_params), OBJECT(decided_fields), .run = proposals_refuse,
     .help = "Refuses a proposal."},
    {.name = "proposal.withdraw", .roles = ROLE_OPERATOR, PARAMS(proposal_params), OBJECT(decided_fields), .run = proposals_withdraw,
     .help = "Takes back what the caller proposed."},
};
/* clang-format on */

const struct methods_area methods_decide = {"Proposals, exceptions, stops and versions", rows, N(rows)};
