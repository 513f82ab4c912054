/* SPDX-License-Identifier: BSD-3-Clause */
/* The audit log: its state, retention, legal holds; the compliance self-test. */
#include "control/ctl/audit.h"
#include "control/ctl/command_rows.h"
#include "control/ctl/probe.h"

static const struct view_column retention_columns[] = {
    {"runs", "runs", CELL_TEXT, NULL},	   {"begun", "begun", CELL_TEXT, NULL},
    {"ended", "ended", CELL_TEXT, NULL},   {"bodies removed", "removed", CELL_TEXT, NULL},
    {"failed", "failed", CELL_TEXT, NULL},
};
static const struct view retention = {VIEW_COLUMNS(retention_columns), .only = true};
static const struct view_column status_columns[] = {
    {"log", "origin", CELL_TEXT, NULL},
    {"key", "key", CELL_TEXT, NULL},
    {"leaves", "leaves", CELL_TEXT, NULL},
    {"durable", "durable", CELL_TEXT, NULL},
    {"published", "published", CELL_TEXT, NULL},
    {"published at", "published_at", CELL_TEXT, NULL},
    {"root", "root", CELL_TEXT, NULL},
    {"trouble", "trouble", CELL_TEXT, NULL},
    {"since", "trouble_since", CELL_TEXT, NULL},
    {"recovered", "recovered", CELL_TEXT, NULL},
    {"indexed", "indexed", CELL_TEXT, NULL},
    {"minimum bundle", "minimum", CELL_TEXT, NULL},
    {"bodies removed", "bodies_removed", CELL_TEXT, NULL},
    {"RETENTION", "retention", CELL_TEXT, &retention},
};
static const struct view status = {VIEW_COLUMNS(status_columns)};
static const struct view rotated = {.done = "signs from the next checkpoint on: {key}", .only = true};
static const struct view reindexed = {
    .done = "{leaves} leaves are to be read; rojactl audit status says how far it is", .only = true};
static const struct view pruned = {.done = "begun; rojactl audit status says what came of it", .only = true};
static const struct view cosigned = {.done = "signatures added to the checkpoint of {size} leaves: {added}",
				     .only = true};
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
static const struct opt probes_opts[] = {NUMBER("order", 'o', "ORDER", INT64_MAX, "This order alone."), LIMIT,
    NUMBER("offset", 0, "N", INT64_MAX, "How many to leave out in front."),
};
static const char *const hold_states[] = {"proposed", "active", "refused", "ended", NULL};
static const struct opt hold_ls[] = {ONE_OF("state", 'S', "STATE", hold_states, "Those in this state alone."), LIMIT, OFFSET};
static const struct opt hold_add[] = {ID("order", "ORDER", "The number of an order (rojactl order ls)."), REASON};
static const struct opt hold_release[] = {ID("hold", "HOLD", "Its number (rojactl hold ls)."), REASON};

static const struct opt cosign[] = {
    {.name = "file", .operand = true, .required = true, .type = OPT_STRING, .arg = "FILE", .to = "",
     .help = "What the witness answered: signature lines, or the whole cosigned checkpoint; \"-\" is standard input."},
    NUMBER("size", 'n', "LEAVES", INT64_MAX, "Of which checkpoint, where it is not the current one."),
    TEXT("key", 'k', "VKEY", "The witness's key, instead of those of audit.witnesses."),
};

static const struct ctl_command rows[] = {
    {.path = "audit status", .method = "audit.status", .role = "viewer", .help = "Say how the log, its index and retention stand.",
     .view = &status},
    {.path = "audit checkpoint", .method = "audit.checkpoint", .role = "viewer",
     .help = "Print the log's last signed checkpoint, for whoever keeps it as a proof.", .run = audit_checkpoint_run},
    {.path = "audit rotate", .method = "audit.rotate", .role = "admin",
     .help = "Make a new key that signs from the next checkpoint on.", .about = "The old one signs for it, and is removed. Tell those who verify the log.",
     .view = &rotated},
    {.path = "audit reindex", .method = "audit.reindex", .role = "admin", .help = "Build the index anew from the log.",
     .about = "Until it is done, rojactl hits and stats lack what is still to be read. Counts by hour of hits whose bodies were removed are taken over.",
     .view = &reindexed},
    {.path = "audit prune", .method = "audit.prune", .role = "admin", .help = "Remove now what the log keeps no longer, as each day.",
     .about = "Bodies go, hashes stay: the log verifies as before. Held orders lose nothing.", .view = &pruned},
    {.path = "audit cosign", .method = "audit.cosign", .role = "operator", .help = "Keep what witnesses have signed of a checkpoint.",
     .about = "Signatures that a witness's key verifies are added to stamps/SIZE.checkpoint in the log's folder.",
     CTL_OPTS(cosign), .view = &cosigned, .run = audit_cosign_run},
    {.path = "hold add", .method = "hold.add", .role = "operator",
     .help = "Propose that what the log says of an order's hits is kept beyond its retention.",
     .about = "It is kept from the proposal on, for 30 days unless another person approves.", CTL_OPTS(hold_add), .view = &proposed},
    {.path = "hold release", .method = "hold.release", .role = "operator", .help = "Propose the end of a hold.",
     CTL_OPTS(hold_release), .view = &proposed},
    {.path = "probe", .method = "probe.run", .role = "operator",
     .help = "Ask every worker of every data plane what it would do with each entry, and with neighbours of it.",
     .about = "The requests are made in memory and are never on the wire. It runs by itself as well, once a version is in force everywhere and "
	      "every probe.every_s. The exit code is 1 where an entry would pass, a neighbour would be blocked, or a data plane did not answer.",
     CTL_OPTS(probe_opts), .job = true, .view = &probes, .run = probe_run},
    {.path = "probes", .method = "probe.list", .role = "viewer", .help = "List the last result of each order on each data plane.",
     CTL_OPTS(probes_opts), .view = &probes},
    {.path = "hold ls", .method = "hold.list", .role = "viewer", .help = "List legal holds.", CTL_OPTS(hold_ls), .view = &holds},
};
/* clang-format on */

const struct ctl_part part_audit = PART(rows);
