/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of list.* and rule.*; what they do is in lists_*.c. */
#include "control/api/lists.h"
#include "control/api/methods.h"

#define N(array) (unsigned)(sizeof(array) / sizeof(*(array)))

/* clang-format off */
#define LIST   {"list", RPC_STRING, true, "a list's name or number"}
#define IMPORT(said) {"import", RPC_U64, false, "an import's number; " said}
#define REASON {"reason", RPC_STRING, true, "why; the journal keeps it"}
#define OFFSET {"offset", RPC_U64, false, "how many to leave out in front"}
#define LIMIT(said)  {"limit", RPC_U64, false, "how many at most; " said}

static const struct rpc_param add_params[] = {
    {"order", RPC_U64, true, "the order that it belongs to"},
    {"name", RPC_STRING, true, "its name, in hits and reports: small letters, digits, '-', '_' and '.'"},
    {"format", RPC_STRING, false, "how its files are written (docs/feeds.md); plain by default"},
    {"options", RPC_OBJECT, false, "the format's options, each a string"},
    {"url", RPC_STRING, false, "where it is fetched from, https:// or file://"},
    {"every_s", RPC_U64, false, "how often, in seconds; 3600 by default"},
    {"signature_url", RPC_STRING, false, "where its detached signature is"},
    {"spool", RPC_STRING, false, "the folder from which files are taken, instead of a url"},
    {"approval", RPC_STRING, false, "each: a second person approves each import; signed: nobody needs to where the signature is good"},
};
static const struct rpc_field add_fields[] = {
    {"list", RPC_U64, "its number"},
    {"proposal", RPC_U64, "what another person approves"},
};
static const struct rpc_param list_params[] = {
    {"order", RPC_U64, false, "those of this order alone"}, OFFSET, LIMIT("300 by default and at most"),
};
static const struct rpc_field list_fields[] = {
    {"name", RPC_STRING, "its name"},
    {"list", RPC_U64, "its number"},
    {"order", RPC_U64, "the order's number"},
    {"state", RPC_STRING, "proposed, approved, refused or ended"},
    {"format", RPC_STRING, "of its files"},
    {"entries", RPC_U64, "of the active import; null: none is active"},
    {"active_import", RPC_U64, "what is enforced of it; null: nothing yet"},
    {"polled", RPC_STRING, "when its source was asked last; null: never"},
    {"failures", RPC_U64, "how often in a row its source could not be asked"},
    {"confidential", RPC_BOOL, "whether its entries are shown to nobody"},
};
static const struct rpc_param one_params[] = {LIST};
static const struct rpc_field show_fields[] = {
    {"name", RPC_STRING, "its name; then the members of list.list, and:"},
    {"options", RPC_OBJECT, "of the format"},
    {"url", RPC_STRING, "where it is fetched from; null: nowhere, or the caller is a viewer alone"},
    {"signature_url", RPC_STRING, "likewise"},
    {"spool", RPC_STRING, "the folder from which it is taken; null"},
    {"every_s", RPC_U64, "how often its source is asked"},
    {"approval", RPC_STRING, "each or signed"},
    {"who", RPC_STRING, "who proposed it"},
    {"created", RPC_STRING, "when"},
    {"poll_error", RPC_STRING, "why its source could not be asked; null"},
    {"imports", RPC_ARRAY, "the last 50, newest first: import, state, received, who, source, file, sha256, bytes, serial, lines, entries, "
     "rejected, duplicates, added, removed, skipped, proposal (null: none is open), signature (the signer; null), signed (all of the "
     "signature), authenticated (who, at, how; null), approved, approved_who, why (it was refused)"},
};
static const struct rpc_param import_params[] = {
    LIST,
    {"file", RPC_STRING, false, "the file's name, for people"},
    {"size", RPC_U64, false, "its bytes: if fewer come it is refused as cut short"},
    {"signature", RPC_STRING, false, "its detached CMS signature, as base64"},
    {"accept", RPC_ARRAY, false, "findings of the whole list that the caller has made sure of, accepted this once (docs/safety.md)"},
};
static const struct rpc_field job_fields[] = {
    {"job", RPC_U64, "for job.show"},
};
static const struct rpc_param authenticate_params[] = {
    {"import", RPC_U64, true, "an import that waits"},
    {"how", RPC_STRING, true, "how the caller made sure of where it comes from"},
};
static const struct rpc_param check_params[] = {LIST, IMPORT("the last one by default")};
static const struct rpc_param notes_params[] = {
    {"import", RPC_U64, true, "an import's number"}, OFFSET, LIMIT("100 by default, 400 at most"),
};
static const struct rpc_field notes_fields[] = {
    {"line", RPC_U64, "of the original"},
    {"why", RPC_STRING, "why it is no entry"},
    {"text", RPC_STRING, "the line; null: the list is confidential"},
};
static const struct rpc_param diff_params[] = {
    LIST,
    {"from", RPC_U64, false, "an import; the active one by default, nothing where none is"},
    {"to", RPC_U64, false, "an import; the last one by default"},
    OFFSET, LIMIT("100 by default, 1000 at most"),
};
static const struct rpc_param activate_params[] = {
    LIST, IMPORT("the last one that waits by default"), {"note", RPC_STRING, false, "what is to be remembered of the decision"},
};
static const struct rpc_field activate_fields[] = {
    {"import", RPC_U64, "what was approved"},
    {"proposal", RPC_U64, "its proposal"},
};
static const struct rpc_param rollback_params[] = {
    LIST, {"import", RPC_U64, true, "one that was active before"}, REASON,
};
static const struct rpc_field rollback_fields[] = {
    {"import", RPC_U64, "what is active now"},
};
static const struct rpc_param reveal_params[] = {LIST, IMPORT("the active one by default"), REASON};
static const struct rpc_field reveal_fields[] = {
    {"proposal", RPC_U64, "what another person approves"},
};
static const struct rpc_param revealed_params[] = {
    {"proposal", RPC_U64, true, "of list.reveal"}, OFFSET, LIMIT("100 by default, 1000 at most"),
};
static const struct rpc_field revealed_fields[] = {
    {"list", RPC_STRING, "its name"},
    {"import", RPC_U64, "whose entries they are"},
    {"entries", RPC_ARRAY, "line and entry of each"},
    {"next", RPC_U64, "the offset of the first that is not shown; null: there is none"},
};
static const struct rpc_param rule_params[] = {
    LIST,
    {"entry", RPC_STRING, true, "the entry, as a plain list has it (docs/lists.md)"},
    {"reason", RPC_STRING, false, "why; the journal keeps it, so it names no entry"},
};

