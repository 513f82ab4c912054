/* SPDX-License-Identifier: BSD-3-Clause */
/* What was hit and why, alarms, appeals, the journal; and the data plane's own commands. */
#include "common/opt_complete.h"
#include "control/config.h"
#include "control/ctl/command_rows.h"
#include "control/ctl/dataplane.h"
#include "control/ctl/hits.h"
#include "control/ctl/tools.h"
#include "control/ctl/why.h"

static const struct view why = {.print = why_print};

static const struct view_column hit_columns[] = {
    {"TIME", "time", CELL_TEXT, NULL},
    {"HIT", "hit", CELL_TEXT, NULL},
    {"DATA PLANE", "dataplane", CELL_TEXT, NULL},
    {"ORDER", "order", CELL_TEXT, NULL},
    {"REFERENCE", "reference", CELL_TEXT, NULL},
    {"LIST", "list", CELL_TEXT, NULL},
    {"LINE", "line", CELL_TEXT, NULL},
    {"PROTOCOL", "protocol", CELL_TEXT, NULL},
    {"ACTION", "action", CELL_TEXT, NULL},
    {"HITS", "hits", CELL_TEXT, NULL},
    {"VERSION", "version", CELL_TEXT, NULL},
};
static const struct view hits = {.none = "no hit", VIEW_COLUMNS(hit_columns)};
static const struct view_column alarm_columns[] = {
    {"ALARM", "alarm", CELL_TEXT, NULL},       {"KIND", "kind", CELL_TEXT, NULL},
    {"SINCE", "raised", CELL_TEXT, NULL},      {"TIMES", "times", CELL_TEXT, NULL},
    {"WHAT", "text", CELL_TEXT, NULL},	       {"CLEARED", "cleared", CELL_TEXT, NULL},
    {"SEEN BY", "acked_who", CELL_TEXT, NULL}, {"NOTE", "note", CELL_TEXT, NULL},
};
static const struct view alarms = {.none = "no alarm", VIEW_COLUMNS(alarm_columns)};
static const struct view_column appeal_columns[] = {
    {"APPEAL", "appeal", CELL_TEXT, NULL},     {"TICKET", "ticket", CELL_TEXT, NULL},
    {"STATE", "state", CELL_STATE, NULL},      {"RECEIVED", "created", CELL_TEXT, NULL},
    {"DEADLINE", "deadline", CELL_TEXT, NULL}, {"ORDER", "order", CELL_TEXT, NULL},
    {"SUBJECT", "subject", CELL_TEXT, NULL},
};
static const struct view appeals = {.none = "no appeal", VIEW_COLUMNS(appeal_columns)};
static const struct view_column journal_columns[] = {
    {"TIME", "time", CELL_TEXT, NULL},	     {"ROW", "id", CELL_TEXT, NULL},
    {"WHO", "who", CELL_TEXT, NULL},	     {"ACT", "act", CELL_TEXT, NULL},
    {"SUBJECT", "subject", CELL_TEXT, NULL}, {"OUTCOME", "outcome", CELL_STATE, NULL},
    {"TEXT", "text", CELL_TEXT, NULL},
};
static const struct view journal = {.none = "the journal is empty", VIEW_COLUMNS(journal_columns)};
static const struct view_column dataplane_columns[] = {
    {"DATA PLANE", "name", CELL_TEXT, NULL},	  {"SOCKET", "socket", CELL_TEXT, NULL},
    {"CONNECTED", "connected", CELL_STATE, NULL}, {"VERSION", "version", CELL_TEXT, NULL},
    {"ACKNOWLEDGED", "acked", CELL_TEXT, NULL},	  {"WHY", "why", CELL_TEXT, NULL},
};
static const struct view dataplanes = {.none = "no data plane is configured",
				       VIEW_COLUMNS(dataplane_columns)};
static const struct view dataplane_status = {.print = dataplane_print_status};
static const struct view dataplane_workers = {.print = dataplane_print_workers};
static const struct view dataplane_ports = {.print = dataplane_print_ports};
static const struct view dataplane_blocks = {.print = dataplane_print_blocks};
static const struct view dataplane_unblock = {.done = "Addresses that are no longer blocked: {removed}.",
					      .only = true};
static const struct view dataplane_counters = {.print = dataplane_print_counters};

