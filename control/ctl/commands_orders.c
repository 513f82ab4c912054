/* SPDX-License-Identifier: BSD-3-Clause */
/* Orders and proposals. The options of "order add" are the fields of an order (control/store/order_fields.h). */
#include <string.h>

#include "control/ctl/command_rows.h"
#include "control/ctl/import.h"
#include "control/ctl/reports.h"
#include "control/store/order_fields.h"

enum {
#define X(key, type, required, def, words, help) FIELD_##key,
	ORDER_FIELDS(X)
#undef X
	    FIELDS_N
};
#define OWN_N	  2
#define NAME_MAX_ 24
#define WORDS_MAX 8

static const struct {
	const char *key, *words, *help;
	enum order_type type;
	bool required;
} fields[] = {
#define X(key, type, required, def, words, help) {#key, words, help, ORDER_##type, required},
    ORDER_FIELDS(X)
#undef X
};

/* clang-format off */
static struct opt order_add[FIELDS_N + OWN_N] = {
    [FIELDS_N] = {.name = "list", .type = OPT_LIST, .arg = "NAME=FILE", .to = "",
     .help = "Give the order a list of this name, and import this file into it; \"-\" is standard input. Can be given several times."},
    [FIELDS_N + 1] = {.name = "format", .letter = 'f', .type = OPT_STRING, .arg = "FORMAT", .to = "",
     .help = "The format of those files; plain by default."},
};
/* clang-format on */

static struct field_place {
	char name[NAME_MAX_], help[128], words_text[64];
	const char *words[WORDS_MAX + 1];
} places[FIELDS_N];

static const char *const yes_no[] = {"no", "yes", NULL};

static void split_words(struct field_place *p, const char *words)
{
	unsigned n = 0;
	snprintf(p->words_text, sizeof(p->words_text), "%s", words);
	for (char *at = p->words_text, *word; n < WORDS_MAX && (word = strsep(&at, " ")); n++)
		p->words[n] = word;
}

static void fill_help(struct field_place *p, const char *help, const char *words)
{
	snprintf(p->help, sizeof(p->help), "%s%s%s%s.", help, words ? " (" : "", words ? words : "",
		 words ? ")" : "");
	if (p->help[0] >= 'a' && p->help[0] <= 'z' && !strchr(",:", p->help[strcspn(p->help, " ,:")]))
		p->help[0] = (char)(p->help[0] - 'a' + 'A');
}

void orders_init(void)
{
	for (unsigned i = 0; i < FIELDS_N; i++) {
		struct field_place *p = &places[i];
		struct opt *o = &order_add[i];
		snprintf(p->name, sizeof(p->name), "%s", fields[i].key);
		for (char *c = p->name; *c; c++)
			*c = *c == '_' ? '-' : *c;
		fill_help(p, fields[i].help, fields[i].words);
		*o = (struct opt){.name = p->name,
				  .required = fields[i].required,
				  .type = OPT_STRING,
				  .arg = "TEXT",
				  .help = p->help};
		if (fields[i].type == ORDER_TIME) {
			o->arg = "TIME";
		} else if (fields[i].type == ORDER_SECONDS) {
			o->type = OPT_U64;
			o->max = 86400;
			o->arg = "SECONDS";
		} else if (fields[i].type == ORDER_FLAG) {
			o->type = OPT_ENUM;
			o->values = yes_no;
			o->arg = "YES-OR-NO";
		} else if (fields[i].words) {
			split_words(p, fields[i].words);
			o->type = OPT_ENUM;
			o->values = p->words;
			o->arg = "WORD";
		}
	}
}

static const struct view_column proposal_columns[] = {
    {"PROPOSAL", "proposal", CELL_TEXT, NULL},
    {"STATE", "state", CELL_STATE, NULL},
    {"KIND", "kind", CELL_TEXT, NULL},
    {"ORDER", "order", CELL_TEXT, NULL},
    {"WHAT", "text", CELL_TEXT, NULL},
    {"REASON", "reason", CELL_TEXT, NULL},
    {"BY", "who", CELL_TEXT, NULL},
    {"SINCE", "created", CELL_TEXT, NULL},
    {"DECIDED BY", "decided_who", CELL_TEXT, NULL},
};
static const struct view proposals = {.none = "nothing was proposed", VIEW_COLUMNS(proposal_columns)};

static const struct view_column order_columns[] = {
    {"ORDER", "order", CELL_TEXT, NULL},	 {"STATE", "state", CELL_STATE, NULL},
    {"AUTHORITY", "authority", CELL_TEXT, NULL}, {"REFERENCE", "reference", CELL_TEXT, NULL},
    {"CATEGORY", "category", CELL_TEXT, NULL},	 {"EXPIRES", "expires", CELL_TEXT, NULL},
    {"ENTRIES", "entries", CELL_TEXT, NULL},	 {"MODE", "mode", CELL_STATE, NULL},
    {"TITLE", "title", CELL_TEXT, NULL},
};
static const struct view orders = {.none = "there is no order", VIEW_COLUMNS(order_columns)};

static const struct view_column time_columns[] = {
    {"DATA PLANE", "dataplane", CELL_TEXT, NULL},
    {"VERSION", "version", CELL_TEXT, NULL},
    {"COMPILED", "compiled", CELL_TEXT, NULL},
    {"ENFORCED", "enforced", CELL_TEXT, NULL},
    {"AFTER APPROVAL", "after_approval_s", CELL_SECONDS, NULL},
    {"RELEASED", "released", CELL_TEXT, NULL},
};
static const struct view times = {.none = "enforced nowhere yet", VIEW_COLUMNS(time_columns)};

