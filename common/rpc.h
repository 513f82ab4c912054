/* SPDX-License-Identifier: BSD-3-Clause */
/* rpc: JSON-RPC 2.0 (www.jsonrpc.org/specification), one message a line, between a daemon and its tools.
 *
 * Model:    a server is a table of methods. A connection is fed bytes, by whichever loop; each complete line is checked
 *           against the table, its handler is called, and the answer is appended to what is unsent. Parameters are named
 *           (an object). A request without an id is carried out and not answered. Batches are refused. The method
 *           "help" is every server's and lists the table.
 * Owner:    the caller owns server, table and connections. Handlers borrow params and hand over their result.
 * Threads:  a connection and its server's handlers belong to one thread. rpc_call is anyone's.
 * Limits:   RPC_REQUEST_MAX bytes a request: a longer line is answered with an error and skipped. RPC_ANSWER_MAX bytes an
 *           answer. RPC_UNSENT_MAX bytes of unsent answers: then no more bytes are taken until some are sent.
 * Errors:   0 or -errno with a sentence; on the wire those of RPC_ERRORS.
 */
#ifndef COMMON_RPC_H
#define COMMON_RPC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define RPC_REQUEST_MAX ((size_t)64 << 10)  /* bytes of a line, without its newline */
#define RPC_ANSWER_MAX	((size_t)256 << 10) /* bytes of a line, with it */
#define RPC_UNSENT_MAX	((size_t)1 << 20)

/* clang-format off */
/* X(NAME, code, when) */
#define RPC_ERRORS(X)                                                                                     \
	X(PARSE,    -32700, "the line is not JSON")                                                       \
	X(REQUEST,  -32600, "it is JSON, but no request: the message says what is missing or too much")   \
	X(METHOD,   -32601, "no such method; the message names the nearest one")                          \
	X(PARAMS,   -32602, "a parameter is missing, unknown or of another type; the message names it")   \
	X(INTERNAL, -32603, "the answer is too long, or memory ran out")                                  \
	X(REFUSED,  -32000, "the method could not do it; the message says why")                           \
	X(ACCESS,   -32001, "the caller may not use this socket, and the connection is closed; or not this method")
/* X(NAME, word, what it is in JSON). Of integers those from 0 to 2^63 - 1. */
#define RPC_TYPES(X)                                                                                      \
	X(STRING,  "string")                                                                              \
	X(U64,     "integer")                                                                             \
	X(BOOL,    "boolean")                                                                             \
	X(REAL,    "number")                                                                              \
	X(ARRAY,   "array")                                                                               \
	X(OBJECT,  "object")
/* clang-format on */

enum rpc_error {
#define X(id, code, when) RPC_ERROR_##id = code,
	RPC_ERRORS(X)
#undef X
};
enum rpc_type {
#define X(id, word) RPC_##id,
	RPC_TYPES(X)
#undef X
	    RPC_TYPES_N
};
extern const char *const rpc_type_names[RPC_TYPES_N];

struct rpc_param {
	const char *name;
	enum rpc_type type;
	bool required;
	const char *help;
};

/* A member of the result, of each element where the result is an array. For people: nothing is checked against it. */
struct rpc_field {
	const char *name;
	enum rpc_type type;
	const char *help;
};

struct rpc_method {
	const char *name, *help;
	unsigned
	    roles; /* who may call it, as bits that the server's permit understands; 0: whoever may use the socket */
	const struct rpc_param *params;
	unsigned n_params;
	enum rpc_type result; /* RPC_OBJECT or RPC_ARRAY */
	const struct rpc_field *fields;
	unsigned n_fields;
	/* params: an object that holds the required parameters, each of its type, and no unknown one. Sets *ret_result
	 * (NULL: null), or returns -errno with a sentence, which becomes the answer's message. */
	int (*run)(void *ctx, const json_t *params, json_t **ret_result, struct err *e);
};

struct rpc_server {
	const struct rpc_method *methods;
	unsigned n_methods;
	void *ctx; /* the handlers' */
	/* Whether the caller may call m: 0, or an error with a sentence, which is answered as ACCESS; asked before parameters are
	 * looked at. NULL: everybody may. */
	int (*permit)(void *ctx, const struct rpc_method *m, struct err *e);
	const char *const
	    *role_words; /* the name of bit i of roles, NULL at the end; NULL: there are no roles */
};

struct rpc_connection {
	const struct rpc_server *server;
	char *unsent; /* heap; NULL: nothing */
	size_t unsent_len, unsent_cap, line_len;
	bool skipping; /* the rest of a line that was too long */
	bool failed;   /* memory ran out: close it */
	char line[RPC_REQUEST_MAX];
};

void rpc_connection_init(struct rpc_connection *c, const struct rpc_server *server);
void rpc_connection_fini(struct rpc_connection *c);
/* Takes bytes and answers the requests that they complete; returns how many it took. Fewer than n: too much is unsent;
 * give the rest again once some is sent. */
size_t rpc_connection_feed(struct rpc_connection *c, const void *bytes, size_t n);
/* The peer sends no more: a last line needs no newline. */
void rpc_connection_end(struct rpc_connection *c);
/* Hands the unsent answers over to the caller, who frees them; NULL where there are none. */
char *rpc_connection_take(struct rpc_connection *c, size_t *ret_len);

/* One line, newline included, for a peer that is refused whatever it asks; the caller frees it. NULL: no memory. */
char *rpc_refusal(enum rpc_error code, const char *message);

/* From here on what JSON values held is wiped as it is freed: for a program whose messages hold what is secret. Before the
 * first value is made. A connection's line is wiped by itself. */
void rpc_wipe_freed(void);

/* Integers of JSON are signed: a larger one is said as the largest. */
json_t *rpc_u64(uint64_t v);
/* A string, whatever its bytes: what is not UTF-8 becomes "?". */
json_t *rpc_string(const char *text);

struct sockaddr_un;
/* -ENAMETOOLONG with a sentence. */
int rpc_address(const char *path, struct sockaddr_un *ret, struct err *e);

/* Asks the daemon on a socket and waits for the answer, timeout_ms at most. params is borrowed; NULL: none. *ret is the
 * caller's reference. -ENOENT, -ECONNREFUSED: no daemon; -EACCES: not for this user; -ETIMEDOUT; -EREMOTEIO: the daemon
 * refused, e holds its sentence; -EPROTO: what came is no answer. Each sentence says what to do; of the socket NAME.sock it says
 * that roja-NAME answers there. */
int rpc_call(const char *path, const char *method, json_t *params, unsigned timeout_ms, json_t **ret,
	     struct err *e);
/* The same, handing a file descriptor over with the request (SCM_RIGHTS); -1: none. It stays the caller's to close. */
int rpc_call_fd(const char *path, const char *method, json_t *params, int fd, unsigned timeout_ms,
		json_t **ret, struct err *e);

#endif
