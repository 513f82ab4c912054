/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/rpc_line.h"

#include <errno.h>

char *rpc_request_line(json_int_t id, const char *method, json_t *params)
{
	json_t *q = json_pack("{s:s, s:I, s:s, s:O*}", "jsonrpc", "2.0", "id", id, "method", method, "params",
			      params);
	char *line = q ? json_dumps(q, JSON_COMPACT) : NULL;
	json_decref(q);
	return line;
}

int rpc_answer_read(const char *path, const char *line, size_t n, json_int_t id, json_t **ret, struct err *e)
{
	json_t *answer = json_loadb(line, n, JSON_REJECT_DUPLICATES, NULL);
	json_t *error = json_object_get(answer, "error"), *result = json_object_get(answer, "result");
	const char *message = json_string_value(json_object_get(error, "message"));
	int err = 0;
	if (message)
		err = err_set(e, -EREMOTEIO, "%s", message);
	else if (!result || json_integer_value(json_object_get(answer, "id")) != id)
		err = err_set(e, -EPROTO, "%s: what came is no JSON-RPC answer: is it the daemon's socket?",
			      path);
	else
		*ret = json_incref(result);
	json_decref(answer);
	return err;
}
