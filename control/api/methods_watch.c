/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of hits.list, stats, alarm.*, appeal.* and journal.list; what they do is in watch_*.c. */
#include "control/api/methods.h"
#include "control/api/rows.h"
#include "control/api/watch.h"
#include "control/store/alarms.h"

/* clang-format off */
#define AFTER {"after", RPC_U64, false, "the first ones behind this number; without it, the last ones"}
static const struct rpc_param hits_params[] = {
    AFTER,
    {"order", RPC_U64, false, "those of this order alone"},
    {"authority", RPC_STRING, false, "of orders of this authority alone, as they write it"},
    {"category", RPC_STRING, false, "of orders of this category alone"},
    {"from", RPC_STRING, false, "since this time: 2026-11-26, or 2026-11-26T06:00:00Z"},
    {"to", RPC_STRING, false, "before this time"},
    {"action", RPC_STRING, false, "where this was done: drop, reset, page ..."},
    {"node", RPC_STRING, false, "at this data plane"},
    LIMIT,
};
static const struct rpc_field hits_fields[] = {
    {"hit", RPC_U64, "its number: that of its leaf in the log, a later one has a higher one"},
    {"time", RPC_STRING, "when, to the millisecond; of a minute's count, the minute"},
    {"dataplane", RPC_STRING, "where; null: not known"},
    {"order", RPC_U64, "of which order; null: not known"},
    {"reference", RPC_STRING, "the order's protocol number; null"},
    {"list", RPC_STRING, "of which list; null"},
    {"line", RPC_U64, "of which line of it; null: of a minute's count"},
    {"kind", RPC_STRING, "of rule: domain, host, url ...; null likewise"},
    {"protocol", RPC_STRING, "in which it was seen"},
    {"action", RPC_STRING, "what was done"},
    {"version", RPC_U64, "that was in force there; null likewise"},
    {"rule", RPC_STRING, "its number on the block page, 16 hexadecimal digits; null likewise"},
    {"hits", RPC_U64, "how many: 1, or those of a minute, where an order keeps counts alone"},
};
static const struct rpc_param stats_params[] = {
    {"by", RPC_STRING, false, "order (the default), authority, category, list, protocol or action"},
    {"days", RPC_U64, false, "of how many days; 30 by default"},
    LIMIT, OFFSET,
};
static const struct rpc_field stats_fields[] = {
    {"hits", RPC_U64, "how many; besides it the member that `by` names, of an order authority and reference as well, of a list its order"},
    {"last_day", RPC_U64, "of this hour and the 23 before it"},
    {"last_hour", RPC_U64, "of this hour and the one before it"},
};

static const struct rpc_param alarms_params[] = {
    {"state", RPC_STRING, false, "open (neither seen nor over; the default), acked, cleared or all"}, LIMIT, OFFSET,
};
static const struct rpc_field alarms_fields[] = {
    {"alarm", RPC_U64, "its number"},
#define KIND(id, word, clears, help) " " word
    {"kind", RPC_STRING, "one of" ALARMS(KIND)},
#undef KIND
    {"subject", RPC_STRING, "what it is about"},
    {"raised", RPC_STRING, "since when"},
    {"last", RPC_STRING, "when it was raised last"},
    {"times", RPC_U64, "how often"},
    {"text", RPC_STRING, "what is wrong, and what to do"},
    {"cleared", RPC_STRING, "when it was over; null"},
    {"acked", RPC_STRING, "when somebody said to have seen it; null"},
    {"acked_who", RPC_STRING, "who; null"},
    {"note", RPC_STRING, "what that person said; null"},
};
static const struct rpc_param ack_params[] = {ID("alarm", "an alarm's number"), NOTE};

