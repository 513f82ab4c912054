/* SPDX-License-Identifier: BSD-3-Clause */
/* events: one event of common/events.h for people and programs.
 *
 * Model:    an event is an object of JSON; its text is the same members as key=value on a line.
 * Errors:   a value that this version does not know prints as its number.
 */
#ifndef CONTROL_CTL_EVENTS_H
#define CONTROL_CTL_EVENTS_H

#include <jansson.h>
#include <stdio.h>

#include "common/events.h"

/* The caller's reference; NULL: no memory. */
json_t *event_to_json(const struct event *ev, unsigned ring);
void event_print(const json_t *event, FILE *out);

#endif
