/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/dataplane_fields.h"

#define WORKER_ROW(name, help) {#name, help, offsetof(struct dataplane_worker, name)},
#define PORT_ROW(name, help)   {#name, help, offsetof(struct dataplane_port, name)},

const struct dataplane_field worker_fields[WORKER_FIELDS_N] = {WORKER_GAUGES(WORKER_ROW)
								   WORKER_COUNTERS(WORKER_ROW)};
const struct dataplane_field port_fields[PORT_FIELDS_N] = {PORT_COUNTERS(PORT_ROW)};
const struct dataplane_field port_guard_fields[PORT_GUARD_FIELDS_N] = {PORT_GUARD_COUNTERS(PORT_ROW)};

static double ratio(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

double dataplane_busy_percent(const struct dataplane_worker *w)
{
	return 100 * ratio(w->busy_cycles, w->busy_cycles + w->idle_cycles);
}

double dataplane_cycles_per_packet(const struct dataplane_worker *w)
{
	return ratio(w->busy_cycles, w->judged_packets);
}
