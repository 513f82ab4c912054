/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/command_rows.h"
#include "control/ctl/import.h"

static const struct view_column list_columns[] = {
    {"LIST", "name", CELL_TEXT, NULL},
    {"NUMBER", "list", CELL_TEXT, NULL},
    {"ORDER", "order", CELL_TEXT, NULL},
    {"STATE", "state", CELL_STATE, NULL},
    {"FORMAT", "format", CELL_TEXT, NULL},
    {"ENTRIES", "entries", CELL_TEXT, NULL},
    {"IMPORT", "active_import", CELL_TEXT, NULL},
    {"LAST LOOKED", "polled", CELL_TEXT, NULL},
};
static const struct view lists = {.none = "there is no list", VIEW_COLUMNS(list_columns)};

static const struct view_column import_columns[] = {
    {"IMPORT", "import", CELL_TEXT, NULL},     {"STATE", "state", CELL_STATE, NULL},
    {"RECEIVED", "received", CELL_TEXT, NULL}, {"BY", "who", CELL_TEXT, NULL},
    {"ENTRIES", "entries", CELL_TEXT, NULL},   {"ADDED", "added", CELL_TEXT, NULL},
    {"REMOVED", "removed", CELL_TEXT, NULL},   {"REJECTED", "rejected", CELL_TEXT, NULL},
    {"PROPOSAL", "proposal", CELL_TEXT, NULL}, {"SIGNATURE", "signature", CELL_TEXT, NULL},
    {"FILE", "file", CELL_TEXT, NULL},	       {"WHY", "why", CELL_TEXT, NULL},
};
static const struct view imports = {.none = "nothing was imported", VIEW_COLUMNS(import_columns)};
static const struct view_column list_show_columns[] = {
    {"list", "name", CELL_TEXT, NULL},		 {"number", "list", CELL_TEXT, NULL},
    {"order", "order", CELL_TEXT, NULL},	 {"state", "state", CELL_STATE, NULL},
    {"format", "format", CELL_TEXT, NULL},	 {"entries", "entries", CELL_TEXT, NULL},
    {"IMPORTS", "imports", CELL_TEXT, &imports},
};
static const struct view list_shown = {VIEW_COLUMNS(list_show_columns)};

static const struct view_column finding_columns[] = {
    {"SEVERITY", "severity", CELL_STATE, NULL}, {"CLASS", "class", CELL_TEXT, NULL},
    {"LINE", "line", CELL_TEXT, NULL},		{"ENTRY", "entry", CELL_TEXT, NULL},
    {"WHAT IT IS", "text", CELL_TEXT, NULL},	{"WHAT TO DO", "advice", CELL_TEXT, NULL},
};
static const struct view findings = {.none = "none", VIEW_COLUMNS(finding_columns)};
static const struct view_column report_columns[] = {
    {"import", "import", CELL_TEXT, NULL},	 {"proposal", "proposal", CELL_TEXT, NULL},
    {"refused", "refused", CELL_TEXT, NULL},	 {"why", "why", CELL_TEXT, NULL},
    {"SHA-256", "sha256", CELL_TEXT, NULL},	 {"bytes", "bytes", CELL_BYTES, NULL},
    {"lines", "lines", CELL_TEXT, NULL},	 {"entries", "entries", CELL_TEXT, NULL},
    {"added", "added", CELL_TEXT, NULL},	 {"removed", "removed", CELL_TEXT, NULL},
    {"rejected", "rejected", CELL_TEXT, NULL},	 {"duplicates", "duplicates", CELL_TEXT, NULL},
    {"signature", "signature", CELL_TEXT, NULL}, {"FINDINGS", "findings", CELL_TEXT, &findings},
};
static const struct view report = {VIEW_COLUMNS(report_columns)};

static const struct view_column note_columns[] = {
    {"LINE", "line", CELL_TEXT, NULL}, {"WHY", "why", CELL_TEXT, NULL}, {"TEXT", "text", CELL_TEXT, NULL}};
