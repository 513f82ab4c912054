/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of report.*; what they do is in report_act.c. */
#include "control/api/methods.h"
#include "control/api/report_act.h"
#include "control/api/rows.h"

/* clang-format off */
const struct rpc_param confirm_params[CONFIRM_PARAMS_N] = {
    ID("order", "an order's number"),
    {"language", RPC_STRING, false, "en or sq; both by default"},
    {"html", RPC_BOOL, false, "whether the answer has the letter as HTML, too"},
};
const struct rpc_field confirm_fields[CONFIRM_FIELDS_N] = {
    {"order", RPC_U64, "its number"},
    {"confirmation", RPC_U64, "under which number the text is kept"},
    {"recorded", RPC_STRING, "when"},
    {"sha256", RPC_STRING, "of the text"},
    {"text", RPC_STRING, "a letter to the authority in English and Albanian: reference, legal basis, when it was received, approved, "
     "compiled and in force on which data plane, how many entries are enforced where, and how many are not and why; none of them"},
    {"html", RPC_STRING, "the same as one HTML file that prints; null where it was not asked for"},
};

#define FROM {"from", RPC_STRING, true, "the period's beginning, as in 2026-11-26 or 2026-11-26T06:00Z"}
#define TO   {"to", RPC_STRING, true, "its end, which is no part of it and must be past"}
static const struct rpc_param period_params[] = {
    FROM, TO, {"internal", RPC_BOOL, false, "exact figures, not for publication; needs the role auditor. Without it: operator"},
};
static const struct rpc_param audit_params[] = {
    FROM, {"to", RPC_STRING, true, "its end, which is no part of it"},
    {"order", RPC_U64, false, "orders, lists and journal of this order alone; the log is there as a whole"},
};
static const struct rpc_field handed_fields[] = {
    {"job", RPC_U64, "what job.show asks about; its result has files, bytes, sha256 (of SHA256SUMS) and note (what to mind; null)"},
};

static const struct rpc_method rows[] = {
    {.name = "report.confirm", .roles = ROLE_CONFIRM, PARAMS(confirm_params), OBJECT(confirm_fields), .run = report_confirm,
     .help = "Drafts the confirmation to the authority that an order is in force, or has ended, and keeps what it says."},
    {.name = "report.period", .roles = ROLE_VIEWER, PARAMS(period_params), OBJECT(handed_fields), .run = report_period,
     .help = "Writes the transparency report of a period, as text, HTML, JSON and CSV. One for publication is refused where its period overlaps with "
     "that of one published before, or its figures have changed since. With the request comes the descriptor of a regular file "
     "that can be written (SCM_RIGHTS): it becomes a tar file (ustar) of the report's files."},
    {.name = "report.audit", .roles = ROLE_AUDITOR, PARAMS(audit_params), OBJECT(handed_fields), .run = report_audit,
     .help = "Writes what an inspection needs: a consistent copy of the audit log, orders, lists and journal of a period, how to verify it. "
     "No entry of a list. Handed over as with report.period."},
};
/* clang-format on */

const struct methods_area methods_report = {"Reports", rows, N(rows)};