static const struct view_column order_list_columns[] = {
    {"LIST", "name", CELL_TEXT, NULL},
    {"NUMBER", "list", CELL_TEXT, NULL},
    {"STATE", "state", CELL_STATE, NULL},
    {"FORMAT", "format", CELL_TEXT, NULL},
    {"IMPORT", "active_import", CELL_TEXT, NULL},
    {"ENTRIES", "entries", CELL_TEXT, NULL},
};
static const struct view order_lists = {.none = "no list", VIEW_COLUMNS(order_list_columns)};

static const struct view_column order_show_columns[] = {
    {"order", "order", CELL_TEXT, NULL},	 {"state", "state", CELL_STATE, NULL},
    {"title", "title", CELL_TEXT, NULL},	 {"authority", "authority", CELL_TEXT, NULL},
    {"reference", "reference", CELL_TEXT, NULL}, {"legal basis", "legal_basis", CELL_TEXT, NULL},
    {"category", "category", CELL_TEXT, NULL},	 {"received", "received", CELL_TEXT, NULL},
    {"approved", "approved", CELL_TEXT, NULL},	 {"approved by", "approved_who", CELL_TEXT, NULL},
    {"starts", "starts", CELL_TEXT, NULL},	 {"expires", "expires", CELL_TEXT, NULL},
    {"deadline", "deadline", CELL_TEXT, NULL},	 {"mode", "mode", CELL_STATE, NULL},
    {"precision", "precision", CELL_TEXT, NULL}, {"confidential", "confidential", CELL_TEXT, NULL},
    {"LISTS", "lists", CELL_TEXT, &order_lists}, {"PROPOSALS", "proposals", CELL_TEXT, &proposals},
    {"TIMES", "times", CELL_TEXT, &times},
};
static const struct view order_shown = {VIEW_COLUMNS(order_show_columns)};

static const struct view proposed = {
    .done = "proposal {proposal}: another person approves it: rojactl proposal approve {proposal}"};
/* clang-format off */
static const char *const order_states[] = {"proposed", "approved", "refused", "revoked", "expired", NULL};
static const char *const proposal_states[] = {"open", "approved", "refused", "withdrawn", NULL};
#define ORDER    ID("order", "ORDER", "The number of an order (rojactl order ls).")
#define PROPOSAL ID("proposal", "PROPOSAL", "The number of a proposal (rojactl proposal ls).")
static const struct opt order_one[] = {ORDER};
static const struct opt order_ls[] = {ONE_OF("state", 'S', "STATE", order_states, "Those in this state alone."), LIMIT, OFFSET};
static const struct opt order_note[] = {ORDER, NOTE};
static const struct opt order_reason[] = {ORDER, REASON};
static const struct opt order_review[] = {ORDER, TEXT_NEEDED("note", 'n', "TEXT", "What the review found.")};
static const struct opt proposal_one[] = {PROPOSAL};
static const struct opt proposal_ls[] = {ONE_OF("state", 'S', "STATE", proposal_states, "Those in this state alone."), LIMIT, OFFSET};
static const struct opt proposal_note[] = {PROPOSAL, NOTE};
static const struct opt proposal_reason[] = {PROPOSAL, REASON};

static const struct ctl_command order_rows[] = {
    {.path = "order add", .method = "order.add", .role = "operator", .help = "Propose an order, with its lists if you like.",
     .about = "Nothing is enforced until another person approves it. Times are in UTC: 2026-11-26 (its first second), "
	      "2026-11-26T06:00, 2026-11-26T06:00+01:00, now, or +90d from now.",
     CTL_OPTS(order_add), .run = order_add_run},
    {.path = "order ls", .method = "order.list", .role = "viewer", .help = "List orders.", CTL_OPTS(order_ls), .view = &orders},
    {.path = "order show", .method = "order.show", .role = "viewer",
     .help = "Say all about an order: fields, lists, proposals, and when it was enforced on which data plane.",
     CTL_OPTS(order_one), .view = &order_shown},
    {.path = "order approve", .method = "order.approve", .role = "approver",
     .help = "Approve what is proposed about an order: itself, its lists and their imports.", CTL_OPTS(order_note)},
    {.path = "order refuse", .method = "order.refuse", .role = "approver", .help = "Refuse what is proposed about an order.",
     CTL_OPTS(order_reason)},
    {.path = "order revoke", .method = "order.revoke", .role = "operator", .help = "Propose the end of an order.",
     CTL_OPTS(order_reason), .view = &proposed},
    {.path = "order confirm", .method = "order.confirm", .role = "operator",
     .help = "The same as rojactl report confirm.", .about = CONFIRM_ABOUT, CTL_OPTS(confirm_opts), .view = &confirmation_view,
     .run = report_confirm_run},
    {.path = "order review", .method = "order.review", .role = "operator", .help = "Record the yearly review of an order.",
     CTL_OPTS(order_review)},
};

static const struct ctl_command proposal_rows[] = {
    {.path = "proposal ls", .method = "proposal.list", .role = "viewer", .help = "List proposals.", CTL_OPTS(proposal_ls),
     .view = &proposals},
    {.path = "proposal show", .method = "proposal.show", .role = "viewer", .help = "Say all about a proposal.", CTL_OPTS(proposal_one)},
    {.path = "proposal approve", .method = "proposal.approve", .role = "approver", .help = "Approve another person's proposal.",
     CTL_OPTS(proposal_note)},
    {.path = "proposal refuse", .method = "proposal.refuse", .role = "approver", .help = "Refuse another person's proposal.",
     CTL_OPTS(proposal_reason)},
    {.path = "proposal withdraw", .method = "proposal.withdraw", .role = "operator", .help = "Take your own proposal back.",
     CTL_OPTS(proposal_one)},
};
/* clang-format on */

const struct ctl_part part_orders = PART(order_rows);
const struct ctl_part part_proposals = PART(proposal_rows);
