/* SPDX-License-Identifier: BSD-3-Clause */
/* make-log: writes an honest log as docs/audit-format.md says, fast, for the tests of roja-audit: of any size, of what data planes and people
 * do, with rotated keys, removed bodies and checkpoints aside. It shares no code with the log's writer but entries, tiles and notes. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/entry.h"
#include "audit/note.h"
#include "audit/prune.h"
#include "audit/tile.h"
#include "common/opt.h"

#define ORIGIN	"roja.isp.example/audit"
#define T0	UINT64_C(1795714200000000000)
#define SOURCES 4

struct options {
	const char *folder, *keys;
	uint64_t leaves, seed, every, rotate, change, stamps;
	bool prune, pruning, replies;
};

static const struct opt rows[] = {
    {.name = "leaves",
     .type = OPT_U64,
     .arg = "N",
     .off = offsetof(struct options, leaves),
     .max = 1u << 30,
     .help = "How many, about."},
    {.name = "seed",
     .type = OPT_U64,
     .arg = "N",
     .off = offsetof(struct options, seed),
     .max = UINT64_MAX,
     .help = "Of all that is random but keys."},
    {.name = "every",
     .type = OPT_U64,
     .arg = "N",
     .off = offsetof(struct options, every),
     .min = 1,
     .max = 1u << 30,
     .help = "Leaves from checkpoint to checkpoint, at most."},
    {.name = "rotate",
     .type = OPT_U64,
     .arg = "N",
     .off = offsetof(struct options, rotate),
     .max = 100,
     .help = "How many keys follow the first."},
    {.name = "stamps",
     .type = OPT_U64,
     .arg = "N",
     .off = offsetof(struct options, stamps),
     .max = 100,
     .help = "How many checkpoints to set aside."},
    {.name = "replies",
     .type = OPT_FLAG,
     .off = offsetof(struct options, replies),
     .help = "Each with bytes in the place of a time stamp, and a leaf that names both."},
    {.name = "change",
     .type = OPT_U64,
     .arg = "LEAF",
     .off = offsetof(struct options, change),
     .max = INT64_MAX,
     .help = "Tell another time in this one."},
    {.name = "keys",
     .type = OPT_STRING,
     .arg = "FOLDER",
     .off = offsetof(struct options, keys),
     .help = "Where keys are read, or put."},
    {.name = "prune", .type = OPT_FLAG, .off = offsetof(struct options, prune), .help = "Remove bodies."},
    {.name = "pruning",
     .type = OPT_FLAG,
     .off = offsetof(struct options, pruning),
     .help = "With --prune: not all that is said to be removed is."},
    {.name = "folder",
     .operand = true,
     .required = true,
     .type = OPT_STRING,
     .arg = "FOLDER",
     .off = offsetof(struct options, folder),
     .help = "Made anew."},
};
static const struct opt_program program = {.name = "make-log",
					   .about = "Writes an honest log.",
					   .opts = rows,
					   .n_opts = sizeof(rows) / sizeof(*rows)};

struct writer {
	const struct options *o;
	struct frontier tree;
	struct hash levels[TILE_LEVELS][TILE_WIDTH];
	unsigned width[TILE_LEVELS];
	uint64_t number[TILE_LEVELS];
	uint8_t *bundle;
	size_t bundle_bytes, ends[TILE_WIDTH];
	uint64_t published, now_ns;
	struct signer *signers[101];
	unsigned signer;
	bool rotating;
	struct {
		uint64_t size;
		uint8_t checkpoint[32], reply[32];
	} stamped; /* size 0: nothing that needs a leaf */
	uint64_t rng;
	struct {
		uint64_t begin, seq, hits, counted, others, lost;
	} sources[SOURCES + 1];
	unsigned n_sources;
	uint64_t *hits; /* leaves that may be removed */
	size_t n_hits, room_hits;
};

static struct err e;

static void check(int err)
{
	if (err) {
		fprintf(stderr, "make-log: %s (%s)\n", e.text, strerror(-err));
		exit(2);
	}
}

static uint64_t any(struct writer *w, uint64_t below)
{
	w->rng ^= w->rng << 13;
	w->rng ^= w->rng >> 7;
	w->rng ^= w->rng << 17;
	return w->rng % below;
}

