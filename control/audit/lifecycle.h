/* SPDX-License-Identifier: BSD-3-Clause */
/* lifecycle: acts of the program itself: that it started and stopped, and with which configuration. */
#ifndef CONTROL_AUDIT_LIFECYCLE_H
#define CONTROL_AUDIT_LIFECYCLE_H

#include "control/config.h"
#include "control/store/store.h"

/* "control.start", and "config.change" where the configuration is not that of the start before: by its SHA-256. */
int lifecycle_start(struct store *s, const struct control_config *c, struct err *e);
/* What cannot be kept is logged: a stop and a reload go on. */
void lifecycle_stop(struct store *s);
void lifecycle_reload(struct store *s, int failed, const struct err *why);

#endif
