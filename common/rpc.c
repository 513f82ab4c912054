/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/rpc.h"
#include "common/rpc_check.h"

void rpc_connection_init(struct rpc_connection *c, const struct rpc_server *server)
{
	c->server = server;
	c->unsent = NULL;
	c->unsent_len = c->unsent_cap = c->line_len = 0;
	c->skipping = c->failed = false;
}

void rpc_connection_fini(struct rpc_connection *c)
{
	free(c->unsent);
	c->unsent = NULL;
}

/* A response; id is borrowed, payload is taken over. NULL: no memory. */
static json_t *response(json_t *id, const char *key, json_t *payload)
{
	return json_pack("{s:s, s:o, s:O}", "jsonrpc", "2.0", key, payload, "id", id ? id : json_null());
}

static json_t *error_response(json_t *id, enum rpc_error code, const char *message)
{
	return response(id, "error",
			json_pack("{s:i, s:o}", "code", (int)code, "message", rpc_string(message)));
}

/* Reals without the digits that are only their binary form's. */
#define DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(15))

/* The answer as a line with its newline, from malloc; NULL: no memory, or too long. */
static char *line_of(const json_t *answer, size_t *ret_len)
{
	size_t len = json_dumpb(answer, NULL, 0, DUMP_FLAGS);
	char *line = len && len < RPC_ANSWER_MAX ? malloc(len + 2) : NULL;
	if (!line)
		return NULL;
	json_dumpb(answer, line, len, DUMP_FLAGS);
	line[len] = '\n';
	line[len + 1] = 0;
	*ret_len = len + 1;
	return line;
}

static bool append(struct rpc_connection *c, const char *line, size_t len)
{
	if (c->unsent_cap - c->unsent_len < len) {
		size_t cap =
		    2 * c->unsent_cap > c->unsent_len + len ? 2 * c->unsent_cap : c->unsent_len + len;
		char *grown = realloc(c->unsent, cap);
		if (!grown)
			return false;
		c->unsent = grown;
		c->unsent_cap = cap;
	}
	memcpy(c->unsent + c->unsent_len, line, len);
	c->unsent_len += len;
	return true;
}

/* Takes the answer over. One that is too long becomes an error with the same id. */
static void answer(struct rpc_connection *c, json_t *a)
{
	size_t len = 0;
	char *line = line_of(a, &len);
	if (a && !line) {
		json_t *id = json_incref(json_object_get(a, "id"));
		json_decref(a);
		a = error_response(id, RPC_ERROR_INTERNAL, "the answer is too long, or memory ran out");
		json_decref(id);
		line = line_of(a, &len);
	}
	if (!line || !append(c, line, len))
		c->failed = true;
	free(line);
	json_decref(a);
}

static void answer_error(struct rpc_connection *c, enum rpc_error code, const char *message)
{
	answer(c, error_response(NULL, code, message));
}

static void run(struct rpc_connection *c, const struct rpc_request *q)
{
	struct err e = {"it could not be done, and no reason is known"};
	json_t *result = NULL, *params = q->params ? json_incref(q->params) : json_object();
	bool is_help = q->method == &rpc_help_method;
	int err = params ? q->method->run(is_help ? (void *)c->server : c->server->ctx, params, &result, &e)
			 : err_set(&e, -ENOMEM, "memory ran out");
	json_decref(params);
	if (!q->id) /* nobody waits */
		json_decref(result);
	else if (err)
		answer(c, error_response(q->id, RPC_ERROR_REFUSED, e.text));
	else
		answer(c, response(q->id, "result", result ? result : json_null()));
}

static void answer_line(struct rpc_connection *c)
{
	struct err e = {""};
	struct rpc_request q = {0};
	json_error_t where;
	if (!c->line_len || (c->line_len == 1 && c->line[0] == '\r'))
		return;
	json_t *root = json_loadb(c->line, c->line_len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);
	if (!root) {
		err_set(&e, 0, "the line is not JSON: %s, at byte %d", where.text, where.position);
		answer_error(c, RPC_ERROR_PARSE, e.text);
		return;
	}
	int code = rpc_check(c->server, root, &q, &e);
	if (!code)
		run(c, &q);
	else if (q.id || code == RPC_ERROR_REQUEST)
		answer(c, error_response(q.id, code, e.text));
	json_decref(root);
}

static void take(struct rpc_connection *c, const char *p, size_t n)
{
	if (c->skipping)
		return;
	if (n > RPC_REQUEST_MAX - c->line_len) {
		c->skipping = true;
		c->line_len = 0;
		answer_error(c, RPC_ERROR_REQUEST, "the request is longer than 64 KiB; it was skipped");
		return;
	}
	memcpy(c->line + c->line_len, p, n);
	c->line_len += n;
}

static void end_line(struct rpc_connection *c)
{
	if (!c->skipping)
		answer_line(c);
	c->skipping = false;
	explicit_bzero(c->line, c->line_len); /* it may hold entries of lists */
	c->line_len = 0;
}

static bool has_room(const struct rpc_connection *c)
{
	return !c->failed && c->unsent_len <= RPC_UNSENT_MAX - RPC_ANSWER_MAX;
}

size_t rpc_connection_feed(struct rpc_connection *c, const void *bytes, size_t n)
{
	const char *p = bytes;
	size_t taken = 0;
	while (taken < n && has_room(c)) {
		const char *newline = memchr(p + taken, '\n', n - taken);
		size_t part = newline ? (size_t)(newline - (p + taken)) : n - taken;
		take(c, p + taken, part);
		taken += part;
		if (newline && has_room(c)) {
			end_line(c);
			taken++;
		}
	}
	return taken;
}

void rpc_connection_end(struct rpc_connection *c)
{
	if (has_room(c))
		end_line(c);
}

char *rpc_connection_take(struct rpc_connection *c, size_t *ret_len)
{
	char *unsent = c->unsent_len ? c->unsent : NULL;
	*ret_len = c->unsent_len;
	if (unsent) {
		c->unsent = NULL;
		c->unsent_len = c->unsent_cap = 0;
	}
	return unsent;
}

char *rpc_refusal(enum rpc_error code, const char *message)
{
	size_t len;
	json_t *a = error_response(NULL, code, message);
	char *line = a ? line_of(a, &len) : NULL;
	json_decref(a);
	return line;
}