static void put_file(struct writer *w, const char *name, const void *p, size_t n)
{
	char path[4096];
	int len = snprintf(path, sizeof(path), "%s/%s", w->o->folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	for (int i = (int)strlen(w->o->folder) + 1; fd < 0 && i < len; i++)
		if (path[i] == '/') {
			path[i] = 0;
			mkdir(path, 0755);
			path[i] = '/';
		}
	if (fd < 0)
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || write(fd, p, n) != (ssize_t)n) {
		err_set(&e, 0, "%s", path);
		check(errno ? -errno : -EIO);
	}
	close(fd);
}

static void put_tile(struct writer *w, int level)
{
	struct tile t = {level, w->number[level < 0 ? 0 : level], w->width[level < 0 ? 0 : level]};
	char path[TILE_PATH_BYTES];
	tile_path(&t, path);
	if (level < 0)
		put_file(w, path, w->bundle, w->bundle_bytes);
	else
		put_file(w, path, w->levels[level], t.width * sizeof(struct hash));
}

static void add_hash(struct writer *w, unsigned level, struct hash h)
{
	w->levels[level][w->width[level]++] = h;
	if (w->width[level] < TILE_WIDTH)
		return;
	put_tile(w, (int)level);
	if (!level) {
		put_tile(w, TILE_ENTRIES);
		w->bundle_bytes = 0;
	}
	struct hash *p = w->levels[level];
	for (unsigned n = TILE_WIDTH; n > 1; n /= 2)
		for (unsigned i = 0; i < n; i += 2)
			tree_node(&p[i], &p[i + 1], &p[i / 2]);
	w->width[level] = 0;
	w->number[level]++;
	add_hash(w, level + 1, p[0]);
}

/* What a reply holds, nobody looks at without an authority's certificate. */
static void set_aside(struct writer *w, const char *checkpoint, size_t n)
{
	char name[64], reply[64];
	snprintf(name, sizeof(name), "stamps/%" PRIu64 ".checkpoint", w->tree.size);
	put_file(w, name, checkpoint, n);
	if (!w->o->replies)
		return;
	snprintf(name, sizeof(name), "stamps/%" PRIu64 ".tsr", w->tree.size);
	int len = snprintf(reply, sizeof(reply), "a reply over %" PRIu64 " leaves", w->tree.size);
	put_file(w, name, reply, (size_t)len);
	w->stamped.size = w->tree.size;
	SHA256((const uint8_t *)checkpoint, n, w->stamped.checkpoint);
	SHA256((const uint8_t *)reply, (size_t)len, w->stamped.reply);
}

static void publish(struct writer *w, bool last)
{
	struct hash root;
	char text[NOTE_MAX_BYTES];
	frontier_root(&w->tree, &root);
	size_t n = checkpoint_print(ORIGIN, w->tree.size, &root, text);
	for (int level = TILE_ENTRIES; level < TILE_LEVELS; level++)
		if (w->width[level < 0 ? 0 : level])
			put_tile(w, level);
	if (w->rotating)
		check(note_sign(text, &n, sizeof(text), w->signers[w->signer - 1], &e));
	check(note_sign(text, &n, sizeof(text), w->signers[w->signer], &e));
	put_file(w, "checkpoint", text, n);
	if (!last && w->o->stamps && !any(w, 1 + w->o->leaves / w->o->every / w->o->stamps))
		set_aside(w, text, n);
	w->published = w->tree.size;
	w->rotating = false;
}

static void append(struct writer *w, struct entry *x);
static void append_stamp(struct writer *w);

static void append_bytes(struct writer *w, const uint8_t *p, size_t n)
{
	struct hash h;
	tree_leaf(p, n, &h);
	w->bundle[w->bundle_bytes] = (uint8_t)(n >> 8);
	w->bundle[w->bundle_bytes + 1] = (uint8_t)n;
	memcpy(w->bundle + w->bundle_bytes + 2, p, n);
	w->bundle_bytes += n + 2;
	frontier_add(&w->tree, &h);
	add_hash(w, 0, h);
}

