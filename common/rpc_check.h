/* SPDX-License-Identifier: BSD-3-Clause */
/* rpc_check: a request against the table of methods. For the files of common/rpc. */
#ifndef COMMON_RPC_CHECK_H
#define COMMON_RPC_CHECK_H

#include "common/rpc.h"

struct rpc_request {
	json_t *id;	/* borrowed from the request; NULL: nobody waits for an answer */
	json_t *params; /* borrowed; NULL: none */
	const struct rpc_method *method;
};

/* 0, or the error's code with a sentence. ret's id is set also where another member is wrong. */
int rpc_check(const struct rpc_server *s, json_t *root, struct rpc_request *ret, struct err *e);

/* Its context is the struct rpc_server. */
extern const struct rpc_method rpc_help_method;

#endif
