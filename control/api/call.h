/* SPDX-License-Identifier: BSD-3-Clause */
/* call: what a method's handler is given: who calls, and what it may touch. The context of every row of methods.h. */
#ifndef CONTROL_API_CALL_H
#define CONTROL_API_CALL_H

#include <jansson.h>

#include "common/rpc.h"
#include "control/api/roles.h"
#include "control/config.h"
#include "control/engine/engine.h"
#include "control/store/journal.h"
#include "control/store/store.h"

struct audit;
struct audit_log;
struct audit_index;
struct retention;

struct call {
	struct who who; /* by the socket's peer credentials */
	unsigned roles; /* ROLE_* bits */
	int fd;		/* came with the request; -1: none. A handler that takes it sets -1 */
	struct engine *engine;
	struct store *store;
	struct jobs *jobs;
	struct audit *audit;
	struct audit_log *log; /* these three are audit's */
	struct audit_index *index;
	struct retention *retention;
	const struct control_config *config;
	int64_t started; /* of the daemon, seconds since 1970 */
};

/* Parameters that rpc_check has passed: absent ones are NULL, 0 or false. */
const char *call_text(const json_t *params, const char *key);
int64_t call_number(const json_t *params, const char *key);
bool call_flag(const json_t *params, const char *key);

/* A handler's last step: a result that memory sufficed for. Takes it over. */
int call_done(json_t *result, json_t **ret, struct err *e);

/* A list by name or number (parameter "list", a string). -ENOENT with a sentence. list_row_free. */
struct list_row;
int call_list(const struct call *c, const json_t *params, struct list_row *ret, struct err *e);

/* The number of a page's rows: as asked, within 1 to most; def where nothing is asked. */
int64_t call_limit(const json_t *params, int64_t def, int64_t most);
/* Whether the caller may begin another job: 0, or -EBUSY with a sentence. */
int call_may_begin(const struct call *c, struct err *e);
/* {job: N} */
int call_job(uint64_t job, json_t **ret, struct err *e);

/* An act: run within a transaction, which is committed where it returns 0 and undone otherwise; the engine is poked. A refusal
 * is journalled, in a transaction of its own. `act` is the method's name, subject "order 3". */
typedef int call_act(struct call *c, const json_t *params, json_t **ret, struct err *e);
int call_transact(struct call *c, const char *act, const char *subject, call_act *run, const json_t *params,
		  json_t **ret, struct err *e);

/* Of an act that no transaction of call_transact holds: journals what became of it, and returns err. Where the journal does not
 * take it, the act is as refused. text: NULL, or what the journal says of one that was done. */
int call_journal(const struct call *c, const char *act, const char *subject, int err, const char *text,
		 struct err *e);

#endif