/* clang-format off */
static const char *const alarm_states[] = {"open", "acked", "cleared", "all", NULL};
static const char *const outcomes[] = {"upheld", "rejected", NULL};
static const struct opt why_one[] = {WORD("subject", "NAME-OR-URL", "A host name, address or URL.")};
static const struct opt hits_rows[] = {
    {.name = "follow", .letter = 'f', .type = OPT_FLAG, .to = "", .help = "Go on with those that come, until Ctrl-C."},
    AFTER,
    NUMBER("order", 'o', "ORDER", INT64_MAX, "Those of this order alone."),
    TEXT("authority", 'A', "NAME", "Those of orders of this authority alone."),
    TEXT("category", 'c', "WORD", "Those of orders of this category alone."),
    TEXT("from", 'F', "TIME", "Since then: 2026-11-26, or 2026-11-26T06:00:00Z."),
    TEXT("to", 'T', "TIME", "Before then."),
    TEXT("action", 'x', "WORD", "Where this was done: drop, reset, page ..."),
    TEXT("node", 'd', "NAME", "At this data plane."),
    LIMIT,
};
static const char *const stats_bys[] = {"order", "authority", "category", "list", "protocol", "action", NULL};
static const struct opt stats_rows[] = {
    ONE_OF("by", 'b', "WHAT", stats_bys, "What to count by; the order by default."),
    NUMBER("days", 'd', "N", 3660, "Of how many days; 30 by default."),
    LIMIT, OFFSET,
};
static const char *const appeal_states[] = {"open", "upheld", "rejected", NULL};
static const struct opt appeal_ls[] = {ONE_OF("state", 'S', "STATE", appeal_states, "Those in this state alone."), LIMIT, OFFSET};
static const struct opt alarm_ls[] = {ONE_OF("state", 'S', "STATE", alarm_states, "Those in this state; open by default."), LIMIT, OFFSET};
static const struct opt alarm_ack[] = {ID("alarm", "ALARM", "Its number (rojactl alarm ls)."), NOTE};
static const struct opt appeal_one[] = {ID("appeal", "APPEAL", "Its number (rojactl appeal ls).")};
static const struct opt appeal_add[] = {
    WORD("subject", "NAME-OR-URL", "What is blocked."),
    TEXT_NEEDED("text", 'x', "TEXT", "What the appeal says."),
    TEXT("contact", 'c', "TEXT", "Whom to answer."),
    TEXT("rule", 0, "NUMBER", "The number on the block page, 16 hexadecimal digits."),
};
static const struct opt appeal_decide[] = {
    ID("appeal", "APPEAL", "Its number."),
    CHOICE("outcome", "OUTCOME", outcomes, "upheld (the block was wrong) or rejected."),
    TEXT_NEEDED("note", 'n', "TEXT", "Why; the answer to whoever appealed."),
};
static const struct opt journal_rows[] = {AFTER, LIMIT};

static const struct ctl_command rows[] = {
    {.path = "why", .method = "why", .role = "viewer",
     .help = "Say what happens to a name, address or URL here and now: by which rule, order and version.",
     .about = "It asks the daemon about what is active; rojactl test asks a compiled file.", CTL_OPTS(why_one), .is_secret = true,
     .view = &why},
    {.path = "hits", .method = "hits.list", .role = "viewer", .help = "List what was blocked, by order, list and line.",
     .about = "From the log. A hit names neither who asked nor what for; an order that keeps counts alone has a row a minute.", CTL_OPTS(hits_rows), .view = &hits, .run = hits_run},
    {.path = "stats", .method = "stats", .role = "viewer", .help = "Count hits.", CTL_OPTS(stats_rows)},
    {.path = "alarm ls", .method = "alarm.list", .role = "viewer", .help = "List alarms.", CTL_OPTS(alarm_ls), .view = &alarms},
    {.path = "alarm ack", .method = "alarm.ack", .role = "operator", .help = "Say that you have seen an alarm.", CTL_OPTS(alarm_ack)},
    {.path = "appeal ls", .method = "appeal.list", .role = "viewer", .help = "List appeals.", CTL_OPTS(appeal_ls), .view = &appeals},
    {.path = "appeal show", .method = "appeal.show", .role = "viewer", .help = "Say all about an appeal.", CTL_OPTS(appeal_one)},
    {.path = "appeal add", .method = "appeal.add", .role = "operator", .help = "Record an appeal that came by letter or telephone.",
     CTL_OPTS(appeal_add), .is_secret = true},
    {.path = "appeal decide", .method = "appeal.decide", .role = "approver", .help = "Decide an appeal.", CTL_OPTS(appeal_decide)},
    {.path = "journal", .method = "journal.list", .role = "auditor", .help = "List who did what, and what was refused.",
     CTL_OPTS(journal_rows), .view = &journal},
};

