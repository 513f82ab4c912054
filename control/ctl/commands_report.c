/* SPDX-License-Identifier: BSD-3-Clause */
/* Reports. The command "order confirm" is "report confirm". */
#include "control/ctl/command_rows.h"
#include "control/ctl/reports.h"

static const struct view_column confirm_columns[] = {{"recorded", "recorded", CELL_TEXT, NULL},
						     {"text", "text", CELL_HIDDEN, NULL},
						     {"html", "html", CELL_HIDDEN, NULL}};
const struct view confirmation_view = {.done = "{text}", VIEW_COLUMNS(confirm_columns)};

/* clang-format off */
static const char *const languages[] = {"en", "sq", NULL};
const struct opt confirm_opts[CONFIRM_OPTS_N] = {
    ID("order", "ORDER", "The number of an order (rojactl order ls)."),
    ONE_OF("language", 'L', "LANGUAGE", languages, "In this language alone; in both by default."),
    {.name = "html", .letter = 'H', .type = OPT_FLAG, .help = "As one HTML file, which prints."},
    {.name = "output", .letter = 'o', .type = OPT_STRING, .arg = "FOLDER", .to = "",
     .help = "Write it into this folder, as text and as HTML."},
};

static const struct ctl_command rows[] = {
    {.path = "report confirm", .method = "report.confirm", .role = "operator",
     .help = "Draft the confirmation to the authority, and record that it was drafted.", .about = CONFIRM_ABOUT,
     CTL_OPTS(confirm_opts), .view = &confirmation_view, .run = report_confirm_run},
};
/* clang-format on */

const struct ctl_part part_report = PART(rows);
