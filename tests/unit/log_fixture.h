/* SPDX-License-Identifier: BSD-3-Clause */
/* log_fixture: a log in a temporary folder; and a reader of what it published that trusts nothing but the key. */
#ifndef TESTS_UNIT_LOG_FIXTURE_H
#define TESTS_UNIT_LOG_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/dir.h"
#include "audit/log.h"

#define LOG_ORIGIN "roja.example/audit"
#define WAIT_MS	   60000

/* What a folder's published log says. */
struct published {
	uint64_t size, heads, keys, recovered;
	struct hash root;
	bool good;
	struct err e;
};

static inline bool check_entry(struct published *p, const struct frontier *f, struct span bytes)
{
	static struct entry entry;
	struct hash root;
	if (entry_decode(bytes, &entry, &p->e))
		return !strncmp((const char *)bytes.p, "raw", 3); /* tests' own */
	p->keys += entry.kind == ENTRY_KEY;
	p->recovered += entry.kind == ENTRY_RECOVERED;
	if ((entry.kind == ENTRY_LOG) != !f->size)
		return false;
	if (entry.kind != ENTRY_HEAD)
		return true;
	p->heads++;
	frontier_root(f, &root);
	return entry.v[ENTRY_F(HEAD, size)].n == f->size &&
	       !memcmp(entry.v[ENTRY_F(HEAD, root)].s.p, root.b, sizeof(root.b));
}

static inline bool check_bundle(struct published *p, struct log_dir *d, struct frontier *f)
{
	struct span entries[TILE_WIDTH];
	struct hash hashes[TILE_WIDTH], leaf;
	struct tree_source source = dir_source(d);
	uint64_t n = f->size / TILE_WIDTH, left = p->size - f->size;
	unsigned width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
	if (dir_bundle(d, n, width, entries, &p->e) || source.tile(source.ctx, 0, n, width, hashes, &p->e))
		return false;
	for (unsigned i = 0; i < width; i++) {
		tree_leaf(entries[i].p, entries[i].len, &leaf);
		if (!hash_equal(&leaf, &hashes[i]) || !check_entry(p, f, entries[i]))
			return false;
		frontier_add(f, &leaf);
	}
	return true;
}

/* signed_by: one of these keys, or NULL: not looked at. */
static inline struct published check_published(const char *folder, const struct verifier *signed_by)
{
	static struct note note;
	struct published p = {0};
	struct frontier f = {0};
	struct checkpoint c;
	struct span bytes;
	struct log_dir *d = NULL;
	struct hash root, by_tiles;
	uint64_t mask;
	if (dir_open(folder, &d, &p.e) || dir_checkpoint(d, &bytes, &p.e) || note_parse(bytes, &note, &p.e) ||
	    checkpoint_parse(note.text, &c, &p.e))
		goto out;
	if (signed_by && (note_verify(&note, signed_by, 1, &mask, NULL, &p.e) || !mask))
		goto out;
	p.size = c.size;
	p.root = c.root;
	while (f.size < p.size)
		if (!check_bundle(&p, d, &f))
			goto out;
	frontier_root(&f, &root);
	struct tree_source source = dir_source(d);
	p.good = hash_equal(&root, &p.root) && !tree_root(&source, p.size, &by_tiles, &p.e) &&
		 hash_equal(&by_tiles, &root);
out:
	dir_close(d);
	return p;
}

struct fixture {
	char folder[64], published[80];
	struct log_config config;
	struct audit_log *log;
	struct err e;
};

static inline void fixture_begin(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	strcpy(f->folder, "/tmp/roja-log-XXXXXX");
	if (!mkdtemp(f->folder))
		abort();
	snprintf(f->published, sizeof(f->published), "%s/log", f->folder);
	f->config = (struct log_config){.folder = f->folder, .origin = LOG_ORIGIN, .checkpoint_ms = 10};
}

static inline int fixture_open(struct fixture *f)
{
	f->log = NULL;
	return log_open(&f->config, &f->log, &f->e);
}

static inline void fixture_close(struct fixture *f)
{
	log_close(f->log);
	f->log = NULL;
}

static inline void fixture_end(struct fixture *f)
{
	char command[100];
	fixture_close(f);
	snprintf(command, sizeof(command), "rm -r %s", f->folder);
	if (system(command))
		abort();
}

/* Appends "raw <n>". */
static inline int append_raw(struct audit_log *l, uint64_t n, uint64_t *ret)
{
	char text[32];
	int bytes = snprintf(text, sizeof(text), "raw %d", (int)n);
	return log_append(l, text, (size_t)bytes, ret);
}

#endif
