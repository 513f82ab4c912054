/* SPDX-License-Identifier: BSD-3-Clause */
/* write-log FOLDER LEAVES: the log's own writer under constant work, with keys that rotate, for who reads meanwhile; ends in good order. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/log.h"

#define BATCH 50

static void fail(const struct err *e)
{
	fprintf(stderr, "write-log: %s\n", e->text);
	exit(2);
}

static void notify(void *ctx)
{
	(void)ctx;
}

int main(int argc, char **argv)
{
	struct err e = {""};
	struct audit_log *l = NULL;
	char vkey[NOTE_VKEY_BYTES];
	static const uint8_t file[16] = {1};
	if (argc != 3)
		return 2;
	uint64_t leaves = strtoull(argv[2], NULL, 10), seq = 0;
	struct log_config c = {
	    .folder = argv[1], .origin = "roja.isp.example/live", .checkpoint_ms = 20, .notify = notify};
	if (log_open(&c, &l, &e))
		fail(&e);
	struct entry x = {.kind = ENTRY_SOURCE, .time_ns = 1};
	x.v[ENTRY_F(SOURCE, source)].n = 1;
	x.v[ENTRY_F(SOURCE, node)].s = (struct span){(const uint8_t *)"north", 5};
	x.v[ENTRY_F(SOURCE, file)].s = (struct span){file, sizeof(file)};
	if (log_add(l, &x, NULL, &e))
		fail(&e);
	while (seq < leaves) {
		for (unsigned i = 0; i < BATCH; i++) {
			struct entry hit = {.kind = ENTRY_HIT, .time_ns = ++seq};
			hit.v[ENTRY_F(HIT, source)].n = 1;
			hit.v[ENTRY_F(HIT, seq)].n = seq;
			hit.v[ENTRY_F(HIT, rule)].s = (struct span){file, 8};
			if (log_add(l, &hit, NULL, &e))
				fail(&e);
		}
		if (log_wait(l, log_commit(l), false, 60000, &e))
			fail(&e);
		if (seq % (leaves / 4) < BATCH && log_rotate(l, vkey, &e))
			fail(&e);
	}
	log_close(l);
	return 0;
}