static const struct rpc_param appeals_params[] = {
    {"state", RPC_STRING, false, "those in this state alone: open, upheld, rejected"}, LIMIT, OFFSET,
};
static const struct rpc_field appeals_fields[] = {
    {"appeal", RPC_U64, "its number"},
    {"ticket", RPC_STRING, "by which whoever appealed asks how it stands"},
    {"state", RPC_STRING, "open, upheld or rejected"},
    {"created", RPC_STRING, "when it came"},
    {"deadline", RPC_STRING, "by when it must be decided"},
    {"order", RPC_U64, "of the block that it is about; null: not known"},
    {"list", RPC_STRING, "likewise; null"},
    {"decided", RPC_STRING, "when; null"},
    {"decided_who", RPC_STRING, "by whom; null"},
    {"subject", RPC_STRING, "what is blocked; \"hidden\" from who is neither operator nor approver"},
};
static const struct rpc_param appeal_params[] = {ID("appeal", "an appeal's number")};
static const struct rpc_field appeal_fields[] = {
    {"appeal", RPC_U64, "its number; then the members of appeal.list, and:"},
    {"text", RPC_STRING, "what it says; \"hidden\" as the subject"},
    {"contact", RPC_STRING, "whom to answer; \"hidden\" as the subject; null"},
    {"rule", RPC_STRING, "the number of the block page; null"},
    {"line", RPC_U64, "of the list; null: not known"},
    {"note", RPC_STRING, "the answer; \"hidden\" as the subject; null"},
};
static const struct rpc_param appeal_add_params[] = {
    {"subject", RPC_STRING, true, "what is blocked: a name, an address or a URL, at most 4000 bytes"},
    {"text", RPC_STRING, true, "what the appeal says, at most 4000 bytes"},
    {"contact", RPC_STRING, false, "whom to answer, at most 200 bytes"},
    {"rule", RPC_STRING, false, "the number of the block page, 16 hexadecimal digits"},
};
static const struct rpc_field appeal_add_fields[] = {
    {"appeal", RPC_U64, "its number"},
    {"ticket", RPC_STRING, "for whoever appealed"},
    {"deadline", RPC_STRING, "by when it must be decided"},
};
static const struct rpc_param appeal_decide_params[] = {
    ID("appeal", "an open appeal's number"),
    {"outcome", RPC_STRING, true, "upheld (the block was wrong) or rejected"},
    {"note", RPC_STRING, true, "why: the answer to whoever appealed, in at most 1000 bytes"},
};
static const struct rpc_field appeal_decide_fields[] = {
    {"appeal", RPC_U64, "its number"},
    {"state", RPC_STRING, "upheld or rejected. Nothing else changes: an exception, or another import, is proposed as always"},
};

static const struct rpc_param journal_params[] = {AFTER, LIMIT};
static const struct rpc_field journal_fields[] = {
    {"id", RPC_U64, "its number: a later row has a higher one"},
    {"time", RPC_STRING, "when"},
    {"who", RPC_STRING, "which user; roja-control: the program itself"},
    {"uid", RPC_U64, "that user's number; -1: the program"},
    {"act", RPC_STRING, "which method, or what the program did"},
    {"subject", RPC_STRING, "to what: \"order 3\""},
    {"outcome", RPC_STRING, "done, refused or failed"},
    {"text", RPC_STRING, "how, why, or why not"},
};

static const struct rpc_method rows[] = {
    {.name = "hits.list", .roles = ROLE_VIEWER, PARAMS(hits_params), ARRAY(hits_fields), .run = hits_list,
     .help = "Lists what was hit, from the log, the newest last. A hit names neither who asked nor what for."},
    {.name = "stats", .roles = ROLE_VIEWER, PARAMS(stats_params), ARRAY(stats_fields), .run = stats,
     .help = "Counts hits, the most first."},
    {.name = "alarm.list", .roles = ROLE_VIEWER, PARAMS(alarms_params), ARRAY(alarms_fields), .run = alarms_list,
     .help = "Lists alarms, the newest first."},
    {.name = "alarm.ack", .roles = ROLE_OPERATOR, PARAMS(ack_params), NOTHING, .run = alarms_ack,
     .help = "Says that the caller has seen an alarm; of a rollback by somebody else than who caused it."},
    {.name = "appeal.list", .roles = ROLE_VIEWER, PARAMS(appeals_params), ARRAY(appeals_fields), .run = appeals_list,
     .help = "Lists appeals: open ones first, then the newest."},
    {.name = "appeal.show", .roles = ROLE_VIEWER, PARAMS(appeal_params), OBJECT(appeal_fields), .run = appeals_show,
     .help = "Says all about an appeal."},
    {.name = "appeal.add", .roles = ROLE_OPERATOR, PARAMS(appeal_add_params), OBJECT(appeal_add_fields), .run = appeals_add,
     .help = "Records an appeal that came by letter or telephone."},
    {.name = "appeal.decide", .roles = ROLE_APPROVER, PARAMS(appeal_decide_params), OBJECT(appeal_decide_fields), .run = appeals_decide,
     .help = "Decides an appeal."},
    {.name = "journal.list", .roles = ROLE_AUDITOR, PARAMS(journal_params), ARRAY(journal_fields), .run = journal_list,
     .help = "Lists who did what, and what was refused, the newest last."},
};
/* clang-format on */

const struct methods_area methods_watch = {"Hits, alarms, appeals and the journal", rows, N(rows)};
