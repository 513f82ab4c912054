/* SPDX-License-Identifier: BSD-3-Clause */
/* Reports. The command "order confirm" is "report confirm". */
#include "control/ctl/command_rows.h"
#include "control/ctl/reports.h"

static const struct view_column confirm_columns[] = {{"recorded", "recorded", CELL_TEXT, NULL},
						     {"text", "text", CELL_HIDDEN, NULL},
						     {"html", "html", CELL_HIDDEN, NULL}};
const struct view confirmation_view = {.done = "{text}", VIEW_COLUMNS(confirm_columns)};

static const struct view_column handed_columns[] = {
    {"files", "files", CELL_TEXT, NULL},
    {"bytes", "bytes", CELL_BYTES, NULL},
    {"SHA-256 of SHA256SUMS", "sha256", CELL_TEXT, NULL},
    {"note", "note", CELL_TEXT, NULL},
};
static const struct view handed_view = {VIEW_COLUMNS(handed_columns)};

/* clang-format off */
static const char *const languages[] = {"en", "sq", NULL};
const struct opt confirm_opts[CONFIRM_OPTS_N] = {
    ID("order", "ORDER", "The number of an order (rojactl order ls)."),
    ONE_OF("language", 'L', "LANGUAGE", languages, "In this language alone; in both by default."),
    {.name = "html", .letter = 'H', .type = OPT_FLAG, .help = "As one HTML file, which prints."},
    {.name = "output", .letter = 'o', .type = OPT_STRING, .arg = "FOLDER", .to = "",
     .help = "Write it into this folder, as text and as HTML."},
};

#define FROM   TEXT_NEEDED("from", 'f', "TIME", "The period's beginning.")
#define TO     TEXT_NEEDED("to", 0, "TIME", "Its end, which is no part of it.")
#define OUTPUT {.name = "output", .letter = 'o', .required = true, .type = OPT_STRING, .arg = "FOLDER", .to = "", \
		.help = "The folder to write it into; it is made where it is missing."}
static const struct opt period_opts[] = {
    FROM, TO, OUTPUT,
    {.name = "internal", .letter = 'i', .type = OPT_FLAG, .help = "Exact figures, not for publication; needs the role auditor."},
};

static const struct opt audit_opts[] = {
    FROM, TO, OUTPUT, NUMBER("order", 'O', "ORDER", INT64_MAX, "Orders, lists and journal of this order alone."),
};

static const struct ctl_command rows[] = {
    {.path = "report confirm", .method = "report.confirm", .role = "operator",
     .help = "Draft the confirmation to the authority, and record that it was drafted.", .about = CONFIRM_ABOUT,
     CTL_OPTS(confirm_opts), .view = &confirmation_view, .run = report_confirm_run},
    {.path = "report period", .method = "report.period", .role = "viewer",
     .help = "Write the transparency report of a period: text and HTML in English and Albanian, JSON and CSV.",
     .about = "Counts below 10 are shown as \"<10\", and others are withheld where one could be computed from the rest (docs/reports.md). "
	      "It is for publication: needs the role operator, and is refused where its period overlaps with that of one published before, as small "
	      "counts could be computed from both. The next one begins where this one ends. With --internal it binds nobody. "
	      "Times are in UTC: 2026-11-01, 2026-11-26T06:00, now, or -30d from now.",
     CTL_OPTS(period_opts), .view = &handed_view, .run = report_folder_run},
    {.path = "report audit", .method = "report.audit", .role = "auditor",
     .help = "Write a folder for an inspection: the audit log, orders, lists and journal, and how to verify it.",
     .about = "roja-audit verify accepts its folder \"log\" offline. No entry of a list is in it; people are named. While it is written, the folder's "
	      "file system holds it twice. Times as in report period.",
     CTL_OPTS(audit_opts), .view = &handed_view, .run = report_folder_run},
};
/* clang-format on */

const struct ctl_part part_report = PART(rows);
