/* SPDX-License-Identifier: BSD-3-Clause */
/* config_check: what a configuration must mean, beyond its tables. For the configuration's own files. */
#ifndef CONTROL_CONFIG_CHECK_H
#define CONTROL_CONFIG_CHECK_H

#include "common/config/text.h"
#include "control/config.h"

/* 0 or -EINVAL, with the first thing that is wrong. */
int control_config_check(const struct config_text *t, const struct control_config *c, struct err *e);
/* For control_config_check. */
int control_config_check_sinks(const struct config_text *t, const struct control_config *c, struct err *e);

#endif