static void append(struct writer *w, struct entry *x)
{
	uint8_t bytes[ENTRY_MAX_BYTES];
	if (w->published && w->published == w->tree.size && x->kind != ENTRY_HEAD) {
		struct hash root;
		frontier_root(&w->tree, &root);
		struct entry head = {.kind = ENTRY_HEAD};
		head.v[ENTRY_F(HEAD, size)].n = w->tree.size;
		head.v[ENTRY_F(HEAD, root)].s = (struct span){root.b, sizeof(root.b)};
		append(w, &head);
		if (w->stamped.size)
			append_stamp(w);
	}
	w->now_ns += 1 + any(w, 40000);
	x->time_ns = w->now_ns + (w->o->change && w->tree.size == w->o->change);
	if (x->kind == ENTRY_HIT && w->o->prune) {
		if (w->n_hits == w->room_hits) {
			w->room_hits = w->room_hits ? 2 * w->room_hits : 1024;
			w->hits = realloc(w->hits, w->room_hits * sizeof(*w->hits));
		}
		w->hits[w->n_hits++] = w->tree.size;
	}
	size_t n = entry_encode(x, bytes, sizeof(bytes));
	if (!n) {
		err_set(&e, 0, "an entry of kind %d cannot be written", (int)x->kind);
		check(-EINVAL);
	}
	append_bytes(w, bytes, n);
}

static void append_stamp(struct writer *w)
{
	struct entry x = {.kind = ENTRY_STAMP};
	x.v[ENTRY_F(STAMP, size)].n = w->stamped.size;
	x.v[ENTRY_F(STAMP, checkpoint)].s = (struct span){w->stamped.checkpoint, 32};
	x.v[ENTRY_F(STAMP, reply)].s = (struct span){w->stamped.reply, 32};
	w->stamped.size = 0;
	append(w, &x);
}

static struct span text(const char *s)
{
	return (struct span){(const uint8_t *)s, strlen(s)};
}

static void load_signer(struct writer *w, unsigned i)
{
	char path[4096] = "";
	if (w->o->keys) {
		mkdir(w->o->keys, 0700);
		snprintf(path, sizeof(path), "%s/%u.pem", w->o->keys, i);
	}
	if (!w->o->keys || signer_load(path, ORIGIN, &w->signers[i], &e)) {
		check(signer_new(ORIGIN, &w->signers[i], &e));
		if (w->o->keys)
			check(signer_save(w->signers[i], path, &e));
	}
}

static void begin(struct writer *w)
{
	char vkey[NOTE_VKEY_BYTES];
	struct entry x = {.kind = ENTRY_LOG};
	load_signer(w, 0);
	verifier_print(signer_verifier(w->signers[0]), vkey);
	x.v[ENTRY_F(LOG, origin)].s = text(ORIGIN);
	x.v[ENTRY_F(LOG, vkey)].s = text(vkey);
	x.v[ENTRY_F(LOG, program)].s = text("make-log");
	append(w, &x);
}

static void rotate(struct writer *w)
{
	char vkey[NOTE_VKEY_BYTES], said[2 * NOTE_VKEY_BYTES];
	uint8_t signature[64];
	struct entry x = {.kind = ENTRY_KEY};
	if (w->rotating)
		return;
	load_signer(w, w->signer + 1);
	verifier_print(signer_verifier(w->signers[w->signer + 1]), vkey);
	int n = snprintf(said, sizeof(said), "roja-audit-key/v1\n%s\n%s\n", ORIGIN, vkey);
	check(signer_sign(w->signers[w->signer], said, (size_t)n, signature, &e));
	x.v[ENTRY_F(KEY, vkey)].s = text(vkey);
	x.v[ENTRY_F(KEY, signature)].s = (struct span){signature, sizeof(signature)};
	append(w, &x);
	w->signer++;
	w->rotating = true;
}

static void add_source(struct writer *w)
{
	uint8_t file[16];
	unsigned i = ++w->n_sources;
	memset(file, (int)i, sizeof(file));
	w->sources[i].begin = w->sources[i].seq = any(w, 3) ? 0 : any(w, 1000);
	struct entry x = {.kind = ENTRY_SOURCE};
	x.v[ENTRY_F(SOURCE, source)].n = i;
	x.v[ENTRY_F(SOURCE, node)].s = text(i & 1 ? "north" : "south");
	x.v[ENTRY_F(SOURCE, file)].s = (struct span){file, sizeof(file)};
	x.v[ENTRY_F(SOURCE, ring)].n = i / 2;
	x.v[ENTRY_F(SOURCE, begin)].n = w->sources[i].begin;
	append(w, &x);
}

