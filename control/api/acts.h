/* SPDX-License-Identifier: BSD-3-Clause */
/* acts: what the handlers of methods_orders.c, methods_decide.c and methods_watch.c share.
 *
 * Model:    a person's words are checked before they are kept. An answer of many rows is cut to what fits into one: the caller goes on
 *           with offset, or with after, until none comes.
 * Errors:   -EINVAL with a sentence that begins with the parameter's name.
 */
#ifndef CONTROL_API_ACTS_H
#define CONTROL_API_ACTS_H

#include "control/api/call.h"

#define ACT_SUBJECT   48
#define ACT_TEXT_MAX  1000 /* bytes of a reason, a note, an assessment */
#define ACT_ROWS      200  /* of a list where nothing else is asked */
#define ACT_ROWS_MAX  1000
#define ACT_ROWS_ROOM (RPC_ANSWER_MAX - 4096) /* bytes */

/* "order 3" */
void act_subject(const char *what, int64_t id, char ret[ACT_SUBJECT]);
/* call_transact about the thing whose number is the parameter `what`. */
int act_on(struct call *c, const char *act, const char *what, call_act *run, const json_t *params,
	   json_t **ret, struct err *e);

/* *ret: the parameter; NULL where it is absent. Otherwise it has 1 to ACT_TEXT_MAX bytes and no control characters. */
int act_text(const json_t *params, const char *key, const char **ret, struct err *e);
/* The place of the parameter in words, which NULL ends; -1 where it is absent, -EINVAL where it is none of them. */
int act_word(const json_t *params, const char *key, const char *const *words, struct err *e);
/* The entry of a list as it is kept: canonical, without '!'. The caller frees it. No sentence holds it. */
int act_entry(const json_t *params, const char *key, char **ret, struct err *e);

/* Whether the caller sees entries of exceptions and overrides, and what appeals say. */
bool act_sees(const struct call *c);
/* Of each row (or of the one) the member that is null, as it was not asked for, becomes "hidden". */
void act_hide(json_t *rows, const char *key);

/* LIMIT and OFFSET of a list. */
int64_t act_limit(const json_t *params);
/* Takes rows away until the rest fits into `room` bytes: at the end, or the first ones. */
void act_fit(json_t *rows, size_t room, bool keep_last);
/* act_fit of a list's answer that was made with err; returns err. */
int act_rows(int err, json_t *rows, json_t **ret);
/* Puts what was asked for, with err, under a key of `to`; takes rows over. Returns err, or -ENOMEM. */
int act_put(int err, json_t *to, const char *key, json_t *rows, struct err *e);

#endif
