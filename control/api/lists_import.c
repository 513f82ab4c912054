/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "control/api/base64.h"
#include "control/api/lists.h"
#include "control/safety/class.h"

#define FILE_NAME_MAX 200

/* A pipe or device could keep a worker waiting for ever. */
static int check_fd(int fd, struct err *e)
{
	struct stat st;
	int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
	if (fd < 0)
		return err_set(
		    e, -EINVAL,
		    "no file came with the request: hand its descriptor over with it (SCM_RIGHTS), as rojactl "
		    "list import does");
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || flags < 0 || flags & O_PATH ||
	    (flags & O_ACCMODE) == O_WRONLY)
		return err_set(e, -EINVAL, "what came with the request is no regular file that can be read");
	return 0;
}

static int check_name(const char *name, struct err *e)
{
	size_t n = strlen(name);
	bool bad = !n || n > FILE_NAME_MAX || strchr(name, '/');
	for (const char *p = name; *p; p++)
		bad |= (unsigned char)*p < ' ' || *p == 0x7f;
	return bad ? err_set(e, -EINVAL,
			     "file: a file's name has 1 to %d bytes, no '/' and no control characters",
			     FILE_NAME_MAX)
		   : 0;
}

static int read_signature(const char *text, uint8_t **ret, size_t *ret_n, struct err *e)
{
	*ret = NULL;
	*ret_n = 0;
	if (!text)
		return 0;
	uint8_t *bytes = malloc(strlen(text) + 1);
	long n = bytes ? base64_read(text, bytes) : 0;
	if (n <= 0) {
		free(bytes);
		return bytes ? err_set(e, -EINVAL, "signature: must be a detached signature, as base64")
			     : err_set(e, -ENOMEM, "memory ran out");
	}
	*ret = bytes;
	*ret_n = (size_t)n;
	return 0;
}

/* Words of findings to bits; what is grave enough to refuse a list for good is not accepted by anybody. */
static int read_accept(const json_t *words, uint64_t *ret, struct err *e)
{
	size_t i;
	json_t *v;
	*ret = 0;
	json_array_foreach(words, i, v)
	{
		const char *word = json_string_value(v);
		int class = word ? safety_class_find(word) : -1;
		if (class < 0)
			return err_set(e, -EINVAL, "accept: \"%.64s\" is no finding of a list's check",
				       word ? word : "?");
		if (safety_classes[class].scope != SAFETY_LIST ||
		    safety_classes[class].severity != SAFETY_OVERRIDE)
			return err_set(e, -EINVAL, "accept: \"%s\" cannot be accepted: %s", word,
				       safety_classes[class].advice);
		*ret |= (uint64_t)1 << class;
	}
	return 0;
}

static void say_accepted(const json_t *words, char *ret, size_t room)
{
	size_t i, n = (size_t)snprintf(ret, room, "accepting");
	json_t *v;
	json_array_foreach(words, i, v) if (n < room) n +=
	    (size_t)snprintf(ret + n, room - n, "%s %s", i ? "," : "", json_string_value(v));
}

static int begin_import(struct call *c, const struct list_row *l, const json_t *params, uint64_t *ret_job,
			struct err *e)
{
	const char *file = call_text(params, "file");
	const json_t *words = json_object_get(params, "accept");
	char subject[LISTS_SUBJECT], accepted[256];
	uint8_t *signature = NULL;
	size_t n = 0;
	uint64_t accept;
	int err = check_fd(c->fd, e);
	if (!err)
		err = read_accept(words, &accept, e);
	if (!err)
		err = check_name(file ? file : "unnamed", e);
	if (!err)
		err = call_may_begin(c, e);
	if (!err)
		err = read_signature(call_text(params, "signature"), &signature, &n, e);
	if (err)
		return err;
	const struct engine_import in = {.list_id = l->id,
					 .uid = c->who.uid,
					 .who = c->who.name,
					 .fd = c->fd,
					 .file = file ? file : "unnamed",
					 .source = "file",
					 .size = (uint64_t)call_number(params, "size"),
					 .signature = signature,
					 .signature_bytes = n,
					 .accept = accept};
	c->fd = -1;
	err = engine_import(c->engine, &in, ret_job, e);
	free(signature);
	if (err || !accept)
		return err;
	lists_subject(l->name, subject);
	say_accepted(words, accepted, sizeof(accepted));
	return call_journal(c, "list.import", subject, 0, accepted, e);
}

typedef int begin_fn(struct call *c, const struct list_row *l, const json_t *params, uint64_t *ret_job,
		     struct err *e);

/* What the job becomes is journalled by the engine; that it was not begun is here. */
static int begin(struct call *c, const char *act, begin_fn *run, const json_t *params, json_t **ret,
		 struct err *e)
{
	struct list_row l;
	uint64_t job = 0;
	char subject[LISTS_SUBJECT];
	lists_subject(call_text(params, "list"), subject);
	int err = call_list(c, params, &l, e);
	if (!err) {
		lists_subject(l.name, subject);
		err = run(c, &l, params, &job, e);
		list_row_free(&l);
	}
	return err ? call_journal(c, act, subject, err, NULL, e) : call_job(job, ret, e);
}

int lists_import(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return begin(ctx, "list.import", begin_import, params, ret, e);
}

static int begin_check(struct call *c, const struct list_row *l, const json_t *params, uint64_t *ret_job,
		       struct err *e)
{
	int err = call_may_begin(c, e);
	return err ? err
		   : engine_check(c->engine, c->who.uid, l->id, call_number(params, "import"), ret_job, e);
}

int lists_check(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return begin(ctx, "list.check", begin_check, params, ret, e);
}

static int begin_rule(struct call *c, const struct list_row *l, const json_t *params, bool is_new,
		      uint64_t *ret_job, struct err *e)
{
	const char *reason = call_text(params, "reason"), *act = is_new ? "rule.add" : "rule.remove";
	char subject[LISTS_SUBJECT];
	int err = call_may_begin(c, e);
	if (!err)
		err = engine_rule(c->engine, &c->who, l->id, call_text(params, "entry"), is_new, ret_job, e);
	if (err)
		return err;
	lists_subject(l->name, subject);
	return call_journal(c, act, subject, 0, reason, e);
}

static int begin_add(struct call *c, const struct list_row *l, const json_t *params, uint64_t *ret_job,
		     struct err *e)
{
	return begin_rule(c, l, params, true, ret_job, e);
}

static int begin_remove(struct call *c, const struct list_row *l, const json_t *params, uint64_t *ret_job,
			struct err *e)
{
	return begin_rule(c, l, params, false, ret_job, e);
}

int lists_rule_add(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return begin(ctx, "rule.add", begin_add, params, ret, e);
}

int lists_rule_remove(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return begin(ctx, "rule.remove", begin_remove, params, ret, e);
}
