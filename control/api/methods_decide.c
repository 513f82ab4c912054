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
    {"kind", RPC_STRING, "order, revoke, list, import, exception, exception-end, override, override-end, reveal, hold or hold-end"},
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
     "exception or override with its entry (\"hidden\" from who is neither operator nor approver); the list of a reveal; a hold's order"},
};
static const struct rpc_param proposal_note_params[] = {PROPOSAL, NOTE};
static const struct rpc_param proposal_reason_params[] = {PROPOSAL, REASON};
static const struct rpc_field decided_fields[] = {
    {"proposal", RPC_U64, "its number"},
    {"kind", RPC_STRING, "of proposal.list"},
    {"state", RPC_STRING, "that it has now"},
    {"text", RPC_STRING, "what was proposed"},
};

#define STATE {"state", RPC_STRING, false, "those in this state alone: proposed, active, refused, ended"}
static const struct rpc_param exempt_params[] = {STATE, LIMIT, OFFSET};
static const struct rpc_field exceptions_fields[] = {
    {"exception", RPC_U64, "its number"},
    {"state", RPC_STRING, "proposed, active, refused or ended"},
    {"entry", RPC_STRING, "what is never blocked; \"hidden\" from who is neither operator nor approver"},
    {"expires", RPC_STRING, "when it ends by itself; null: never"},
    {"reason", RPC_STRING, "why"},
    {"who", RPC_STRING, "who proposed it"},
    {"created", RPC_STRING, "when"},
    {"ended", RPC_STRING, "when it ended; null"},
};
static const struct rpc_param exception_add_params[] = {
    {"entry", RPC_STRING, true, "what is never blocked, as a plain list has it (docs/lists.md), without '!'"}, REASON,
    {"expires", RPC_STRING, false, "until when; without it for ever"},
};
static const struct rpc_param exception_remove_params[] = {ID("exception", "an active exception's number"), REASON};
static const struct rpc_field exception_fields[] = {
    {"exception", RPC_U64, "its number"},
    {"proposal", RPC_U64, "what another person approves"},
};
static const struct rpc_field overrides_fields[] = {
    {"override", RPC_U64, "its number"},
    {"state", RPC_STRING, "proposed, active, refused or ended"},
    {"entry", RPC_STRING, "the entry that may be blocked; \"hidden\" from who is neither operator nor approver"},
    {"order", RPC_U64, "for this order alone; null: for all"},
    {"assessment", RPC_STRING, "why blocking it hurts nobody else"},
    {"who", RPC_STRING, "who proposed it"},
    {"created", RPC_STRING, "when"},
    {"ended", RPC_STRING, "when it ended; null"},
};
static const struct rpc_param override_add_params[] = {
    {"entry", RPC_STRING, true, "the entry that may be blocked, as the list has it"},
    {"assessment", RPC_STRING, true, "why blocking it hurts nobody else, in at most 1000 bytes"},
    {"order", RPC_U64, false, "for this order alone"},
};
static const struct rpc_param override_remove_params[] = {
    ID("override", "an active override's number"), {"reason", RPC_STRING, false, "why; the journal keeps it"},
};
static const struct rpc_field override_fields[] = {
    {"override", RPC_U64, "its number"},
    {"proposal", RPC_U64, "what another person approves"},
};

static const struct rpc_param page_params[] = {LIMIT, OFFSET};
static const struct rpc_field stops_fields[] = {
    {"stop", RPC_U64, "its number"},
    {"what", RPC_STRING, "all, list or order"},
    {"order", RPC_U64, "which order; null"},
    {"list", RPC_STRING, "which list; null"},
    {"created", RPC_STRING, "since when"},
    {"who", RPC_STRING, "who stopped it"},
    {"confirm_by", RPC_STRING, "when it ends by itself unless somebody else confirms it"},
    {"confirmed", RPC_STRING, "when it was confirmed; null"},
    {"confirmed_who", RPC_STRING, "by whom; null"},
    {"ended", RPC_STRING, "when it ended; null: it is in effect"},
    {"ended_why", RPC_STRING, "why; null"},
    {"reason", RPC_STRING, "why it was stopped"},
};
static const struct rpc_param stop_add_params[] = {
    {"what", RPC_STRING, true, "all, list or order"},
    {"list", RPC_STRING, false, "which list, by its name or number"},
    {"order", RPC_U64, false, "which order"},
    REASON,
};
static const struct rpc_field stop_add_fields[] = {
    {"stop", RPC_U64, "its number"},
    {"confirm_by", RPC_STRING, "when it ends by itself unless somebody else confirms it"},
};
static const struct rpc_param stop_params[] = {ID("stop", "a stop's number")};
static const struct rpc_param stop_end_params[] = {
    ID("stop", "a stop's number"), {"reason", RPC_STRING, false, "why; the journal keeps it"},
};

