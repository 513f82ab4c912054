/* SPDX-License-Identifier: BSD-3-Clause */
/* rates: how often an address has appealed of late.
 *
 * Model:    addresses (of IPv6 the network of 64 bits) are kept as keyed hashes, in memory alone; the key is random and dies with the
 *           process. Where more addresses come than fit, the oldest is forgotten: it may go on sooner.
 * Owner:    rates_init fills the caller's.
 * Limits:   RATES_SLOTS addresses; RATE_MAX in RATE_WINDOW_MS each.
 */
#ifndef CONTROL_HTTP_RATES_H
#define CONTROL_HTTP_RATES_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "rules/fingerprint.h"

#define RATES_SLOTS    4096
#define RATES_WAYS     8
#define RATE_MAX       10
#define RATE_WINDOW_MS (3600 * 1000)

struct rates {
	uint8_t key[FINGERPRINT_KEY_BYTES];
	struct {
		uint64_t address, since_ms; /* address 0: free */
		unsigned n;
	} slots[RATES_SLOTS];
};

int rates_init(struct rates *r, struct err *e);
/* Counts one of this address (16 bytes, IPv4 as ::ffff:a.b.c.d); false: it had RATE_MAX, and is not counted. */
bool rates_take(struct rates *r, const uint8_t address[16], uint64_t now_ms);

#endif
