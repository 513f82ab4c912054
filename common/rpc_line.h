/* SPDX-License-Identifier: BSD-3-Clause */
/* rpc_line: a client's requests and the answers to them as lines, for clients of any loop. */
#ifndef COMMON_RPC_LINE_H
#define COMMON_RPC_LINE_H

#include "common/rpc.h"

/* A request without its newline; params is borrowed, NULL: none. The caller frees it. NULL: no memory, or no JSON. */
char *rpc_request_line(json_int_t id, const char *method, json_t *params);
/* The answer to request `id` in a line without its newline: 0 with *ret the caller's reference. -EREMOTEIO: refused, e holds the
 * daemon's sentence; -EPROTO: no answer to that. `path` is the socket's, for the sentence. */
int rpc_answer_read(const char *path, const char *line, size_t n, json_int_t id, json_t **ret, struct err *e);

#endif
