/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/api/acts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"
#include "rules/list_write.h"

void act_subject(const char *what, int64_t id, char ret[ACT_SUBJECT])
{
	snprintf(ret, ACT_SUBJECT, "%s %lld", what, (long long)id);
}

int act_on(struct call *c, const char *act, const char *what, call_act *run, const json_t *params,
	   json_t **ret, struct err *e)
{
	char subject[ACT_SUBJECT];
	act_subject(what, call_number(params, what), subject);
	return call_transact(c, act, subject, run, params, ret, e);
}

int act_text(const json_t *params, const char *key, const char **ret, struct err *e)
{
	const char *text = call_text(params, key);
	*ret = text;
	if (!text)
		return 0;
	size_t n = strlen(text);
	if (!text[strspn(text, " ")])
		return err_set(e, -EINVAL, "%s: is empty: say it in a sentence", key);
	if (n > ACT_TEXT_MAX)
		return err_set(e, -EINVAL, "%s: has %zu bytes, at most %d are kept", key, n, ACT_TEXT_MAX);
	if (!utf8_is_text((const uint8_t *)text, n))
		return err_set(e, -EINVAL, "%s: holds a control character: write it as one line", key);
	return 0;
}

int act_word(const json_t *params, const char *key, const char *const *words, struct err *e)
{
	const char *text = call_text(params, key);
	char known[200] = "";
	if (!text)
		return -1;
	for (int i = 0; words[i]; i++) {
		size_t n = strlen(known);
		if (!strcmp(words[i], text))
			return i;
		snprintf(known + n, sizeof(known) - n, "%s%s", i ? ", " : "", words[i]);
	}
	return err_set(e, -EINVAL, "%s: must be one of: %s", key, known);
}

int act_entry(const json_t *params, const char *key, char **ret, struct err *e)
{
	const char *text = call_text(params, key), *why = NULL;
	struct list_entry entry;
	struct url *u = malloc(sizeof(*u));
	char *kept = malloc(LIST_ENTRY_MAX);
	int err = u && kept ? 0 : err_set(e, -ENOMEM, "memory ran out");
	int found = err ? 0 : list_parse_line((const uint8_t *)text, strlen(text), u, &entry, &why);
	if (!err && strpbrk(text, "\r\n"))
		err = err_set(e, -EINVAL, "%s: give one entry, on one line", key);
	else if (!err && !found)
		err = err_set(e, -EINVAL, "%s: holds no entry: write it as in a plain list (docs/lists.md)",
			      key);
	else if (!err && found < 0)
		err = err_set(e, -EINVAL, "%s: %s; write it as in a plain list (docs/lists.md)", key, why);
	else if (!err && entry.exception)
		err = err_set(e, -EINVAL, "%s: leave out the '!' in front", key);
	if (!err && list_entry_write(&entry, kept, LIST_ENTRY_MAX) >= LIST_ENTRY_MAX)
		err = err_set(e, -EINVAL, "%s: is longer than %d bytes", key, LIST_ENTRY_MAX - 1);
	free(u);
	if (err)
		free(kept);
	else
		*ret = kept;
	return err;
}

bool act_sees(const struct call *c)
{
	return c->roles & (ROLE_OPERATOR | ROLE_APPROVER);
}

static void hide(json_t *row, const char *key)
{
	if (json_is_null(json_object_get(row, key)))
		json_object_set_new(row, key, json_string("hidden"));
}

void act_hide(json_t *rows, const char *key)
{
	size_t i;
	json_t *row;
	if (json_is_object(rows))
		hide(rows, key);
	json_array_foreach(rows, i, row) hide(row, key);
}

int64_t act_limit(const json_t *params)
{
	return call_limit(params, ACT_ROWS, ACT_ROWS_MAX);
}

void act_fit(json_t *rows, size_t room, bool keep_last)
{
	size_t n = json_array_size(rows), kept = 0, used = 2;
	for (; kept < n; kept++) {
		const json_t *row = json_array_get(rows, keep_last ? n - 1 - kept : kept);
		used += json_dumpb(row, NULL, 0, JSON_COMPACT) + 1;
		if (used > room)
			break;
	}
	for (; n > kept; n--)
		json_array_remove(rows, keep_last ? 0 : n - 1);
}

int act_rows(int err, json_t *rows, json_t **ret)
{
	if (err)
		return err;
	act_fit(rows, ACT_ROWS_ROOM, false);
	*ret = rows;
	return 0;
}

int act_put(int err, json_t *to, const char *key, json_t *rows, struct err *e)
{
	if (err)
		json_decref(rows);
	else if (json_object_set_new(to, key, rows))
		err = err_set(e, -ENOMEM, "memory ran out");
	return err;
}