static const struct view notes = {.none = "every line was an entry", VIEW_COLUMNS(note_columns)};
static const struct view_column change_columns[] = {{"CHANGE", "change", CELL_TEXT, NULL},
						    {"LINE", "line", CELL_TEXT, NULL},
						    {"ENTRY", "entry", CELL_TEXT, NULL}};
static const struct view changes = {.none = "nothing", VIEW_COLUMNS(change_columns)};
static const struct view_column diff_columns[] = {
    {"list", "list", CELL_TEXT, NULL},		{"from import", "from", CELL_TEXT, NULL},
    {"to import", "to", CELL_TEXT, NULL},	{"added", "added", CELL_TEXT, NULL},
    {"removed", "removed", CELL_TEXT, NULL},	{"CHANGES", "changes", CELL_TEXT, &changes},
    {"next --offset", "next", CELL_TEXT, NULL},
};
static const struct view diff = {VIEW_COLUMNS(diff_columns)};
static const struct view_column entry_columns[] = {{"LINE", "line", CELL_TEXT, NULL},
						   {"ENTRY", "entry", CELL_TEXT, NULL}};
static const struct view entries = {.none = "none", VIEW_COLUMNS(entry_columns)};
static const struct view_column revealed_columns[] = {
    {"list", "list", CELL_TEXT, NULL},
    {"import", "import", CELL_TEXT, NULL},
    {"next --offset", "next", CELL_TEXT, NULL},
    {"ENTRIES", "entries", CELL_TEXT, &entries},
};
static const struct view revealed = {VIEW_COLUMNS(revealed_columns)};
static const struct view list_added = {
    .done =
	"list {list} is proposed (proposal {proposal}); give it entries: rojactl list import {list} FILE"};
static const struct view proposed = {
    .done = "proposal {proposal}: another person approves it: rojactl proposal approve {proposal}"};
static const struct view revealable = {
    .done = "proposal {proposal}: another person approves it, then: rojactl list revealed {proposal}"};

/* clang-format off */
static const char *const formats[] = {"plain", "hosts", "csv", "rpz", "urls", "domains", "xml", "jsonl", NULL};
static const char *const approvals[] = {"each", "signed", NULL};
#define LIST   WORD("list", "LIST", "The name or number of a list (rojactl list ls).")
#define IMPORT NUMBER("import", 'i', "IMPORT", INT64_MAX, "Which import of it; the last one by default.")
static const struct opt list_add[] = {
    ID("order", "ORDER", "The order that it belongs to."),
    WORD("name", "NAME", "Its name, in hits and reports."),
    ONE_OF("format", 'f', "FORMAT", formats, "How its files are written (docs/feeds.md); plain by default."),
    {.name = "option", .letter = 'O', .type = OPT_LIST, .arg = "KEY=VALUE", .to = "options",
     .help = "An option of the format, such as a column of csv. Can be given several times."},
    TEXT("url", 'u', "URL", "Fetch it from there, https:// or file://."),
    NUMBER("every-s", 'e', "SECONDS", 31536000, "How often."),
    TEXT("signature-url", 0, "URL", "Where its detached signature is."),
    TEXT("spool", 0, "FOLDER", "Take files that are put into this folder."),
    ONE_OF("approval", 0, "WHEN", approvals,
	   "Who approves what it says later: a second person each time, or nobody where the authority's signature is good."),
};
static const struct opt list_ls[] = {NUMBER("order", 'o', "ORDER", INT64_MAX, "Those of this order alone.")};
static const struct opt list_one[] = {LIST};
static const struct opt list_import[] = {
    LIST,
    {.name = "file", .operand = true, .required = true, .type = OPT_STRING, .arg = "FILE", .to = "",
     .help = "The file, which is read here and not by the daemon; \"-\" is standard input."},
    {.name = "signature", .letter = 'S', .type = OPT_STRING, .arg = "FILE", .to = "",
     .help = "Its detached CMS signature."},
    {.name = "accept", .letter = 'A', .type = OPT_LIST, .arg = "FINDING", .to = "",
     .help = "Accept this finding about the whole list this once, as \"removed\"; make sure first. Can be given several times."},
};
static const struct opt list_authenticate[] = {
    ID("import", "IMPORT", "The number of an import (rojactl list show)."),
    TEXT_NEEDED("how", 'H', "TEXT", "How you made sure of where it comes from: whom you called, on which number."),
};
static const struct opt list_check[] = {LIST, IMPORT};
static const struct opt list_notes[] = {ID("import", "IMPORT", "The number of an import."), OFFSET, LIMIT};
static const struct opt list_diff[] = {
    LIST,
    NUMBER("from", 0, "IMPORT", INT64_MAX, "Compare this import; the active one by default."),
    NUMBER("to", 0, "IMPORT", INT64_MAX, "With this one; the last one by default."),
    OFFSET, LIMIT,
};
static const struct opt list_activate[] = {LIST, IMPORT, NOTE};
static const struct opt list_rollback[] = {LIST, ID("import", "IMPORT", "The import to go back to."), REASON};
static const struct opt list_reveal[] = {LIST, IMPORT, REASON};
static const struct opt list_revealed[] = {ID("proposal", "PROPOSAL", "What rojactl list reveal said."), OFFSET, LIMIT};
static const struct opt rule_one[] = {
    LIST,
    WORD("entry", "ENTRY", "The entry, as a plain list has it (docs/lists.md)."),
    TEXT("reason", 'r', "TEXT", "Why; the journal keeps it."),
};

