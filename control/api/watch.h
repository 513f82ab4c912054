/* SPDX-License-Identifier: BSD-3-Clause */
/* watch: the handlers of hits.list, stats, alarm.*, appeal.* and journal.list; the rows are in methods_watch.c. */
#ifndef CONTROL_API_WATCH_H
#define CONTROL_API_WATCH_H

#include "control/api/acts.h"

#define STATS_DAYS     30
#define STATS_DAYS_MAX 3660

typedef int watch_handler(void *ctx, const json_t *params, json_t **ret, struct err *e);
/* watch_hits.c */
watch_handler hits_list, stats;
/* watch_alarms.c */
watch_handler alarms_list, alarms_ack, journal_list;
/* watch_appeals.c */
watch_handler appeals_list, appeals_show, appeals_add, appeals_decide;

#endif
