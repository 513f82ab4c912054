/* SPDX-License-Identifier: BSD-3-Clause */
/* privileges: roja-control needs none. Its memory holds lists: no core dump, no debugger, no swap of the key. */
#ifndef CONTROL_PRIVILEGES_H
#define CONTROL_PRIVILEGES_H

#include "common/err.h"

/* No core dumps, no new privileges; files are made for their owner alone. Before any secret is read. */
int privileges_limit(struct err *e);
/* Becomes `user` with its groups, and `group` where it is not ""; "" and "" : stays who it is. No capability is kept by a
 * process that changes its user. The folder is made where it is missing, and belongs to that user. */
int privileges_drop(const char *user, const char *group, const char *folder, struct err *e);

#endif
