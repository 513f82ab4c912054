/* SPDX-License-Identifier: BSD-3-Clause */
/* import: files for lists. The file is opened here, with the user's rights, and its descriptor handed to the daemon. */
#ifndef CONTROL_CTL_IMPORT_H
#define CONTROL_CTL_IMPORT_H

#include "control/ctl/request.h"

int list_import_run(struct request *q);
/* The order, its lists and their imports, in this order; what was proposed stays proposed where a later step fails. */
int order_add_run(struct request *q);

/* Bytes as base64 (RFC 4648, 4) on the heap; NULL: no memory. */
char *base64_text(const uint8_t *bytes, size_t n);

#endif
