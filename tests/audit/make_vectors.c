/* SPDX-License-Identifier: BSD-3-Clause */
/* make-vectors FOLDER [REPLY]: writes FOLDER/log, FOLDER/pruned and FOLDER/vectors.json: small logs as docs/audit-format.md has them, and what a verifier must
 * find in them. The same bytes each time: their keys and times are given, and, as a file, the time stamp that a leaf names. tests/audit/vectors
 * holds the result. */
#include <stdio.h>
#include <string.h>

#include "tests/audit/vector_log.h"

#define HITS_REMOVED_BELOW 200 /* leaves of the second log */
#define REMOVED_LEAVES	   256

static const uint64_t began_ns = 1764140400000000000; /* 2025-11-26T07:00:00Z */

static struct entry entry;

static struct entry_value number(uint64_t n)
{
	return (struct entry_value){.n = n};
}

static struct entry_value text(const char *t)
{
	return (struct entry_value){.s = {(const uint8_t *)t, strlen(t)}};
}

/* n bytes, each `b`. */
static struct entry_value same_bytes(uint8_t b, size_t n)
{
	static uint8_t room[8][64];
	static unsigned turn;
	uint8_t *p = room[turn++ % 8];
	memset(p, b, n);
	return (struct entry_value){.s = {p, n}};
}

