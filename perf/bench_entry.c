/* SPDX-License-Identifier: BSD-3-Clause */
/* bench_entry [HITS]: what one hit's entry costs to encode and to decode, and its bytes; each entry differs from the one before. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "audit/entry.h"

#define ROUNDS 5

static struct entry entry, again;

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void prepare(bool pseudonym)
{
	static const uint8_t octets[8] = {0x80, 1, 2, 3, 4, 5, 6, 7};
	entry.kind = ENTRY_HIT;
	entry.time_ns = 1764176400000000000;
	entry.v[ENTRY_F(HIT, source)].n = 2;
	entry.v[ENTRY_F(HIT, version)].n = 1812;
	entry.v[ENTRY_F(HIT, order)].n = 230;
	entry.v[ENTRY_F(HIT, list)].n = 240;
	entry.v[ENTRY_F(HIT, line)].n = 70000;
	entry.v[ENTRY_F(HIT, rule)].s = (struct span){octets, sizeof(octets)};
	entry.v[ENTRY_F(HIT, pseudonym)].s = (struct span){octets, pseudonym ? sizeof(octets) : 0};
}

static void run(const char *what, unsigned long hits)
{
	uint8_t bytes[ENTRY_MAX_BYTES];
	uint64_t encode = UINT64_MAX, decode = UINT64_MAX, began;
	size_t n = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		began = now_ns();
		for (unsigned long i = 0; i < hits; i++) {
			entry.time_ns++;
			entry.v[ENTRY_F(HIT, seq)].n = 1000000 + i;
			n = entry_encode(&entry, bytes, sizeof(bytes));
		}
		encode = now_ns() - began < encode ? now_ns() - began : encode;
		began = now_ns();
		for (unsigned long i = 0; i < hits; i++)
			if (entry_decode((struct span){bytes, n}, &again, NULL))
				abort();
		decode = now_ns() - began < decode ? now_ns() - began : decode;
	}
	printf("%-16s %zu bytes, encode %.1f ns, decode %.1f ns\n", what, n, (double)encode / (double)hits,
	       (double)decode / (double)hits);
}

int main(int argc, char **argv)
{
	unsigned long hits = argc > 1 ? strtoul(argv[1], NULL, 10) : 5000000;
	if (!hits)
		return 2;
	prepare(false);
	run("hit", hits);
	prepare(true);
	run("with a pseudonym", hits);
	return 0;
}