static const struct opt blocks_from[] = {
    NUMBER("from", 'f', "N", INT32_MAX, "Go on where the last answer says \"next\".")};
static const struct opt unblock_one[] = {
    {.name = "address", .operand = true, .type = OPT_STRING, .arg = "ADDRESS", .help = "Which; without it, all of them."}};

static const struct ctl_command dataplane_rows[] = {
    {.path = "dataplane ls", .method = "dataplane.list", .role = "viewer", .help = "List the data planes and how far each has come.",
     .view = &dataplanes},
    {.path = "dataplane status", .method = "status", .daemon = CTL_DATAPLANE, .help = "Say what runs, since when, and by which ruleset.",
     .about = "Also how long ports went unwatched, and whether packet buffers and event rings are in order.",
     .view = &dataplane_status},
    {.path = "dataplane workers", .method = "workers", .daemon = CTL_DATAPLANE, .help = "Say what each worker has done since the start.",
     .about = "A row a figure, a column a worker; docs/control-socket.md says what the figures mean.", .all = true,
     .view = &dataplane_workers},
    {.path = "dataplane ports", .method = "ports", .daemon = CTL_DATAPLANE,
     .help = "Say what each port has carried, and what the kernel beneath it did.",
     .about = "A row a figure, a column a port; docs/control-socket.md says what the figures mean.", .all = true,
     .view = &dataplane_ports},
    {.path = "dataplane counters", .method = "counters", .daemon = CTL_DATAPLANE,
     .help = "Say what the pipelines have counted since the start.",
     .about = "In all, and by worker; docs/counters.md says what the counters mean.", .all = true, .view = &dataplane_counters},
    {.path = "dataplane blocks", .method = "blocks.list", .daemon = CTL_DATAPLANE,
     .help = "List the addresses that hits have blocked for a time.",
     .about = "Their orders say so (block_server_s). LIST is the list's place in the ruleset of that moment.",
     CTL_OPTS(blocks_from), .view = &dataplane_blocks},
    {.path = "dataplane unblock", .method = "blocks.remove", .daemon = CTL_DATAPLANE,
     .help = "Let an address go that is blocked for a time.", .about = "A next hit blocks it again.",
     CTL_OPTS(unblock_one), .is_secret = true, .view = &dataplane_unblock},
    {.path = "dataplane load", .help = "Give the daemon a ruleset.", .program = &dataplane_load_program, .local = dataplane_load},
    {.path = "dataplane events", .help = "Print the events that wait in its rings.", .program = &dataplane_events_program,
     .local = dataplane_events},
};

static const struct opt completion_rows[] = {CHOICE("shell", "SHELL", opt_shells, "bash, zsh or fish.")};
static const struct opt config_check[] = {
    {.name = "file", .operand = true, .type = OPT_STRING, .arg = "FILE",
     .help = "The file; " CONTROL_CONFIG_FILE " by default."},
    {.name = "dataplane", .letter = 'd', .type = OPT_FLAG, .help = "It is a configuration of roja-dataplane."},
};

static const struct ctl_command tool_rows[] = {
    {.path = "config check", .plain = true, .help = "Check a configuration file of roja-control.",
     .about = "By the daemon's own program, which says file, line and key of what is wrong.", CTL_OPTS(config_check),
     .run = config_check_run},
    {.path = "test", .help = "Say what a compiled ruleset does with names, URLs and addresses, and why.", .is_secret = true,
     .program = &ctl_test_program, .local = ctl_test},
    {.path = "compile", .help = "Compile lists into a ruleset and report on every entry.", .program = &ctl_compile_program,
     .local = ctl_compile},
    {.path = "top", .help = "Watch the data plane at work.", .program = &ctl_top_program, .local = ctl_top},
    {.path = "completion", .plain = true, .help = "Print the script by which a shell completes rojactl's words.",
     .about = "Of bash: source <(rojactl completion bash). Of zsh, in a folder of fpath: rojactl completion zsh > _rojactl. "
	      "Of fish: rojactl completion fish | source.",
     CTL_OPTS(completion_rows), .run = completion_run},
    {.path = "shell", .plain = true, .help = "Read commands, with completion and a history: what rojactl does without arguments.",
     .about = "Words are quoted as in sh. The history is ~/.local/state/roja/history; it keeps no argument that can be an entry of a list.",
     .run = shell_run},
};
/* clang-format on */

const struct ctl_part part_look = PART(rows);
const struct ctl_part part_dataplane = PART(dataplane_rows);
const struct ctl_part part_tools = PART(tool_rows);
