/* SPDX-License-Identifier: BSD-3-Clause */
/* The audit log: its state, retention, legal holds; the compliance self-test. */
#include "control/ctl/command_rows.h"
#include "control/ctl/probe.h"

static const struct view_column hold_columns[] = {
    {"HOLD", "hold", CELL_TEXT, NULL},	   {"STATE", "state", CELL_STATE, NULL},
    {"ORDER", "order", CELL_TEXT, NULL},   {"REFERENCE", "reference", CELL_TEXT, NULL},
    {"REASON", "reason", CELL_TEXT, NULL}, {"BY", "who", CELL_TEXT, NULL},
    {"SINCE", "created", CELL_TEXT, NULL}, {"ENDED", "ended", CELL_TEXT, NULL},
};
static const struct view holds = {.none = "no order is held", VIEW_COLUMNS(hold_columns)};
static const struct view proposed = {
    .done = "proposal {proposal}: another person approves it: rojactl proposal approve {proposal}"};

static const struct view_column probe_columns[] = {
    {"ORDER", "order", CELL_TEXT, NULL},
    {"REFERENCE", "reference", CELL_TEXT, NULL},
    {"DATA PLANE", "dataplane", CELL_TEXT, NULL},
    {"PROBED", "time", CELL_TEXT, NULL},
    {"VERSION", "version", CELL_TEXT, NULL},
    {"WORKERS", "workers", CELL_TEXT, NULL},
    {"ENFORCED", "enforced", CELL_TEXT, NULL},
    {"MISSED", "missed", CELL_TEXT, NULL},
    {"UNENFORCEABLE", "unenforceable", CELL_TEXT, NULL},
    {"NEIGHBOURS", "neighbours", CELL_TEXT, NULL},
    {"HARMED", "harmed", CELL_TEXT, NULL},
    {"WHY", "text", CELL_TEXT, NULL},
};
static const struct view probes = {.none = "nothing was probed", VIEW_COLUMNS(probe_columns)};

/* clang-format off */
static const struct opt probe_opts[] = {
    NUMBER("order", 'o', "ORDER", INT64_MAX, "This order alone; without it, all that are in force."),
};
static const struct opt probes_opts[] = {NUMBER("order", 'o', "ORDER", INT64_MAX, "This order alone."), LIMIT, OFFSET};
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
    {.path = "probe", .method = "probe.run", .role = "operator",
     .help = "Ask every worker of every data plane what it would do with each entry, and with neighbours of it.",
     .about = "The requests are made in memory and are never on the wire. It runs by itself as well, once a version is in force everywhere and "
	      "every probe.every_s. The exit code is 1 where an entry would pass, a neighbour would be blocked, or a data plane did not answer.",
     CTL_OPTS(probe_opts), .view = &probes, .run = probe_run},
    {.path = "probes", .method = "probe.list", .role = "viewer", .help = "List the last result of each order on each data plane.",
     CTL_OPTS(probes_opts), .view = &probes},
    {.path = "hold ls", .method = "hold.list", .role = "viewer", .help = "List legal holds.", CTL_OPTS(hold_ls), .view = &holds},
};
/* clang-format on */

const struct ctl_part part_audit = PART(rows);