static void hit(struct writer *w, unsigned s)
{
	uint8_t rule[8], pseudonym[8];
	uint64_t r = any(w, 1u << 20);
	memcpy(rule, &r, sizeof(rule));
	memcpy(pseudonym, &w->rng, sizeof(pseudonym));
	struct entry x = {.kind = ENTRY_HIT};
	x.v[ENTRY_F(HIT, source)].n = s;
	x.v[ENTRY_F(HIT, seq)].n = ++w->sources[s].seq;
	x.v[ENTRY_F(HIT, version)].n = 1 + w->tree.size / 100000;
	x.v[ENTRY_F(HIT, order)].n = 1 + r % 5;
	x.v[ENTRY_F(HIT, list)].n = 1 + r % 3;
	x.v[ENTRY_F(HIT, line)].n = r;
	x.v[ENTRY_F(HIT, rule)].s = (struct span){rule, sizeof(rule)};
	x.v[ENTRY_F(HIT, rule_kind)].n = r % 4;
	x.v[ENTRY_F(HIT, protocol)].n = r % 5;
	x.v[ENTRY_F(HIT, action)].n = r % 10;
	x.v[ENTRY_F(HIT, pseudonym)].s = (struct span){pseudonym, r % 5 ? 0 : sizeof(pseudonym)};
	w->sources[s].hits++;
	append(w, &x);
}

static void gap(struct writer *w, unsigned s)
{
	struct entry x = {.kind = ENTRY_GAP};
	uint64_t lost = 1 + any(w, 50);
	x.v[ENTRY_F(GAP, source)].n = s;
	x.v[ENTRY_F(GAP, first)].n = w->sources[s].seq + 1;
	x.v[ENTRY_F(GAP, last)].n = w->sources[s].seq += lost;
	x.v[ENTRY_F(GAP, seq)].n = ++w->sources[s].seq;
	w->sources[s].lost += lost;
	w->sources[s].others++;
	append(w, &x);
}

static void tally(struct writer *w, unsigned s)
{
	struct entry x = {.kind = ENTRY_TALLY};
	x.v[ENTRY_F(TALLY, source)].n = s;
	x.v[ENTRY_F(TALLY, seq)].n = w->sources[s].seq;
	x.v[ENTRY_F(TALLY, hits)].n = w->sources[s].hits;
	x.v[ENTRY_F(TALLY, counted)].n = w->sources[s].counted;
	x.v[ENTRY_F(TALLY, others)].n = w->sources[s].others;
	x.v[ENTRY_F(TALLY, lost)].n = w->sources[s].lost;
	append(w, &x);
}

static void link_event(struct writer *w, unsigned s)
{
	struct entry x = {.kind = ENTRY_LINK};
	x.v[ENTRY_F(LINK, source)].n = s;
	x.v[ENTRY_F(LINK, seq)].n = ++w->sources[s].seq;
	x.v[ENTRY_F(LINK, up)].n = any(w, 2);
	w->sources[s].others++;
	append(w, &x);
}

static void count(struct writer *w, unsigned s)
{
	struct entry x = {.kind = ENTRY_COUNT};
	uint64_t n = 1 + any(w, 1000);
	w->sources[s].seq += n;
	w->sources[s].counted += n;
	x.v[ENTRY_F(COUNT, minute)].n = w->now_ns / 60000000000u;
	x.v[ENTRY_F(COUNT, node)].s = text("north");
	x.v[ENTRY_F(COUNT, order)].n = 2;
	x.v[ENTRY_F(COUNT, hits)].n = n;
	append(w, &x);
}

static void act(struct writer *w, uint64_t order)
{
	char subject[32], sentence[ENTRY_TEXT_MAX];
	struct entry x = {.kind = ENTRY_ACT};
	snprintf(subject, sizeof(subject), "order %" PRIu64, order);
	memset(sentence, 'x', sizeof(sentence));
	x.v[ENTRY_F(ACT, act_id)].n = w->tree.size;
	x.v[ENTRY_F(ACT, uid)].i = (int64_t)any(w, 1000) - 1;
	x.v[ENTRY_F(ACT, who)].s = text("ana");
	x.v[ENTRY_F(ACT, act)].s = text("order.approve");
	x.v[ENTRY_F(ACT, subject)].s = text(subject);
	x.v[ENTRY_F(ACT, outcome)].n = any(w, 3);
	x.v[ENTRY_F(ACT, text)].s =
	    (struct span){(const uint8_t *)sentence, any(w, 20) ? any(w, 80) : any(w, 1024)};
	append(w, &x);
}