static const struct rpc_field versions_fields[] = {
    {"version", RPC_U64, "its number, as hits and data planes have it"},
    {"active", RPC_BOOL, "whether it is the one in force"},
    {"created", RPC_STRING, "when it was compiled"},
    {"activated", RPC_STRING, "when it was made active last; null: never"},
    {"tripped", RPC_STRING, "when the circuit breaker then took it back; null"},
    {"rules", RPC_U64, "how many it holds"},
    {"bytes", RPC_U64, "its file's length"},
    {"digest", RPC_STRING, "its file's SHA-256"},
    {"why", RPC_STRING, "why it was made active last; null"},
};
static const struct rpc_param version_params[] = {ID("version", "a version's number")};
static const struct rpc_field version_fields[] = {
    {"version", RPC_U64, "its number; then the members of version.list, and:"},
    {"lists", RPC_ARRAY, "the first 200 that it holds: order, list, import, entries"},
    {"lists_n", RPC_U64, "how many it holds"},
    {"activations", RPC_ARRAY, "the newest first, 50 at most: activated, why, tripped"},
    {"times", RPC_ARRAY, "which data plane took it when, the newest first, 50 at most: dataplane, sent, acked, after_ms"},
    {"report", RPC_OBJECT, "what the compile and its self-check counted"},
};
static const struct rpc_param rollback_params[] = {ID("version", "the version to go back to"), REASON};
static const struct rpc_field job_fields[] = {{"job", RPC_U64, "for job.show"}};

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
    {.name = "exception.list", .roles = ROLE_VIEWER, PARAMS(exempt_params), ARRAY(exceptions_fields), .run = exceptions_list,
     .help = "Lists exceptions, the newest first."},
    {.name = "exception.add", .roles = ROLE_OPERATOR, PARAMS(exception_add_params), OBJECT(exception_fields), .run = exceptions_add,
     .help = "Proposes that something is never blocked, whatever the lists say."},
    {.name = "exception.remove", .roles = ROLE_OPERATOR, PARAMS(exception_remove_params), OBJECT(exception_fields), .run = exceptions_remove,
     .help = "Proposes the end of an exception."},
    {.name = "override.list", .roles = ROLE_VIEWER, PARAMS(exempt_params), ARRAY(overrides_fields), .run = overrides_list,
     .help = "Lists overrides, the newest first."},
    {.name = "override.add", .roles = ROLE_OPERATOR, PARAMS(override_add_params), OBJECT(override_fields), .run = overrides_add,
     .help = "Proposes that an entry may be blocked that the guard list holds."},
    {.name = "override.remove", .roles = ROLE_OPERATOR, PARAMS(override_remove_params), OBJECT(override_fields), .run = overrides_remove,
     .help = "Proposes the end of an override."},
    {.name = "stop.list", .roles = ROLE_VIEWER, PARAMS(page_params), ARRAY(stops_fields), .run = stops_list,
     .help = "Lists stops: those in effect first, then the newest."},
    {.name = "stop.add", .roles = ROLE_OPERATOR, PARAMS(stop_add_params), OBJECT(stop_add_fields), .run = stops_add,
     .help = "Stops blocking at once, for all, a list or an order. Recorded, and raised as an alarm."},
    {.name = "stop.confirm", .roles = ROLE_APPROVER, PARAMS(stop_params), NOTHING, .run = stops_confirm,
     .help = "Confirms another person's stop, so that it stays until it is ended."},
    {.name = "stop.end", .roles = ROLE_OPERATOR, PARAMS(stop_end_params), NOTHING, .run = stops_end,
     .help = "Ends a stop: what was ordered is blocked again."},
    {.name = "version.list", .roles = ROLE_VIEWER, PARAMS(page_params), ARRAY(versions_fields), .run = versions_list,
     .help = "Lists versions, the newest first."},
    {.name = "version.show", .roles = ROLE_VIEWER, PARAMS(version_params), OBJECT(version_fields), .run = versions_show,
     .help = "Says what a version holds, and which data plane took it when."},
    {.name = "version.rollback", .roles = ROLE_OPERATOR, PARAMS(rollback_params), OBJECT(job_fields), .run = versions_rollback,
     .help = "Goes back to an earlier version: at once, and with an alarm that a second person acknowledges. The job's "
     "result: version, digest, active; the version may be a new one, as orders that ended since stay ended."},
};
/* clang-format on */

const struct methods_area methods_decide = {"Proposals, exceptions, stops and versions", rows, N(rows)};
