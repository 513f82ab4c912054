/* SPDX-License-Identifier: BSD-3-Clause */
/* log_batch: bytes on their way to the disk. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/log_state.h"

#define KEPT_ROOM (4u << 20) /* what a buffer may keep when it is empty */

int bytes_reserve(struct log_bytes *b, size_t more)
{
	if (b->room - b->len >= more)
		return 0;
	size_t room = 2 * b->room + more + 4096;
	uint8_t *p = realloc(b->p, room);
	if (!p)
		return -ENOMEM;
	b->p = p;
	b->room = room;
	return 0;
}

void bytes_add(struct log_bytes *b, const void *p, size_t n)
{
	if (n)
		memcpy(b->p + b->len, p, n);
	b->len += n;
}

static void bytes_clear(struct log_bytes *b)
{
	b->len = 0;
	if (b->room > KEPT_ROOM) {
		free(b->p);
		*b = (struct log_bytes){0};
	}
}

void batch_clear(struct log_batch *b)
{
	bytes_clear(&b->sets);
	bytes_clear(&b->leaves);
}

void batch_free(struct log_batch *b)
{
	free(b->sets.p);
	free(b->leaves.p);
}

int batch_move(struct log_batch *to, struct log_batch *from)
{
	if (!to->sets.len && !to->leaves.len) {
		struct log_bytes sets = to->sets, leaves = to->leaves;
		*to = *from;
		from->sets = sets;
		from->leaves = leaves;
		return 0;
	}
	if (bytes_reserve(&to->sets, from->sets.len) || bytes_reserve(&to->leaves, from->leaves.len))
		return -ENOMEM;
	bytes_add(&to->sets, from->sets.p, from->sets.len);
	bytes_add(&to->leaves, from->leaves.p, from->leaves.len);
	to->ticket = from->ticket;
	to->size = from->size;
	to->frontier = from->frontier;
	batch_clear(from);
	return 0;
}
