/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/order_fields.h"

#include <errno.h>
#include <string.h>

#include "common/nearest.h"
#include "common/utf8.h"
#include "control/store/clock.h"
#include "rules/meta.h"

#define X(key, type, required, def, words, help) {#key, ORDER_##type, required, def, words, help},
const struct order_field order_fields[] = {ORDER_FIELDS(X)};
#undef X
const unsigned order_fields_n = sizeof(order_fields) / sizeof(*order_fields);

static const struct order_field *find(const char *key)
{
	for (unsigned i = 0; i < order_fields_n; i++)
		if (!strcmp(order_fields[i].key, key))
			return &order_fields[i];
	return NULL;
}

static int unknown(const char *key, struct err *e)
{
	struct nearest n;
	nearest_init(&n, key);
	for (unsigned i = 0; i < order_fields_n; i++)
		nearest_try(&n, order_fields[i].key);
	return n.best ? err_set(e, -EINVAL, "%s: an order has no such field; did you mean %s?", key, n.best)
		      : err_set(e, -EINVAL, "%s: an order has no such field", key);
}

static bool is_word(const char *words, const char *text)
{
	size_t n = strlen(text);
	for (const char *p = words; *p;) {
		size_t len = strcspn(p, " ");
		if (len == n && !strncmp(p, text, n))
			return true;
		p += len + (p[len] == ' ');
	}
	return false;
}

static int check_text(const struct order_field *f, const char *text, struct err *e)
{
	if (!*text)
		return err_set(e, -EINVAL, "%s: is empty: %s", f->key, f->help);
	if (strlen(text) > ORDER_TEXT_MAX)
		return err_set(e, -EINVAL, "%s: has %zu bytes, at most %d are kept", f->key, strlen(text),
			       ORDER_TEXT_MAX);
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return err_set(e, -EINVAL, "%s: holds a control character", f->key);
	return 0;
}

static int check_time(const struct order_field *f, json_t *fields, const char *text, struct err *e)
{
	char canonical[CLOCK_TEXT_BYTES];
	int64_t at = clock_parse(text);
	if (at < 0)
		return err_set(e, -EINVAL,
			       "%s: \"%.40s\" is no time: write 2026-11-26 or 2026-11-26T06:00:00Z", f->key,
			       text);
	clock_text(at, canonical);
	return json_object_set_new(fields, f->key, json_string(canonical))
		   ? err_set(e, -ENOMEM, "no memory for an order")
		   : 0;
}

static int check_meta(const struct order_field *f, const char *text, struct err *e)
{
	const char *why;
	int row = meta_find(f->key, (unsigned)strlen(f->key));
	if (row >= 0 && meta_check((enum meta_field)row, text, &why))
		return err_set(e, -EINVAL, "%s: %s", f->key, why);
	return 0;
}

static int check_value(const struct order_field *f, json_t *fields, json_t *v, struct err *e)
{
	const char *text = json_string_value(v);
	if (f->type == ORDER_FLAG)
		return json_is_boolean(v) ? 0 : err_set(e, -EINVAL, "%s: is true or false", f->key);
	if (f->type == ORDER_SECONDS)
		return json_is_integer(v) && json_integer_value(v) >= 0 && json_integer_value(v) <= 86400
			   ? 0
			   : err_set(e, -EINVAL, "%s: is a number of seconds from 0 to 86400", f->key);
	if (!text)
		return err_set(e, -EINVAL, "%s: is a text", f->key);
	int err = check_text(f, text, e);
	if (err)
		return err;
	if (f->type == ORDER_TIME)
		return check_time(f, fields, text, e);
	if (f->type == ORDER_META)
		return check_meta(f, text, e);
	if (f->type == ORDER_WORD && !is_word(f->words, text))
		return err_set(e, -EINVAL, "%s: \"%.40s\" is none of: %s", f->key, text, f->words);
	return 0;
}

int64_t order_time(const json_t *fields, const char *key)
{
	const char *text = json_string_value(json_object_get(fields, key));
	return text ? clock_parse(text) : -1;
}

