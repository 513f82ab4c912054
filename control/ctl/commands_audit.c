/* SPDX-License-Identifier: BSD-3-Clause */
/* The audit log: its state, retention, legal holds. */
#include "control/ctl/command_rows.h"

static const struct view_column hold_columns[] = {
    {"HOLD", "hold", CELL_TEXT, NULL},	   {"STATE", "state", CELL_STATE, NULL},
    {"ORDER", "order", CELL_TEXT, NULL},   {"REFERENCE", "reference", CELL_TEXT, NULL},
    {"REASON", "reason", CELL_TEXT, NULL}, {"BY", "who", CELL_TEXT, NULL},
    {"SINCE", "created", CELL_TEXT, NULL}, {"ENDED", "ended", CELL_TEXT, NULL},
};
static const struct view holds = {.none = "no order is held", VIEW_COLUMNS(hold_columns)};
static const struct view proposed = {
    .done = "proposal {proposal}: another person approves it: rojactl proposal approve {proposal}"};

/* clang-format off */
static const char *const hold_states[] = {"proposed", "active", "refused", "ended", NULL};
static const struct opt hold_ls[] = {ONE_OF("state", 'S', "STATE", hold_states, "Those in this state alone."), LIMIT, OFFSET};
static const struct opt hold_add[] = {ID("order", "ORDER", "The number of an order (rojactl order ls)."), REASON};
static const struct opt hold_release[] = {ID("hold", "HOLD", "Its number (rojactl hold ls)."), REASON};

static const struct ctl_command rows[] = {
    {.path = "hold add", .method = "hold.add", .role = "operator",
     .help = "Propose that what the log says of an order's hits is kept beyond its retention.",
     .about = "It is kept from the proposal on, for 30 days unless another person approves.", CTL_OPTS(hold_add), .view = &proposed},
    {.path = "hold release", .method = "hold.release", .role = "operator", .help = "Propose the end of a hold.",
     CTL_OPTS(hold_release), .view = &proposed},
    {.path = "hold ls", .method = "hold.list", .role = "viewer", .help = "List legal holds.", CTL_OPTS(hold_ls), .view = &holds},
};
/* clang-format on */

const struct ctl_part part_audit = PART(rows);
