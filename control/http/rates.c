/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/http/rates.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "rules/address.h"

int rates_init(struct rates *r, struct err *e)
{
	memset(r, 0, sizeof(*r));
	if (getrandom(r->key, sizeof(r->key), 0) != sizeof(r->key))
		return err_set(e, -errno, "no random key: %s", strerror(errno));
	return 0;
}

bool rates_take(struct rates *r, const uint8_t address[16], uint64_t now_ms)
{
	uint64_t h = fingerprint_plain(r->key, address, address_is4(address) ? 16 : 8).a;
	unsigned first = (unsigned)(h % (RATES_SLOTS / RATES_WAYS)) * RATES_WAYS, use = first;
	h |= 1ull << 63; /* 0 is free */
	for (unsigned i = first; i < first + RATES_WAYS; i++) {
		if (r->slots[i].address == h && now_ms - r->slots[i].since_ms < RATE_WINDOW_MS)
			return r->slots[i].n < RATE_MAX && ++r->slots[i].n;
		if (r->slots[i].address == h || r->slots[i].since_ms < r->slots[use].since_ms)
			use = i;
		if (r->slots[i].address == h)
			break;
	}
	r->slots[use].address = h;
	r->slots[use].since_ms = now_ms;
	r->slots[use].n = 1;
	return true;
}