static bool is(const json_t *fields, const char *key, const char *word)
{
	const char *text = json_string_value(json_object_get(fields, key));
	return text && !strcmp(text, word);
}

static int check_times(json_t *fields, int64_t now, struct err *e)
{
	int64_t received = order_time(fields, "received"), starts = order_time(fields, "starts"),
		expires = order_time(fields, "expires"), deadline = order_time(fields, "deadline");
	if (received > now + 300)
		return err_set(e, -EINVAL, "received: lies in the future");
	if (expires <= starts)
		return err_set(e, -EINVAL, "expires: is not after the order starts");
	if (expires <= now)
		return err_set(e, -EINVAL, "expires: is over already");
	if (deadline >= 0 && deadline < received)
		return err_set(e, -EINVAL, "deadline: is before the order was received");
	return 0;
}

static int check_records(const json_t *fields, struct err *e)
{
	bool hidden = json_is_true(json_object_get(fields, "confidential"));
	if (!json_object_get(fields, "records_basis") &&
	    (is(fields, "records", "pseudonyms") || (hidden && is(fields, "records", "events"))))
		return err_set(
		    e, -EINVAL,
		    "records_basis: records is %s: say which law and article ask for single records",
		    json_string_value(json_object_get(fields, "records")));
	return 0;
}

static int check_together(json_t *fields, struct err *e)
{
	const char *schedule = json_string_value(json_object_get(fields, "schedule")), *why;
	if (is(fields, "action_http", "redirect") && !json_object_get(fields, "redirect"))
		return err_set(e, -EINVAL, "redirect: action_http is redirect, but no URL is given");
	if (is(fields, "action_dns", "address") && !json_object_get(fields, "dns_a") &&
	    !json_object_get(fields, "dns_aaaa"))
		return err_set(e, -EINVAL, "dns_a: action_dns is address, but none is given");
	if (schedule && (why = schedule_check(schedule)))
		return err_set(e, -EINVAL, "schedule: %s", why);
	if (json_integer_value(json_object_get(fields, "block_server_s")) &&
	    !json_object_get(fields, "assessment"))
		return err_set(
		    e, -EINVAL,
		    "assessment: block_server_s blocks an address for everybody on it: say why that "
		    "hurts nobody else");
	return check_records(fields, e);
}

/* Defaults that depend on other fields. */
static int fill(json_t *fields, struct err *e)
{
	int bad = 0;
	for (unsigned i = 0; i < order_fields_n; i++)
		if (order_fields[i].def && !json_object_get(fields, order_fields[i].key))
			bad |= json_object_set_new(fields, order_fields[i].key,
						   json_string(order_fields[i].def));
	if (!json_object_get(fields, "starts"))
		bad |= json_object_set(fields, "starts", json_object_get(fields, "received"));
	if (!json_object_get(fields, "confidential"))
		bad |=
		    json_object_set_new(fields, "confidential", json_boolean(is(fields, "category", "csam")));
	if (!json_object_get(fields, "records")) {
		bool hidden = json_is_true(json_object_get(fields, "confidential"));
		bad |= json_object_set_new(fields, "records", json_string(hidden ? "counts" : "events"));
	}
	return bad ? err_set(e, -ENOMEM, "no memory for an order") : 0;
}

int order_check(json_t *fields, int64_t now, struct err *e)
{
	const char *key;
	json_t *v;
	void *next;
	json_object_foreach_safe(fields, next, key, v)
	{
		const struct order_field *f = find(key);
		int err = f ? check_value(f, fields, v, e) : unknown(key, e);
		if (err)
			return err;
	}
	for (unsigned i = 0; i < order_fields_n; i++)
		if (order_fields[i].required && !json_object_get(fields, order_fields[i].key))
			return err_set(e, -EINVAL, "%s: is missing: %s", order_fields[i].key,
				       order_fields[i].help);
	int err = fill(fields, e);
	if (!err)
		err = check_times(fields, now, e);
	return err ? err : check_together(fields, e);
}
