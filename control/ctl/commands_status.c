/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/command_rows.h"

static const struct view_column dataplane_columns[] = {
    {"DATA PLANE", "name", CELL_TEXT, NULL},	{"CONNECTED", "connected", CELL_STATE, NULL},
    {"VERSION", "version", CELL_TEXT, NULL},	{"ACKNOWLEDGED", "acked", CELL_TEXT, NULL},
    {"BEHIND", "behind_s", CELL_SECONDS, NULL}, {"WHY", "why", CELL_TEXT, NULL},
};
static const struct view dataplanes = {.none = "no data plane is configured",
				       VIEW_COLUMNS(dataplane_columns)};

static const struct view_column whoami_columns[] = {
    {"user", "user", CELL_TEXT, NULL},
    {"uid", "uid", CELL_TEXT, NULL},
    {"roles", "roles", CELL_TEXT, NULL},
};
static const struct view whoami = {VIEW_COLUMNS(whoami_columns)};

static const struct view_column stop_columns[] = {
    {"STOP", "stop", CELL_TEXT, NULL},
    {"WHAT", "what", CELL_TEXT, NULL},
    {"ORDER", "order", CELL_TEXT, NULL},
    {"LIST", "list", CELL_TEXT, NULL},
    {"SINCE", "created", CELL_TEXT, NULL},
    {"BY", "who", CELL_TEXT, NULL},
    {"CONFIRM BY", "confirm_by", CELL_TEXT, NULL},
    {"CONFIRMED", "confirmed", CELL_TEXT, NULL},
    {"ENDED", "ended", CELL_TEXT, NULL},
    {"REASON", "reason", CELL_TEXT, NULL},
};
static const struct view stops = {.none = "nothing is stopped", VIEW_COLUMNS(stop_columns)};

static const struct view_column status_columns[] = {
    {"daemon", "name", CELL_TEXT, NULL},	{"release", "version", CELL_TEXT, NULL},
    {"process", "pid", CELL_TEXT, NULL},	{"up", "uptime_s", CELL_SECONDS, NULL},
    {"active", "active", CELL_TEXT, NULL},	{"pending", "pending", CELL_TEXT, NULL},
    {"orders", "orders", CELL_TEXT, NULL},	{"proposals", "proposals_open", CELL_TEXT, NULL},
    {"alarms", "alarms_open", CELL_TEXT, NULL}, {"data planes", "dataplanes", CELL_TEXT, &dataplanes},
    {"STOPPED", "stops", CELL_TEXT, &stops},
};
static const struct view status = {VIEW_COLUMNS(status_columns)};

static const struct view_column version_columns[] = {
    {"VERSION", "version", CELL_TEXT, NULL},  {"ACTIVE", "active", CELL_STATE, NULL},
    {"COMPILED", "created", CELL_TEXT, NULL}, {"ACTIVATED", "activated", CELL_TEXT, NULL},
    {"RULES", "rules", CELL_TEXT, NULL},      {"BYTES", "bytes", CELL_BYTES, NULL},
    {"WHY", "why", CELL_TEXT, NULL},
};
static const struct view versions = {.none = "nothing was compiled yet", VIEW_COLUMNS(version_columns)};
static const struct view stop_added = {
    .done =
	"stop {stop} is in effect: what it concerns passes. A second person confirms it in time, or it ends: "
	"rojactl stop confirm {stop}"};

/* clang-format off */
static const char *const stop_whats[] = {"all", "list", "order", NULL};
static const struct opt stop_add[] = {
    CHOICE("what", "WHAT", stop_whats, "all, list or order."),
    TEXT("list", 'L', "LIST", "Which list."),
    NUMBER("order", 'o', "ORDER", INT64_MAX, "Which order."),
    REASON,
};
static const struct opt stop_one[] = {ID("stop", "STOP", "The number of a stop (rojactl stop ls).")};
static const struct opt stop_end[] = {ID("stop", "STOP", "The number of a stop."), TEXT("reason", 'r', "TEXT", "Why; the journal keeps it.")};
static const struct opt page[] = {LIMIT, OFFSET};
static const struct opt version_one[] = {ID("version", "VERSION", "The number of a version (rojactl version ls).")};
static const struct opt version_rollback[] = {ID("version", "VERSION", "The version to go back to."), REASON};
static const struct opt job_one[] = {ID("job", "JOB", "What a command with --no-wait said.")};

static const struct ctl_command rows[] = {
    {.path = "status", .method = "status", .role = "viewer", .help = "Say what is enforced where, and what waits for somebody.",
     .view = &status},
    {.path = "whoami", .method = "whoami", .role = "viewer", .help = "Say who roja-control takes you for, and which roles you have.",
     .view = &whoami},
    {.path = "reload", .method = "reload", .role = "admin", .help = "Read the guard list's files again.",
     .about = "Where they are wrong the old ones stay, and the message says which line."},
};

static const struct ctl_command stop_rows[] = {
    {.path = "stop add", .method = "stop.add", .role = "operator", .help = "Stop blocking at once, for all, a list or an order.",
     .about = "Recorded, and raised as an alarm.", CTL_OPTS(stop_add), .view = &stop_added},
    {.path = "stop confirm", .method = "stop.confirm", .role = "approver", .help = "Confirm another person's stop, so that it stays.",
     CTL_OPTS(stop_one)},
    {.path = "stop end", .method = "stop.end", .role = "operator", .help = "End a stop: what was ordered is blocked again.",
     CTL_OPTS(stop_end)},
    {.path = "stop ls", .method = "stop.list", .role = "viewer", .help = "List stops.", CTL_OPTS(page), .view = &stops},
    {.path = "version ls", .method = "version.list", .role = "viewer", .help = "List versions, the newest first.",
     CTL_OPTS(page), .view = &versions},
    {.path = "version show", .method = "version.show", .role = "viewer", .help = "Say what a version holds, and when it was enforced where.",
     CTL_OPTS(version_one)},
    {.path = "version rollback", .method = "version.rollback", .role = "operator", .help = "Go back to an earlier version.",
     .about = "Recorded, and raised as an alarm that a second person acknowledges.", CTL_OPTS(version_rollback), .job = true},
    {.path = "job", .method = "job.show", .role = "viewer", .help = "Say what became of work that was not waited for.",
     CTL_OPTS(job_one)},
};
/* clang-format on */

const struct ctl_part part_status = PART(rows);
const struct ctl_part part_stops = PART(stop_rows);