static void order(struct writer *w, uint64_t number)
{
	char reference[32];
	struct entry x = {.kind = ENTRY_ORDER};
	snprintf(reference, sizeof(reference), "%" PRIu64 "/2 prot.", 350 + number);
	x.v[ENTRY_F(ORDER, order)].n = number;
	x.v[ENTRY_F(ORDER, state)].s = text(any(w, 2) ? "proposed" : "approved");
	x.v[ENTRY_F(ORDER, authority)].s = text("The authority");
	x.v[ENTRY_F(ORDER, reference)].s = text(reference);
	x.v[ENTRY_F(ORDER, category)].s = text("gambling");
	x.v[ENTRY_F(ORDER, records)].s = text("events");
	x.v[ENTRY_F(ORDER, received)].n = x.v[ENTRY_F(ORDER, starts)].n = T0;
	x.v[ENTRY_F(ORDER, expires)].n = 2 * T0;
	static const uint8_t digest[32] = {1, 2, 3};
	x.v[ENTRY_F(ORDER, digest)].s = (struct span){digest, sizeof(digest)};
	append(w, &x);
}

static void one(struct writer *w)
{
	uint64_t what = any(w, 1000);
	unsigned s = w->n_sources ? 1 + (unsigned)any(w, w->n_sources) : 0;
	if (!s || (what < 2 && w->n_sources < SOURCES))
		add_source(w);
	else if (what < 7)
		tally(w, s);
	else if (what < 10)
		gap(w, s);
	else if (what < 15)
		link_event(w, s);
	else if (what < 20)
		count(w, s);
	else if (what < 28)
		act(w, 1 + any(w, 5));
	else if (what < 32)
		order(w, 1 + any(w, 5));
	else
		hit(w, s);
}

static void prune(struct writer *w)
{
	struct prune_bits b = {NULL, 0};
	struct hash digest;
	uint64_t minimum = w->tree.size / TILE_WIDTH;
	if (!minimum)
		return;
	minimum = 1 + any(w, minimum);
	check(prune_load(w->o->folder, &b, &e));
	check(prune_widen(&b, minimum > b.minimum ? minimum : b.minimum, &e));
	for (size_t i = 0; i < w->n_hits; i++)
		if (w->hits[i] / TILE_WIDTH < minimum && w->hits[i] / TILE_WIDTH % 3 != 1 && any(w, 4))
			b.bits[w->hits[i] / 8] |= (uint8_t)(1u << w->hits[i] % 8);
	check(prune_write(w->o->folder, &b, &e));
	prune_digest(&b, &digest);
	struct entry x = {.kind = ENTRY_PRUNE};
	x.v[ENTRY_F(PRUNE, minimum)].n = b.minimum;
	x.v[ENTRY_F(PRUNE, removed)].n = prune_count(&b);
	x.v[ENTRY_F(PRUNE, bitmaps)].s = (struct span){digest.b, sizeof(digest.b)};
	x.v[ENTRY_F(PRUNE, text)].s = text("gambling: 30 days");
	append(w, &x);
	publish(w, false);
	if (!w->o->pruning)
		check(prune_apply(w->o->folder, &digest, NULL, NULL, &e));
	prune_free(&b);
}

int main(int argc, char **argv)
{
	static struct options o = {.every = 10000, .seed = 1, .leaves = 1000};
	static struct writer w;
	int n = 0, r = opt_parse(&program, argc, argv, &o, argv, &n, &e);
	if (r)
		return r == OPT_DONE ? 0 : (fprintf(stderr, "make-log: %s\n", e.text), 2);
	w.o = &o;
	w.rng = o.seed * 0x9e3779b97f4a7c15u + 88172645463325252u;
	w.now_ns = T0;
	w.bundle = malloc((size_t)TILE_WIDTH * (ENTRY_MAX_BYTES + 2));
	mkdir(o.folder, 0755);
	if (!o.leaves) {
		load_signer(&w, 0);
		publish(&w, true);
		return 0;
	}
	begin(&w);
	while (w.tree.size < o.leaves) {
		one(&w);
		if (w.signer < o.rotate && !any(&w, 1 + o.leaves / o.rotate / 2))
			rotate(&w);
		if (w.tree.size - w.published >= o.every || (o.every < 10000 && !any(&w, o.every)))
			publish(&w, false);
	}
	if (w.published < w.tree.size)
		publish(&w, false);
	if (o.prune)
		prune(&w);
	while (w.stamped.size) {
		one(&w);
		publish(&w, true);
	}
	printf("%" PRIu64 "\n", w.tree.size);
	return 0;
}
