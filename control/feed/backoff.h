/* SPDX-License-Identifier: BSD-3-Clause */
/* backoff: when to try again.
 *
 * Model:    pure: time and chance are arguments. A delay is exponential in the failures and drawn from its upper half,
 *           so that many boxes that failed together do not come back together.
 * Limits:   never below 1 s, never over max_s; what a server asks for is honoured up to BACKOFF_MAX_RETRY_AFTER_S.
 */
#ifndef CONTROL_FEED_BACKOFF_H
#define CONTROL_FEED_BACKOFF_H

#include <stdint.h>

#define BACKOFF_MAX_RETRY_AFTER_S \
	(6 * 3600) /* a list that is older than a working shift needs a person anyway */

/* Seconds to wait after `failures` in a row (0 is taken as 1): within [d/2, d], d = min(max_s, base_s * 2^(failures-1)).
 */
uint32_t backoff_next(unsigned failures, uint32_t base_s, uint32_t max_s, uint32_t random);

/* The same where the server asked for a time (0: it did not): no earlier than that, spread over a tenth of it more. */
uint32_t backoff_asked(unsigned failures, uint32_t base_s, uint32_t max_s, uint64_t asked_s, uint32_t random);

#endif
