/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/sink/settle.h"

void settle_begin(struct settle *s)
{
	*s = (struct settle){.proves = s->proves, .proven = s->proven};
}

bool settle_room(const struct settle *s)
{
	return s->n < SETTLE_MARKS;
}

void settle_wrote(struct settle *s, uint64_t place, uint64_t bytes)
{
	unsigned i = (s->first + s->n++) % SETTLE_MARKS;
	s->marks[i].place = place;
	s->marks[i].bytes = bytes;
	s->place = place;
}

void settle_acked(struct settle *s, uint64_t acked, uint64_t now_ms)
{
	while (s->n && s->marks[s->first].bytes <= acked) {
		s->acked = s->marks[s->first].place;
		s->first = (s->first + 1) % SETTLE_MARKS;
		s->n--;
	}
	(void)settle_place(s, now_ms);
}

void settle_proven(struct settle *s)
{
	if (s->place)
		s->proven = s->place;
}

static uint64_t last_slot(const struct settle *s, uint64_t *ret_at_ms)
{
	unsigned last = (s->slot_first + s->slot_n + SETTLE_SLOTS - 1) % SETTLE_SLOTS;
	*ret_at_ms = s->slot_n ? s->slots[last].at_ms : 0;
	return s->slot_n ? s->slots[last].place : s->lived;
}

uint64_t settle_place(struct settle *s, uint64_t now_ms)
{
	uint64_t at_ms;
	while (s->slot_n && now_ms - s->slots[s->slot_first].at_ms >= SETTLE_MS) {
		s->lived = s->slots[s->slot_first].place;
		s->slot_first = (s->slot_first + 1) % SETTLE_SLOTS;
		s->slot_n--;
	}
	/* one a slot of time: what is acknowledged meanwhile waits for the next */
	bool newer = s->acked > last_slot(s, &at_ms);
	if (newer && s->slot_n < SETTLE_SLOTS && (!s->slot_n || now_ms - at_ms >= SETTLE_SLOT)) {
		unsigned i = (s->slot_first + s->slot_n++) % SETTLE_SLOTS;
		s->slots[i].place = s->acked;
		s->slots[i].at_ms = now_ms;
	}
	return s->proves || s->proven > s->lived ? s->proven : s->lived;
}
