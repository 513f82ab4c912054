/* SPDX-License-Identifier: BSD-3-Clause */
/* orders: the handlers of order.*; the rows are in methods_orders.c. */
#ifndef CONTROL_API_ORDERS_H
#define CONTROL_API_ORDERS_H

#include "control/api/acts.h"

extern const char *const order_states[]; /* NULL at the end */

typedef int orders_handler(void *ctx, const json_t *params, json_t **ret, struct err *e);
/* orders_look.c */
orders_handler orders_list, orders_show;
/* orders_act.c */
orders_handler orders_add, orders_approve, orders_refuse, orders_revoke, orders_review;

#endif
