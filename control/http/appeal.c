/* SPDX-License-Identifier: BSD-3-Clause */
/* /appeal: the form, what comes of it, and how an appeal stands.
 *
 * A form carries no token against forgery: there is no session, cookie or login that another site's page could make use of, and
 * what it could send is what anybody may send. Only that it would do so from its readers' addresses is refused, as
 * far as their browsers say it. */
#include <errno.h>
#include <string.h>

#include "control/http/appeal_page.h"
#include "control/store/appeals.h"
#include "control/store/hits.h"

static bool is_blank(const char *text)
{
	return !text[strspn(text, " \t\r\n")];
}

/* The word for what is wrong with the form; WORDS_N: nothing. */
static enum appeal_word check(const struct form *f)
{
	if (is_blank(f->subject) || f->bytes[FORM_subject] > APPEAL_TEXT_MAX)
		return WORD_BAD_SUBJECT;
	if (is_blank(f->text) || f->bytes[FORM_text] > APPEAL_TEXT_MAX)
		return WORD_BAD_TEXT;
	if (f->bytes[FORM_contact] > APPEAL_CONTACT_MAX)
		return WORD_BAD_CONTACT;
	return WORDS_N;
}

static int keep(struct request *r, char ticket[APPEAL_TICKET])
{
	struct store *s = r->http->store;
	const struct form *f = r->form;
	const char *rule = request_rule(f->rule);
	struct appeal a = {.subject = f->subject,
			   .text = f->text,
			   .contact = is_blank(f->contact) ? NULL : f->contact,
			   .rule = *rule ? rule : NULL};
	int64_t id;
	if (a.rule && hits_rule(s, NULL, rule, &a.order_id, &a.list_id, &a.line))
		a.order_id = a.list_id = a.line = 0;
	int err = store_begin(s, NULL);
	if (err)
		return err;
	err =
	    appeal_add(s, NULL, &who_program, &a, (int64_t)r->http->config->appeal_days * 86400, ticket, &id);
	return store_end(s, err, NULL);
}

static enum MHD_Result take_form(struct request *r, unsigned l)
{
	uint8_t address[16];
	char ticket[APPEAL_TICKET];
	const char *site = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "Sec-Fetch-Site");
	enum appeal_word wrong = check(r->form);
	if (site && !strcmp(site, "cross-site"))
		return reply_refusal(r, MHD_HTTP_FORBIDDEN);
	if (wrong != WORDS_N)
		return appeal_form_page(r, l, MHD_HTTP_UNPROCESSABLE_CONTENT, wrong);
	client_address(r->connection, address);
	if (!rates_take(&r->http->rates, address, uv_now(r->http->loop)))
		return appeal_form_page(r, l, MHD_HTTP_TOO_MANY_REQUESTS, WORD_TOO_MANY);
	if (keep(r, ticket))
		return appeal_form_page(r, l, MHD_HTTP_SERVICE_UNAVAILABLE, WORD_FAILED);
	return appeal_done_page(r, l, ticket);
}

static bool is_ticket(const char *text)
{
	size_t n = strspn(text, "23456789abcdefghjkmnpqrstuvwxyz");
	return n == APPEAL_TICKET - 1 && !text[n];
}

static enum MHD_Result show(struct request *r, unsigned l, const char *ticket)
{
	json_t *state = NULL;
	int err = is_ticket(ticket) ? appeal_state(r->http->store, NULL, ticket, &state) : -ENOENT;
	if (err && err != -ENOENT)
		return appeal_form_page(r, l, MHD_HTTP_SERVICE_UNAVAILABLE, WORD_FAILED);
	enum MHD_Result done = err ? appeal_form_page(r, l, MHD_HTTP_NOT_FOUND, WORD_BAD_TICKET)
				   : appeal_state_page(r, l, state);
	json_decref(state);
	return done;
}

enum MHD_Result answer_appeal(struct request *r)
{
	if (!r->http->config->http.appeals)
		return reply_refusal(r, MHD_HTTP_NOT_FOUND);
	unsigned l = request_language(r, "");
	const char *ticket = request_argument(r, "ticket");
	if (r->form)
		return take_form(r, l);
	return *ticket ? show(r, l, ticket) : appeal_form_page(r, l, MHD_HTTP_OK, WORDS_N);
}
