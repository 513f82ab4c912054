/* SPDX-License-Identifier: BSD-3-Clause */
/* report_act: the handlers of report.*, and of order.confirm, which is the same as report.confirm. */
#ifndef CONTROL_API_REPORT_ACT_H
#define CONTROL_API_REPORT_ACT_H

#include "control/api/call.h"

#define ROLE_CONFIRM	 ROLE_OPERATOR
#define CONFIRM_PARAMS_N 3
#define CONFIRM_FIELDS_N 6
extern const struct rpc_param confirm_params[CONFIRM_PARAMS_N];
extern const struct rpc_field confirm_fields[CONFIRM_FIELDS_N];

int orders_confirm(void *ctx, const json_t *params, json_t **ret, struct err *e);
int report_confirm(void *ctx, const json_t *params, json_t **ret, struct err *e);
int report_period(void *ctx, const json_t *params, json_t **ret, struct err *e);
int report_audit(void *ctx, const json_t *params, json_t **ret, struct err *e);

#endif
