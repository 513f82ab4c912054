/* SPDX-License-Identifier: BSD-3-Clause */
/* hits: to which line of which list a rule belongs, as the log's index (schema `audit`, control/audit/index.h) has it. */
#ifndef CONTROL_STORE_HITS_H
#define CONTROL_STORE_HITS_H

#include "control/store/store.h"

/* The order, list and line of the last hit of a rule by its opaque id (16 hexadecimal digits); -ENOENT: none that is kept. */
int hits_rule(struct store *s, struct err *e, const char *rule, int64_t *ret_order, int64_t *ret_list,
	      int64_t *ret_line);

#endif
