/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/lists.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/store/clock.h"
#include "control/store/orders.h"
#include "control/store/proposals.h"

static int check_name(const char *name, struct err *e)
{
	size_t n = strlen(name);
	if (!n || n > LIST_NAME_MAX)
		return err_set(e, -EINVAL, "name: a list's name has 1 to %d characters", LIST_NAME_MAX);
	if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.")])
		return err_set(
		    e, -EINVAL,
		    "name: a list's name holds small letters, digits, '-', '_' and '.', nothing else");
	if (!name[strspn(name, "0123456789")])
		return err_set(e, -EINVAL, "name: a list's name is not a number alone: numbers are its id");
	return 0;
}

int list_add(struct store *s, struct err *e, const struct who *who, int64_t order_id, const char *name,
	     const struct list_source *source, int64_t *ret_id, int64_t *ret_proposal)
{
	const char *state;
	char text[LIST_NAME_MAX + 64];
	int err = check_name(name, e);
	if (!err)
		err = order_state(s, e, order_id, &state);
	if (!err && strcmp(state, "proposed") && strcmp(state, "approved"))
		err = err_set(e, -EPERM, "order %lld is %s: no list can be added to it", (long long)order_id,
			      state);
	if (!err)
		err = store_run(
		    s, e,
		    "INSERT INTO lists(order_id, name, state, format, options, url, signature_url, every_s, spool,"
		    " approval, uid, who, created, next_poll) VALUES(?,?,'proposed',?,?,?,?,nullif(?,0),?,?,?,?,?,0)",
		    "itttxxittiti", order_id, name, source->format, source->options, "lists.url", source->url,
		    "lists.url", source->signature_url, source->every_s, source->spool, source->approval,
		    who->uid, who->name, clock_now());
	if (err == -EEXIST)
		return err_set(e, err, "name: there is a list \"%s\" already", name);
	if (err)
		return err;
	*ret_id = store_last_id(s);
	snprintf(text, sizeof(text), "list %s%s", name,
		 strcmp(source->approval, "signed")
		     ? ""
		     : ", whose later signed versions need no further approval");
	return proposal_add(s, e, who,
			    &(struct proposal){.kind = PROPOSAL_LIST,
					       .subject = *ret_id,
					       .order_id = order_id,
					       .list_id = *ret_id,
					       .text = text},
			    ret_proposal);
}

static void copy(char *to, size_t room, struct rows *r, int column)
{
	const char *text = rows_text(r, column);
	snprintf(to, room, "%s", text ? text : "");
}

int list_find(struct store *s, struct err *e, int64_t id, const char *name, struct list_row *ret)
{
	struct rows r;
	bool there = false;
	rows_open(
	    &r, s,
	    "SELECT l.id, l.order_id, l.active_import, l.name, l.format, o.state, l.state, o.confidential, l.approval,"
	    " l.options, o.fields ->> 'authority' FROM lists l JOIN orders o ON o.id = l.order_id"
	    " WHERE CASE WHEN ?1 THEN l.id = ?1 ELSE l.name = ?2 END",
	    "it", id, name);
	if (rows_next(&r)) {
		there = true;
		*ret = (struct list_row){.id = rows_int(&r, 0),
					 .order_id = rows_int(&r, 1),
					 .active_import = rows_int(&r, 2),
					 .confidential = rows_int(&r, 7)};
		copy(ret->name, sizeof(ret->name), &r, 3);
		copy(ret->format, sizeof(ret->format), &r, 4);
		copy(ret->order_state, sizeof(ret->order_state), &r, 5);
		copy(ret->state, sizeof(ret->state), &r, 6);
		ret->auto_signed = !strcmp(rows_text(&r, 8), "signed");
		ret->options = strdup(rows_text(&r, 9));
		ret->authority = strdup(rows_text(&r, 10));
	}
	int err = rows_end(&r, e);
	if (!err && !there)
		return id ? err_set(e, -ENOENT, "there is no list %lld", (long long)id)
			  : err_set(e, -ENOENT, "there is no list \"%.64s\"; rojactl list ls shows them",
				    name ? name : "");
	if (!err && (!ret->options || !ret->authority)) {
		list_row_free(ret);
		err = err_set(e, -ENOMEM, "no memory for a list");
	}
	return err;
}

void list_row_free(struct list_row *l)
{
	free(l->options);
	free(l->authority);
	l->options = l->authority = NULL;
}

int list_approved(struct store *s, struct err *e, int64_t id)
{
	struct list_row l;
	int err = list_find(s, e, id, NULL, &l);
	if (err)
		return err;
	if (strcmp(l.order_state, "approved"))
		err = err_set(e, -EPERM, "list %s: its order %lld is %s: approve that first", l.name,
			      (long long)l.order_id, l.order_state);
	list_row_free(&l);
	return err ? err : store_run(s, e, "UPDATE lists SET state = 'approved' WHERE id = ?", "i", id);
}

int list_refused(struct store *s, struct err *e, int64_t id)
{
	return store_run(s, e, "UPDATE lists SET state = 'refused' WHERE id = ?", "i", id);
}
