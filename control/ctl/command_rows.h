/* SPDX-License-Identifier: BSD-3-Clause */
/* command_rows: words that the tables of commands are written in. */
#ifndef CONTROL_CTL_COMMAND_ROWS_H
#define CONTROL_CTL_COMMAND_ROWS_H

#include <stdint.h>

#include "control/ctl/command.h"

/* clang-format off */
#define ID(name_, arg_, help_) \
	{.name = name_, .operand = true, .required = true, .type = OPT_U64, .arg = arg_, .min = 1, .max = INT64_MAX, .help = help_}
#define WORD(name_, arg_, help_) \
	{.name = name_, .operand = true, .required = true, .type = OPT_STRING, .arg = arg_, .help = help_}
#define CHOICE(name_, arg_, values_, help_) \
	{.name = name_, .operand = true, .required = true, .type = OPT_ENUM, .arg = arg_, .values = values_, .help = help_}
#define TEXT(name_, letter_, arg_, help_) \
	{.name = name_, .letter = letter_, .type = OPT_STRING, .arg = arg_, .help = help_}
#define TEXT_NEEDED(name_, letter_, arg_, help_) \
	{.name = name_, .letter = letter_, .required = true, .type = OPT_STRING, .arg = arg_, .help = help_}
#define NUMBER(name_, letter_, arg_, max_, help_) \
	{.name = name_, .letter = letter_, .type = OPT_U64, .arg = arg_, .max = max_, .help = help_}
#define ONE_OF(name_, letter_, arg_, values_, help_) \
	{.name = name_, .letter = letter_, .type = OPT_ENUM, .arg = arg_, .values = values_, .help = help_}
#define REASON    TEXT_NEEDED("reason", 'r', "TEXT", "Why; the journal keeps it.")
#define NOTE      TEXT("note", 'n', "TEXT", "What is to be remembered of the decision.")
#define LIMIT     NUMBER("limit", 'l', "N", 10000, "How many at most.")
#define OFFSET    NUMBER("offset", 'o', "N", INT64_MAX, "How many to leave out in front.")
#define AFTER     NUMBER("after", 'a', "N", INT64_MAX, "Those behind this number alone.")
/* clang-format on */

struct ctl_part {
	const struct ctl_command *rows;
	unsigned n;
};

#define PART(array)                                   \
	{                                             \
		array, sizeof(array) / sizeof(*array) \
	}

extern const struct ctl_part part_status, part_stops, part_orders, part_proposals, part_lists, part_exempt,
    part_look, part_audit, part_report, part_dataplane, part_tools;

/* Of "report confirm", which "order confirm" is, too. */
#define CONFIRM_OPTS_N 4
#define CONFIRM_ABOUT                                                                                           \
	"It is a letter in English and Albanian: where the order is in force and since when, how many entries " \
	"are enforced and how many are not and why, and the checkpoint of the log by which it can be checked. " \
	"It holds no entry."
extern const struct opt confirm_opts[CONFIRM_OPTS_N];
extern const struct view confirmation_view;
/* Rows that come from other tables; once, before any other use. */
void orders_init(void);

#endif
