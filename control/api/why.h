/* SPDX-License-Identifier: BSD-3-Clause */
/* why: what is done with a name, address or URL, and by which order.
 *
 * Model:    asks the ruleset that data planes enforce, as they ask it. Where nothing matches and something is stopped, the last versions
 *           before the stop are asked as well. An entry is named only of a list that is not confidential.
 * Limits:   WHY_ENTRIES entries are looked through for the text of one, WHY_VERSIONS versions for a stop.
 * Errors:   -EINVAL: no name, address or URL; what the ruleset's file says.
 * Cost:     a look-up; with an open stop, reading those versions' files.
 */
#ifndef CONTROL_API_WHY_H
#define CONTROL_API_WHY_H

#include "control/api/call.h"

#define WHY_ENTRIES  200000
#define WHY_VERSIONS 4

int why(const struct call *c, const char *subject, json_t **ret, struct err *e);

#define WHY_FIELDS_N 14
extern const struct rpc_field why_fields[WHY_FIELDS_N];

#endif
