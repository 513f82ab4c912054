/* SPDX-License-Identifier: BSD-3-Clause */
/* lists: the handlers of list.* and rule.*; the rows are in methods_lists.c. */
#ifndef CONTROL_API_LISTS_H
#define CONTROL_API_LISTS_H

#include "control/api/call.h"
#include "control/store/lists.h"

#define LISTS_MAX	 300 /* of an answer: so that it stays below RPC_ANSWER_MAX */
#define LISTS_IMPORTS	 50  /* of list.show */
#define LISTS_PAGE	 1000
#define LISTS_PAGE_BYTES 120000 /* of entries: escaped as JSON they may be twice as long */

#define LISTS_SUBJECT (LIST_NAME_MAX + 8)

/* "list NAME" for the journal, whatever the caller calls it. */
void lists_subject(const char *name, char ret[LISTS_SUBJECT]);

typedef int lists_handler(void *ctx, const json_t *params, json_t **ret, struct err *e);
/* lists_look.c */
lists_handler lists_list, lists_show, lists_notes;
/* lists_act.c */
lists_handler lists_add, lists_activate, lists_rollback, lists_authenticate, lists_poll;
/* lists_import.c */
lists_handler lists_import, lists_check, lists_rule_add, lists_rule_remove;
/* lists_diff.c */
lists_handler lists_diff;
/* lists_reveal.c */
lists_handler lists_reveal, lists_revealed;

#endif
