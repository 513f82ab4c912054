/* SPDX-License-Identifier: BSD-3-Clause */
/* methods_blocks: the handlers of blocks.*; the table is in methods.c.
 *
 * Model:    text and JSON on one side, 16 bytes of an address on the view's side.
 * Owner:    the view's owner.
 * Threads:  the main thread.
 * Limits:   METHODS_BLOCKS_MAX addresses an answer, so that it fits RPC_ANSWER_MAX.
 * Errors:   -EINVAL with a sentence that names the parameter, and no address.
 */
#ifndef DATAPLANE_DPDK_METHODS_BLOCKS_H
#define DATAPLANE_DPDK_METHODS_BLOCKS_H

#include <jansson.h>

#include "dataplane/dpdk/methods.h"

#define METHODS_BLOCKS_MAX   512
#define METHODS_BLOCK_MAX_S  86400
#define METHODS_BLOCK_LIST_N 65536

/* ctx: a struct dataplane_view. */
int methods_block(void *ctx, const json_t *params, json_t **ret_result, struct err *e);
int methods_blocks(void *ctx, const json_t *params, json_t **ret_result, struct err *e);
int methods_unblock(void *ctx, const json_t *params, json_t **ret_result, struct err *e);

#endif
