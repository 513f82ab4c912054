/* SPDX-License-Identifier: BSD-3-Clause */
/* report: what reports are made from: the store, the configuration, the last checkpoint of the log.
 *
 * Model:    reports only read. Who asks, who may, and that it is an act in the journal, is the API's (control/api/report_act.c).
 */
#ifndef CONTROL_REPORT_REPORT_H
#define CONTROL_REPORT_REPORT_H

#include "audit/tree.h"
#include "control/config.h"
#include "control/store/store.h"

/* The last checkpoint that was signed. */
struct report_checkpoint {
	const char *origin;
	uint64_t size;
	struct hash root;
	int64_t published; /* seconds since 1970 */
};

struct report_context {
	struct store *store;
	const struct control_config *config;
	const struct report_checkpoint *checkpoint; /* NULL: there is none */
	int64_t now;				    /* seconds since 1970 */
};

/* SHA-256 in hexadecimal. */
void report_digest(const void *bytes, size_t n, char ret[65]);

#endif