static const struct ctl_command rows[] = {
    {.path = "list add", .method = "list.add", .role = "operator", .help = "Propose a list for an order.", CTL_OPTS(list_add),
     .view = &list_added},
    {.path = "list ls", .method = "list.list", .role = "viewer", .help = "List the lists.", CTL_OPTS(list_ls), .view = &lists},
    {.path = "list show", .method = "list.show", .role = "viewer", .help = "Say all about a list and its imports.", CTL_OPTS(list_one),
     .view = &list_shown},
    {.path = "list import", .method = "list.import", .role = "operator", .help = "Import a file into a list.",
     .about = "The file is checked, compared with what is enforced and proposed; nothing changes until another person approves it.",
     CTL_OPTS(list_import), .job = true, .view = &report, .run = list_import_run},
    {.path = "list authenticate", .method = "list.authenticate", .role = "operator",
     .help = "Record how you made sure that an unsigned import is genuine.", CTL_OPTS(list_authenticate)},
    {.path = "list check", .method = "list.check", .role = "viewer",
     .help = "Say what would change, what is refused, and whether each entry would be enforced.", CTL_OPTS(list_check), .job = true,
     .view = &report},
    {.path = "list notes", .method = "list.notes", .role = "viewer", .help = "List the lines of an import that are no entries, and why.",
     CTL_OPTS(list_notes), .view = &notes},
    {.path = "list diff", .method = "list.diff", .role = "viewer", .help = "List what an import adds and removes.", CTL_OPTS(list_diff), .job = true, .view = &diff},
    {.path = "list activate", .method = "list.activate", .role = "approver", .help = "Approve the last import of a list.",
     CTL_OPTS(list_activate)},
    {.path = "list rollback", .method = "list.rollback", .role = "operator", .help = "Go back to an earlier import of a list.",
     CTL_OPTS(list_rollback)},
    {.path = "list reveal", .method = "list.reveal", .role = "operator", .help = "Propose to be shown the entries of a confidential list.",
     CTL_OPTS(list_reveal), .view = &revealable},
    {.path = "list revealed", .method = "list.revealed", .role = "operator",
     .help = "Print the entries, once another person has approved that.", CTL_OPTS(list_revealed), .view = &revealed},
    {.path = "list poll", .method = "list.poll", .role = "operator", .help = "Ask a list's source now.", CTL_OPTS(list_one)},
    {.path = "rule add", .method = "rule.add", .role = "operator", .help = "Propose an entry for a list that is kept by hand.",
     CTL_OPTS(rule_one), .job = true, .is_secret = true, .view = &report},
    {.path = "rule rm", .method = "rule.remove", .role = "operator", .help = "Propose to take an entry out of such a list.",
     CTL_OPTS(rule_one), .job = true, .is_secret = true, .view = &report},
};
/* clang-format on */

