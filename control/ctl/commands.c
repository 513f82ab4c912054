/* SPDX-License-Identifier: BSD-3-Clause */
/* The one table, and how its rows are found. */
#include <string.h>

#include "control/ctl/command_rows.h"

static const struct ctl_part *const parts[] = {
    &part_status, &part_orders, &part_proposals, &part_lists,	  &part_exempt, &part_stops,
    &part_look,	  &part_audit,	&part_report,	 &part_dataplane, &part_tools,
};
#define PARTS_N (sizeof(parts) / sizeof(*parts))

/* clang-format off */
static const struct ctl_group groups[] = {
    {"order", "Works with orders: what an authority has asked for, on which legal basis, from when until when."},
    {"proposal", "Decides what others have proposed. Nobody decides what they proposed themselves, whatever their roles."},
    {"list", "Works with the lists of orders: where they come from, what they said when, and what of it is enforced."},
    {"rule", "Changes a list that is kept by hand, an entry at a time. Each change is an import that a second person approves."},
    {"exception", "Keeps things from ever being blocked, whatever the lists say."},
    {"override", "Lets an entry be blocked that the guard list holds, with a written assessment."},
    {"stop", "Ends blocking at once, for all, a list or an order. One person does it, a second one confirms it in time."},
    {"version", "Looks at the versions that were compiled, and goes back to an earlier one."},
    {"dataplane", "Asks the daemon roja-dataplane on its control socket; \"ls\" asks roja-control about all of them."},
    {"alarm", "Looks at what needs somebody, and says that somebody saw it."},
    {"audit", "Looks after the audit log: its signed checkpoints, its key, its index, and what it keeps no longer."},
    {"hold", "Works with legal holds: what the log says of an order's hits is kept, whatever their retention."},
    {"appeal", "Works with appeals against blocks."},
    {"report", "Writes what authorities, the public and inspectors are told. No report holds an entry of a list."},
    {"config", "Works with configuration files."},
};
/* clang-format on */

const struct ctl_command *command_at(unsigned i)
{
	static bool ready;
	if (!ready)
		orders_init();
	ready = true;
	for (unsigned p = 0; p < PARTS_N; i -= parts[p++]->n)
		if (i < parts[p]->n)
			return &parts[p]->rows[i];
	return NULL;
}

size_t command_first(const struct ctl_command *c)
{
	return strcspn(c->path, " ");
}

const char *command_rest(const struct ctl_command *c)
{
	const char *space = strchr(c->path, ' ');
	return space ? space + 1 : NULL;
}

static bool begins_with(const struct ctl_command *c, const char *word)
{
	return strlen(word) == command_first(c) && !strncmp(c->path, word, command_first(c));
}

const struct ctl_group *command_group(const char *word)
{
	for (unsigned i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (!strcmp(groups[i].name, word))
			return &groups[i];
	return NULL;
}

const struct ctl_command *command_find(char *const *words, unsigned n, unsigned *ret_words)
{
	const struct ctl_command *c;
	for (unsigned i = 0; n && (c = command_at(i)); i++) {
		const char *rest = command_rest(c);
		if (!begins_with(c, words[0]) || (rest && (n < 2 || strcmp(rest, words[1]))))
			continue;
		*ret_words = rest ? 2 : 1;
		return c;
	}
	return NULL;
}
