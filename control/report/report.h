/* SPDX-License-Identifier: BSD-3-Clause */
/* report: what reports are made from: the store, the configuration, the last checkpoint of the log.
 *
 * Model:    reports only read. Who asks, who may, and that it is an act in the journal, is the API's (control/api/report_act.c).
 */
#ifndef CONTROL_REPORT_REPORT_H
#define CONTROL_REPORT_REPORT_H

#include "control/config.h"
#include "control/report/logcopy.h"
#include "control/store/store.h"

struct report_context {
	struct store *store;
	const struct control_config *config;
	const struct log_point *checkpoint; /* the log's last one; NULL: there is none */
	bool is_told;			    /* whether all acts are leaves by now */
	int64_t now;			    /* seconds since 1970 */
};

/* Where the log is published. */
int report_log_folder(const struct control_config *config, char *ret, size_t room, struct err *e);
/* As checkpoints and roja-audit write it: base64. */
#define REPORT_ROOT_BYTES 45
void report_root(const struct hash *root, char ret[REPORT_ROOT_BYTES]);
/* SHA-256 in hexadecimal. */
void report_digest(const void *bytes, size_t n, char ret[65]);

#endif
