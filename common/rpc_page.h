/* SPDX-License-Identifier: BSD-3-Clause */
/* rpc_page: a server's tables as Markdown, for the pages that scripts/man writes. */
#ifndef COMMON_RPC_PAGE_H
#define COMMON_RPC_PAGE_H

#include <stdio.h>

#include "common/rpc.h"

void rpc_page_errors(FILE *out);
/* role_words as in struct rpc_server. */
void rpc_page_method(FILE *out, const char *const *role_words, const struct rpc_method *m);

#endif
