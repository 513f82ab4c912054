/* SPDX-License-Identifier: BSD-3-Clause */
/* methods_probe: the handler of `probe`; the table is in methods.c.
 *
 * Owner:    the view's owner.
 * Threads:  the main thread.
 * Limits:   TRIAL_REQUESTS requests, so that an answer fits RPC_ANSWER_MAX whatever 32 workers say.
 * Errors:   -EINVAL with a sentence that names the request's number, and never its text: entries of lists are secret.
 */
#ifndef DATAPLANE_DPDK_METHODS_PROBE_H
#define DATAPLANE_DPDK_METHODS_PROBE_H

#include <jansson.h>

#include "dataplane/dpdk/methods.h"

/* ctx: a struct dataplane_view. */
int methods_probe(void *ctx, const json_t *params, json_t **ret_result, struct err *e);

#endif
