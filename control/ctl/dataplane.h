/* SPDX-License-Identifier: BSD-3-Clause */
/* dataplane: the commands of rojactl dataplane, and how they print what the daemon answered.
 *
 * Errors:   a member that the answer lacks, as from another version of the daemon, prints as 0 or -.
 */
#ifndef CONTROL_CTL_DATAPLANE_H
#define CONTROL_CTL_DATAPLANE_H

#include "control/ctl/ask.h"
#include "control/ctl/view.h"

int dataplane_load(int argc, char **argv);
int dataplane_events(int argc, char **argv);

/* With s->all also figures that are 0. */
void dataplane_print_status(const json_t *result, const struct style *s);
void dataplane_print_workers(const json_t *result, const struct style *s);
void dataplane_print_ports(const json_t *result, const struct style *s);
void dataplane_print_blocks(const json_t *result, const struct style *s);
void dataplane_print_counters(const json_t *result, const struct style *s);
/* "1 d 02:03:04" */
void dataplane_print_duration(double seconds, FILE *out);

#endif
