/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of order.*; what they do is in orders_*.c. The parameters of order.add are the fields of an order. */
#include "control/api/methods.h"
#include "control/api/orders.h"
#include "control/api/report_act.h"
#include "control/api/rows.h"
#include "control/store/order_fields.h"

#define TYPE_TEXT    RPC_STRING
#define TYPE_TIME    RPC_STRING
#define TYPE_WORD    RPC_STRING
#define TYPE_META    RPC_STRING
#define TYPE_FLAG    RPC_BOOL
#define TYPE_SECONDS RPC_U64

#define HELP_TEXT(words, help)	  help
#define HELP_TIME(words, help)	  help
#define HELP_WORD(words, help)	  help " (" words ")"
#define HELP_META(words, help)	  help
#define HELP_FLAG(words, help)	  help
#define HELP_SECONDS(words, help) help

/* clang-format off */
static const struct rpc_param add_params[] = {
#define X(key, type, required, def, words, help) {#key, TYPE_##type, required, HELP_##type(words, help)},
    ORDER_FIELDS(X)
#undef X
};
static const struct rpc_field add_fields[] = {
    {"order", RPC_U64, "its number"},
    {"proposal", RPC_U64, "what another person approves"},
};
static const struct rpc_param list_params[] = {
    {"state", RPC_STRING, false, "those in this state alone: proposed, approved, refused, revoked, expired"}, LIMIT, OFFSET,
};
static const struct rpc_field list_fields[] = {
    {"order", RPC_U64, "its number"},
    {"state", RPC_STRING, "proposed, approved, refused, revoked or expired"},
    {"authority", RPC_STRING, "who ordered it"},
    {"reference", RPC_STRING, "the order's protocol number"},
    {"category", RPC_STRING, "what it is about"},
    {"starts", RPC_STRING, "when it begins"},
    {"expires", RPC_STRING, "when it ends by itself"},
    {"entries", RPC_U64, "of its lists' active imports; null: none is active"},
    {"mode", RPC_STRING, "enforce or shadow"},
    {"held", RPC_BOOL, "whether a rollback keeps it from being in force"},
    {"title", RPC_STRING, "a name for people; null"},
};
static const struct rpc_param one_params[] = {ID("order", "an order's number")};
static const struct rpc_field show_fields[] = {
    {"order", RPC_U64, "its number; besides what is here, all fields that order.add was given, or that have a default"},
    {"state", RPC_STRING, "proposed, approved, refused, revoked or expired"},
    {"who", RPC_STRING, "who proposed it"},
    {"created", RPC_STRING, "when"},
    {"approved", RPC_STRING, "when it was approved; null"},
    {"approved_who", RPC_STRING, "by whom; null"},
    {"held", RPC_BOOL, "whether a rollback keeps it from being in force"},
    {"ended", RPC_STRING, "when it was refused, was revoked or expired; null"},
    {"ended_why", RPC_STRING, "why; null"},
    {"reviewed", RPC_STRING, "when it was reviewed last; null"},
    {"confirmed", RPC_STRING, "when a confirmation was drafted last; null"},
    {"lists", RPC_ARRAY, "name, list, state, format, active_import, entries of each"},
    {"proposals", RPC_ARRAY, "open ones first, then the newest, 50 at most: proposal, state, kind, order, text, reason, who, created, "
     "decided, decided_who, note"},
    {"times", RPC_ARRAY, "when it came into force where, the newest last, 50 at most: dataplane, version, compiled, enforced, "
     "after_approval_s, released (when it went out of force there; null)"},
    {"probes", RPC_ARRAY, "the last result of the self-test on each data plane, as probe.list says it"},
    {"confirmations", RPC_ARRAY, "that were drafted, the newest first: confirmation, created, who, sha256 (of its text)"},
};
static const struct rpc_param note_params[] = {ID("order", "an order's number"), NOTE};
static const struct rpc_param reason_params[] = {ID("order", "an order's number"), REASON};
static const struct rpc_param review_params[] = {
    ID("order", "an order's number"), {"note", RPC_STRING, true, "what the review found; the journal keeps it"},
};
static const struct rpc_field decided_fields[] = {
    {"order", RPC_U64, "its number"},
    {"state", RPC_STRING, "that it has now"},
    {"decided", RPC_U64, "how many proposals were"},
};
static const struct rpc_field proposed_fields[] = {{"proposal", RPC_U64, "what another person approves"}};

static const struct rpc_method rows[] = {
    {.name = "order.add", .roles = ROLE_OPERATOR, PARAMS(add_params), OBJECT(add_fields), .run = orders_add,
     .help = "Proposes an order. Times are as in 2026-11-26, 2026-11-26T06:00Z or 2026-11-26T06:00:00+01:00."},
    {.name = "order.list", .roles = ROLE_VIEWER, PARAMS(list_params), ARRAY(list_fields), .run = orders_list,
     .help = "Lists orders, the newest first."},
    {.name = "order.show", .roles = ROLE_VIEWER, PARAMS(one_params), OBJECT(show_fields), .run = orders_show,
     .help = "Says all about an order, and when it was enforced on which data plane."},
    {.name = "order.approve", .roles = ROLE_APPROVER, PARAMS(note_params), OBJECT(decided_fields), .run = orders_approve,
     .help = "Approves all that others proposed about an order: itself or its end, its lists and their imports. All or none."},
    {.name = "order.refuse", .roles = ROLE_APPROVER, PARAMS(reason_params), OBJECT(decided_fields), .run = orders_refuse,
     .help = "Refuses all that is proposed about an order."},
    {.name = "order.revoke", .roles = ROLE_OPERATOR, PARAMS(reason_params), OBJECT(proposed_fields), .run = orders_revoke,
     .help = "Proposes the end of an order."},
    {.name = "order.confirm", .roles = ROLE_CONFIRM, .params = confirm_params, .n_params = CONFIRM_PARAMS_N, .result = RPC_OBJECT,
     .fields = confirm_fields, .n_fields = CONFIRM_FIELDS_N, .run = orders_confirm, .help = "The same as report.confirm."},
    {.name = "order.review", .roles = ROLE_OPERATOR, PARAMS(review_params), NOTHING, .run = orders_review,
     .help = "Records the yearly review of an order."},
};
/* clang-format on */

const struct methods_area methods_orders = {"Orders", rows, N(rows)};