#define PARAMS(array) .params = array, .n_params = N(array)
#define OBJECT(array) .result = RPC_OBJECT, .fields = array, .n_fields = N(array)
#define ARRAY(array)  .result = RPC_ARRAY, .fields = array, .n_fields = N(array)

static const struct rpc_method rows[] = {
    {.name = "list.add", .roles = ROLE_OPERATOR, PARAMS(add_params), OBJECT(add_fields), .run = lists_add,
     .help = "Proposes a list for an order."},
    {.name = "list.list", .roles = ROLE_VIEWER, PARAMS(list_params), ARRAY(list_fields), .run = lists_list,
     .help = "Lists the lists."},
    {.name = "list.show", .roles = ROLE_VIEWER, PARAMS(one_params), OBJECT(show_fields), .run = lists_show,
     .help = "Says all about a list and its imports."},
    {.name = "list.import", .roles = ROLE_OPERATOR, PARAMS(import_params), OBJECT(job_fields), .run = lists_import,
     .help = "Reads, checks and proposes a file, whose descriptor comes with the request (SCM_RIGHTS). The "
     "job's result: import, proposal (absent: none), refused, why, file, sha256, bytes, lines, entries, "
     "added, removed, rejected, duplicates, skipped, signature, findings (severity, class, line, entry, "
     "text, advice), notes_kept, standing."},
    {.name = "list.authenticate", .roles = ROLE_OPERATOR, PARAMS(authenticate_params), .result = RPC_OBJECT, .run = lists_authenticate,
     .help = "Records how the caller made sure that an unsigned import is genuine."},
    {.name = "list.check", .roles = ROLE_VIEWER, PARAMS(check_params), OBJECT(job_fields), .run = lists_check,
     .help = "Checks an import again, against what is enforced now, and compiles it alone. The job's result is "
     "that of list.import, with selfcheck."},
    {.name = "list.notes", .roles = ROLE_VIEWER, PARAMS(notes_params), ARRAY(notes_fields), .run = lists_notes,
     .help = "Lists the lines of an import that are no entries."},
    {.name = "list.diff", .roles = ROLE_VIEWER, PARAMS(diff_params), OBJECT(job_fields), .run = lists_diff,
     .help = "Compares two imports. The job's result: list, from, to, added, removed, changes (change, line, "
     "entry unless the list is confidential), next (the offset of the first that is not shown; null)."},
    {.name = "list.activate", .roles = ROLE_APPROVER, PARAMS(activate_params), OBJECT(activate_fields), .run = lists_activate,
     .help = "Approves an import that somebody else proposed."},
    {.name = "list.rollback", .roles = ROLE_OPERATOR, PARAMS(rollback_params), OBJECT(rollback_fields), .run = lists_rollback,
     .help = "Goes back to an import that was active before: at once, and with an alarm."},
    {.name = "list.reveal", .roles = ROLE_OPERATOR, PARAMS(reveal_params), OBJECT(reveal_fields), .run = lists_reveal,
     .help = "Proposes that the caller is shown the entries of a list."},
    {.name = "list.revealed", .roles = ROLE_OPERATOR, PARAMS(revealed_params), OBJECT(revealed_fields), .run = lists_revealed,
     .help = "Shows them, for an hour after another person has approved that, to who proposed it. Each page is "
     "journalled."},
    {.name = "list.poll", .roles = ROLE_OPERATOR, PARAMS(one_params), .result = RPC_OBJECT, .run = lists_poll,
     .help = "Asks a list's source now."},
    {.name = "rule.add", .roles = ROLE_OPERATOR, PARAMS(rule_params), OBJECT(job_fields), .run = lists_rule_add,
     .help = "Proposes an entry for a list that is kept by hand. The job's result is that of list.import."},
    {.name = "rule.remove", .roles = ROLE_OPERATOR, PARAMS(rule_params), OBJECT(job_fields), .run = lists_rule_remove,
     .help = "Proposes to take an entry out of such a list. The job's result is that of list.import."},
};
/* clang-format on */

const struct methods_area methods_lists = {"Lists and their entries", rows, N(rows)};
