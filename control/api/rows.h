/* SPDX-License-Identifier: BSD-3-Clause */
/* rows: words that the tables of methods_orders.c, methods_decide.c and methods_watch.c are written in. */
#ifndef CONTROL_API_ROWS_H
#define CONTROL_API_ROWS_H

#include "common/rpc.h"

#define N(array)      (unsigned)(sizeof(array) / sizeof(*(array)))
#define PARAMS(array) .params = array, .n_params = N(array)
#define OBJECT(array) .result = RPC_OBJECT, .fields = array, .n_fields = N(array)
#define ARRAY(array)  .result = RPC_ARRAY, .fields = array, .n_fields = N(array)
#define NOTHING	      .result = RPC_OBJECT

/* clang-format off */
#define ID(name, help) {name, RPC_U64, true, help}
#define REASON         {"reason", RPC_STRING, true, "why, in at most 1000 bytes; the journal keeps it, so it names no entry"}
#define NOTE           {"note", RPC_STRING, false, "what is to be remembered of the decision; the journal keeps it"}
#define LIMIT          {"limit", RPC_U64, false, "how many at most; 200 by default, 1000 at most, and fewer where one answer cannot hold so many"}
#define OFFSET         {"offset", RPC_U64, false, "how many to leave out in front"}
/* clang-format on */

#endif