static const struct view_column exception_columns[] = {
    {"EXCEPTION", "exception", CELL_TEXT, NULL}, {"STATE", "state", CELL_STATE, NULL},
    {"ENTRY", "entry", CELL_TEXT, NULL},	 {"EXPIRES", "expires", CELL_TEXT, NULL},
    {"REASON", "reason", CELL_TEXT, NULL},	 {"BY", "who", CELL_TEXT, NULL},
    {"SINCE", "created", CELL_TEXT, NULL},
};
static const struct view exceptions = {.none = "there is no exception", VIEW_COLUMNS(exception_columns)};
static const struct view_column override_columns[] = {
    {"OVERRIDE", "override", CELL_TEXT, NULL},	   {"STATE", "state", CELL_STATE, NULL},
    {"ENTRY", "entry", CELL_TEXT, NULL},	   {"ORDER", "order", CELL_TEXT, NULL},
    {"ASSESSMENT", "assessment", CELL_TEXT, NULL}, {"BY", "who", CELL_TEXT, NULL},
    {"SINCE", "created", CELL_TEXT, NULL},
};
static const struct view overrides = {.none = "there is no override", VIEW_COLUMNS(override_columns)};

/* clang-format off */
static const char *const exempt_states[] = {"proposed", "active", "refused", "ended", NULL};
static const struct opt exempt_ls[] = {ONE_OF("state", 'S', "STATE", exempt_states, "Those in this state alone."), LIMIT, OFFSET};
static const struct opt exception_add[] = {
    WORD("entry", "ENTRY", "What is never blocked, as a plain list has it (docs/lists.md), without \"!\"."),
    REASON,
    TEXT("expires", 'e', "TIME", "Until when."),
};
static const struct opt exception_rm[] = {ID("exception", "EXCEPTION", "Its number (rojactl exception ls)."), REASON};
static const struct opt override_add[] = {
    WORD("entry", "ENTRY", "The guarded entry that may be blocked."),
    TEXT_NEEDED("assessment", 'a', "TEXT", "Why blocking it hurts nobody else."),
    NUMBER("order", 'o', "ORDER", INT64_MAX, "For this order alone."),
};
static const struct opt override_rm[] = {
    ID("override", "OVERRIDE", "Its number (rojactl override ls)."),
    TEXT("reason", 'r', "TEXT", "Why; the journal keeps it."),
};

static const struct ctl_command exempt_rows[] = {
    {.path = "exception add", .method = "exception.add", .role = "operator", .help = "Propose that something is never blocked.",
     CTL_OPTS(exception_add), .is_secret = true, .view = &proposed},
    {.path = "exception rm", .method = "exception.remove", .role = "operator", .help = "Propose the end of an exception.",
     CTL_OPTS(exception_rm), .is_secret = true, .view = &proposed},
    {.path = "exception ls", .method = "exception.list", .role = "viewer", .help = "List exceptions.", CTL_OPTS(exempt_ls), .view = &exceptions},
    {.path = "override add", .method = "override.add", .role = "operator", .help = "Propose that a guarded entry may be blocked.",
     CTL_OPTS(override_add), .is_secret = true, .view = &proposed},
    {.path = "override rm", .method = "override.remove", .role = "operator", .help = "Propose the end of an override.",
     CTL_OPTS(override_rm), .is_secret = true, .view = &proposed},
    {.path = "override ls", .method = "override.list", .role = "viewer", .help = "List overrides.", CTL_OPTS(exempt_ls), .view = &overrides},
};
/* clang-format on */

const struct ctl_part part_lists = PART(rows);
const struct ctl_part part_exempt = PART(exempt_rows);