#define ADD(log, KIND, ...)                                                          \
	do {                                                                         \
		const struct entry_value values[] = {__VA_ARGS__};                   \
		_Static_assert(sizeof(values) / sizeof(*values) == ENTRY_##KIND##_N, \
			       "as many values as fields");                          \
		add(log, ENTRY_##KIND, values, ENTRY_##KIND##_N);                    \
	} while (0)

static void add(struct vector_log *l, enum entry_kind kind, const struct entry_value *values, unsigned n)
{
	entry.kind = kind;
	entry.time_ns = began_ns + l->n * 1000000007;
	memcpy(entry.v, values, n * sizeof(*values));
	vector_log_add(l, &entry);
}

static void begin(struct vector_log *l)
{
	char vkey[NOTE_VKEY_BYTES];
	verifier_print(signer_verifier(l->key), vkey);
	ADD(l, LOG, text(l->origin), text(vkey), text("make-vectors"));
}

static void hit(struct vector_log *l, uint64_t source, uint64_t seq, bool pseudonym)
{
	ADD(l, HIT, number(source), number(seq), number(1812), number(23), number(24), number(100 + seq),
	    same_bytes((uint8_t)seq, 8), number(ENTRY_RULE_DOMAIN + seq % entry_rule_kinds_n),
	    number(seq % entry_protocols_n), number(seq % entry_actions_n),
	    same_bytes((uint8_t)(seq ^ 0xff), pseudonym ? 8 : 0));
}

/* SHA-256 of the reply; of none without a file. */
static void digest_of(const char *path, uint8_t ret[32])
{
	static uint8_t bytes[65536];
	FILE *f = path ? fopen(path, "r") : NULL;
	size_t n = f ? fread(bytes, 1, sizeof(bytes), f) : 0;
	if (f)
		fclose(f);
	vector_log_digest(bytes, n, ret);
}

static void make_log(struct vector_log *l, const char *reply)
{
	uint8_t checkpoint[32], stamp[32];
	char witness[NOTE_VKEY_BYTES];
	static const uint64_t switched[] = {0, 41000, 1u << 20}, orders[] = {23, 24, 255, 256};
	begin(l);
	ADD(l, SOURCE, number(1), text("left"), same_bytes(0x11, 16), number(0), number(0));
	ADD(l, START, number(1), number(1), number(4711));
	ADD(l, ORDER, number(23), text("approved"), text("Example authority"), text("359/2 of 2025-11-26"),
	    text("gambling"), number(0), text("events"), number(began_ns), number(began_ns + 1), number(0),
	    same_bytes(0x22, 32));
	ADD(l, ACT, number(1), {.i = -1}, text("roja"), text("control.start"), text("main"),
	    number(ENTRY_OUTCOME_DONE), text(""));
	vector_log_sign(l);
	ADD(l, IMPORT, number(7), number(24), number(23), text("approved"), same_bytes(0x33, 32), number(200),
	    number(12), number(0));
	ADD(l, VERSION, number(1812), same_bytes(0x44, 32), same_bytes(0x55, 32), number(65536),
	    {.uints = orders, .n_uints = 4});
	ADD(l, SWAP, number(1), number(2), number(1812), same_bytes(0x44, 32), number(ENTRY_SWAP_DONE));
	ADD(l, ENFORCED, text("left"), number(1812), same_bytes(0x44, 32), number(began_ns),
	    number(began_ns + 1000000), {.uints = switched, .n_uints = 3});
	hit(l, 1, 3, false);
	hit(l, 1, 4, true);
	vector_log_sign(l);
	ADD(l, SOURCE, number(2), text("left"), same_bytes(0x11, 16), number(1), number(40));
	ADD(l, LINK, number(2), number(41), number(1), number(1));
	hit(l, 2, 42, false);
	hit(l, 1, 7, false);
	ADD(l, GAP, number(2), number(60), number(43), number(59));
	ADD(l, TALLY, number(2), number(60), number(1), number(0), number(2), number(17));
	ADD(l, COUNT, number(29402345), text("left"), number(25), number(30), number(ENTRY_PROTOCOL_DNS),
	    number(ENTRY_ACTION_NXDOMAIN), number(2));
	ADD(l, TALLY, number(1), number(7), number(3), number(2), number(2), number(0));
	vector_log_rotate(l);
	ADD(l, ALARM, number(5), text("source_stale"), text("feed"), number(ENTRY_ALARM_RAISED),
	    text("The list is old.\nUrdh\xc3\xabri \xe2\x80\x93 \xf0\x9f\x9b\xa1"));
	vector_log_sign(l);
	vector_log_stamp(l, checkpoint, witness);
	digest_of(reply, stamp);
	ADD(l, OUTAGE, number(1), number(8), number(0), number(ENTRY_OUTAGE_STALL), number(began_ns),
	    number(began_ns + 5000000), number(100), number(76300), number(1));
	ADD(l, ACT, number(2), {.i = 64003}, text("eva"), text("list.approve"), text("import 8"),
	    number(ENTRY_OUTCOME_REFUSED), text("the one who proposed it cannot approve it"));
	ADD(l, PROBE, text("left"), number(1812), number(23), number(2), number(200), number(198), number(0),
	    number(2), number(600), number(0), text("2: a URL on https"));
	for (uint64_t seq = 9; seq < 14; seq++)
		hit(l, 1, seq, seq % 2);
	ADD(l, RECOVERED, text("a torn write of 117 bytes at the end was cut"));
	ADD(l, ALARM, number(5), text("source_stale"), text("feed"), number(ENTRY_ALARM_OVER), text(""));
	vector_log_sign(l);
	ADD(l, WITNESS, number(23), text(witness));
	ADD(l, STAMP, number(23), {.s = {checkpoint, sizeof(checkpoint)}}, {.s = {stamp, sizeof(stamp)}});
	vector_log_sign(l);
}

/* 300 leaves: the first bundle is full, and most of its hits' bodies are removed. */
static void make_pruned(struct vector_log *l)
{
	uint8_t bits[REMOVED_LEAVES / 8] = {0}, digest[32];
	uint64_t seq = 0, removed = 0;
	begin(l);
	ADD(l, SOURCE, number(1), text("left"), same_bytes(0x11, 16), number(0), number(0));
	ADD(l, START, number(1), number(++seq), number(4711));
	while (l->n < 100)
		hit(l, 1, ++seq, false);
	vector_log_sign(l);
	while (l->n < 255)
		hit(l, 1, ++seq, true);
	ADD(l, TALLY, number(1), number(seq), number(seq - 1), number(0), number(1), number(0));
	vector_log_sign(l);
	while (l->n < 270)
		hit(l, 1, ++seq, true);
	vector_log_sign(l);
	/* every fifth is kept, as an order under a legal hold is */
	for (uint64_t i = 0; i < HITS_REMOVED_BELOW; i++)
		if (vector_log_kind(l, i) == ENTRY_HIT && i % 5) {
			bits[i / 8] |= (uint8_t)(1 << i % 8);
			removed++;
		}
	vector_log_digest(bits, sizeof(bits), digest);
	ADD(l, PRUNE, number(1), number(removed), {.s = {digest, sizeof(digest)}},
	    text("hits after 30 days; a hold on order 23"));
	while (l->n < 299)
		hit(l, 1, ++seq, true);
	ADD(l, TALLY, number(1), number(seq), number(seq - 1), number(0), number(1), number(0));
	vector_log_sign(l);
	vector_log_remove(l, bits);
}

int main(int argc, char **argv)
{
	static struct vector_log l, pruned;
	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: make-vectors FOLDER [REPLY]\n");
		return 2;
	}
	vector_log_begin(&l, argv[1], "log", "roja.isp.example/audit", 1);
	make_log(&l, argv[2]);
	vector_log_begin(&pruned, argv[1], "pruned", "roja.isp.example/pruned", 4);
	make_pruned(&pruned);
	json_t *o = json_object();
	json_object_set_new(o, "log", vector_log_json(&l));
	json_object_set_new(o, "pruned", vector_log_json(&pruned));
	return vector_log_end(argv[1], o);
}
