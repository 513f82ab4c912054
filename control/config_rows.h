/* SPDX-License-Identifier: BSD-3-Clause */
/* config_rows: the tables of config_keys.h as data. For the configuration's own files. */
#ifndef CONTROL_CONFIG_ROWS_H
#define CONTROL_CONFIG_ROWS_H

#include "common/config/rows.h"

extern const struct config_program config_control;

#endif
