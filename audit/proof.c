/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/proof.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/base64.h"

#define MAGIC	   "c2sp.org/tlog-proof@v1"
#define HASH_CHARS BASE64_CHARS(sizeof(struct hash))
#define NO_BODY	   0x00

static int load_entry(struct log_dir *d, uint64_t size, uint64_t index, struct span *ret, struct err *e)
{
	struct span entries[TILE_WIDTH];
	uint64_t n = index / TILE_WIDTH, left = size - n * TILE_WIDTH;
	int err = dir_bundle(d, n, left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH, entries, e);
	if (!err)
		*ret = entries[index % TILE_WIDTH];
	return err;
}

/* What the leaf's hash follows from, in `extra`. */
static int load_leaf(struct log_dir *d, uint64_t size, struct proof *p, struct hash *ret, struct err *e)
{
	struct tree_source s = dir_source(d);
	struct hash tile[TILE_WIDTH];
	struct span entry;
	int err = load_entry(d, size, p->index, &entry, e);
	if (err)
		return err;
	if (entry.len > sizeof(p->extra))
		return err_set(e, -EBADMSG, "leaf %" PRIu64 ": longer than an entry can be", p->index);
	if (entry.p) {
		memcpy(p->extra, entry.p, entry.len);
		p->extra_bytes = entry.len;
		tree_leaf(entry.p, entry.len, ret);
		return 0;
	}
	err = s.tile(s.ctx, 0, p->index / TILE_WIDTH, (unsigned)(p->index % TILE_WIDTH) + 1, tile, e);
	if (err)
		return err;
	*ret = tile[p->index % TILE_WIDTH];
	p->extra[0] = NO_BODY;
	memcpy(p->extra + 1, ret->b, sizeof(ret->b));
	p->extra_bytes = 1 + sizeof(ret->b);
	return 0;
}

static int print(const struct proof *p, char **ret, size_t *ret_bytes, struct err *e)
{
	size_t room =
	    sizeof(MAGIC) + 64 + BASE64_CHARS(p->extra_bytes) + p->n * (HASH_CHARS + 1) + p->note.len;
	char *text = malloc(room), *at = text;
	if (!text)
		return err_set(e, -ENOMEM, "no memory for a proof");
	at += sprintf(at, "%s\nextra ", MAGIC);
	at = base64_put(p->extra, p->extra_bytes, at);
	at += sprintf(at, "\nindex %" PRIu64 "\n", p->index);
	for (unsigned i = 0; i < p->n; i++) {
		at = base64_put(p->path[i].b, sizeof(p->path[i].b), at);
		*at++ = '\n';
	}
	*at++ = '\n';
	memcpy(at, p->note.p, p->note.len);
	*ret = text;
	*ret_bytes = (size_t)(at - text) + p->note.len;
	return 0;
}

static int find_checkpoint(struct log_dir *d, const struct span *given, struct span *ret,
			   struct checkpoint *ret_c, struct err *e)
{
	struct note note;
	struct err why = {""};
	int err = 0;
	if (given)
		*ret = *given;
	else
		err = dir_checkpoint(d, ret, e);
	if (err)
		return err;
	err = note_parse(*ret, &note, &why);
	if (!err)
		err = checkpoint_parse(note.text, ret_c, &why);
	return err ? err_set(e, -EBADMSG, "checkpoint: %s", why.text) : 0;
}

int proof_make(struct log_dir *d, uint64_t index, const struct span *note, char **ret, size_t *ret_bytes,
	       struct err *e)
{
	struct tree_source s = dir_source(d);
	struct checkpoint c;
	struct span borrowed;
	struct hash leaf;
	struct proof *p = calloc(1, sizeof(*p));
	uint8_t *copy = NULL;
	int err = p ? 0 : err_set(e, -ENOMEM, "no memory for a proof");
	if (!err)
		err = find_checkpoint(d, note, &borrowed, &c, e);
	if (!err && index >= c.size)
		err = err_set(e, -EINVAL, "there is no leaf %" PRIu64 ": the log has leaves 0 to %" PRIu64,
			      index, c.size ? c.size - 1 : 0);
	if (!err && !(copy = malloc(borrowed.len)))
		err = err_set(e, -ENOMEM, "no memory for a proof");
	if (!err) {
		memcpy(copy, borrowed.p, borrowed.len); /* the folder's next file takes its place */
		p->note = (struct span){copy, borrowed.len};
		p->index = index;
		err = load_leaf(d, c.size, p, &leaf, e);
	}
	if (!err)
		err = tree_prove_inclusion(&s, c.size, index, p->path, &p->n, e);
	if (!err && !tree_check_inclusion(c.size, index, &leaf, p->path, p->n, &c.root))
		err = err_set(e, -EBADMSG,
			      "leaf %" PRIu64
			      ": entry and hashes do not come to the signed root: the log is damaged or was "
			      "changed; roja-audit verify says where",
			      index);
	if (!err)
		err = print(p, ret, ret_bytes, e);
	free(copy);
	free(p);
	return err;
}

/* The next line, without its newline. */
static bool line(struct cursor *c, struct span *ret)
{
	const uint8_t *end = memchr(c->p, '\n', cursor_left(c));
	if (!end)
		return false;
	*ret = (struct span){c->p, (size_t)(end - c->p)};
	c->p = end + 1;
	return true;
}

static bool is(struct span s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.p, text, s.len);
}

static bool after(struct span *s, const char *word)
{
	size_t n = strlen(word);
	if (s->len < n || memcmp(s->p, word, n))
		return false;
	s->p += n;
	s->len -= n;
	return true;
}

/* Decimal, without zeros in front. */
static bool number(struct span s, uint64_t *ret)
{
	uint64_t v = 0;
	if (!s.len || s.len > 19 || (s.p[0] == '0' && s.len > 1))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(s.p[i] - '0');
	}
	*ret = v;
	return true;
}

int proof_parse(struct span text, struct proof *ret, struct err *e)
{
	struct cursor c = cursor_over(text.p, text.len);
	struct span l;
	size_t n = 0;
	ret->n = 0;
	ret->extra_bytes = 0;
	if (text.len > PROOF_MAX_BYTES || !line(&c, &l) || !is(l, MAGIC))
		return err_set(e, -EBADMSG, "line 1: not \"%s\": no proof", MAGIC);
	if (!line(&c, &l))
		return err_set(e, -EBADMSG, "line 2: missing");
	if (after(&l, "extra ")) {
		if (!base64_take(l.p, l.len, ret->extra, sizeof(ret->extra), &n) || n > sizeof(ret->extra))
			return err_set(e, -EBADMSG, "line 2: extra: no base64, or too long");
		ret->extra_bytes = n;
		if (!line(&c, &l))
			return err_set(e, -EBADMSG, "line 3: missing");
	}
	if (!after(&l, "index ") || !number(l, &ret->index))
		return err_set(e, -EBADMSG, "the line \"index N\" is missing, or no number");
	for (;;) {
		if (!line(&c, &l))
			return err_set(e, -EBADMSG, "it ends before the empty line");
		if (!l.len)
			break;
		if (ret->n == TREE_PROOF_MAX)
			return err_set(e, -EBADMSG, "more than %d hashes", TREE_PROOF_MAX);
		if (!base64_take(l.p, l.len, ret->path[ret->n].b, sizeof(ret->path->b), &n) ||
		    n != sizeof(ret->path->b))
			return err_set(e, -EBADMSG, "hash %u is none", ret->n);
		ret->n++;
	}
	ret->note = (struct span){c.p, cursor_left(&c)};
	return 0;
}

bool proof_entry(const struct proof *p, struct span *ret, struct hash *ret_leaf)
{
	if (!p->extra_bytes)
		return false;
	if (p->extra[0] == NO_BODY) {
		if (p->extra_bytes != 1 + sizeof(ret_leaf->b))
			return false;
		memcpy(ret_leaf->b, p->extra + 1, sizeof(ret_leaf->b));
		*ret = (struct span){NULL, 0};
		return true;
	}
	*ret = (struct span){p->extra, p->extra_bytes};
	tree_leaf(p->extra, p->extra_bytes, ret_leaf);
	return true;
}

int proof_check(const struct proof *p, const struct verifier *keys, unsigned n,
		struct checkpoint *ret_checkpoint, unsigned *ret_key, struct err *e)
{
	struct note note;
	struct hash leaf;
	struct span entry;
	struct err why = {""};
	uint64_t mask = 0;
	int err = note_parse(p->note, &note, &why);
	if (!err)
		err = checkpoint_parse(note.text, ret_checkpoint, &why);
	if (err)
		return err_set(e, -EBADMSG, "its checkpoint: %s", why.text);
	if (!proof_entry(p, &entry, &leaf))
		return err_set(e, -EBADMSG, "it holds neither the entry nor its hash");
	if (!tree_check_inclusion(ret_checkpoint->size, p->index, &leaf, p->path, p->n,
				  &ret_checkpoint->root))
		return err_set(
		    e, -EBADMSG,
		    "entry and hashes do not come to the signed root: the entry is not leaf %" PRIu64
		    " of that log, or was changed",
		    p->index);
	err = note_verify(&note, keys, n, &mask, NULL, e);
	for (unsigned i = 0; !err && i < n; i++)
		if (mask >> i & 1 && keys[i].type == NOTE_ED25519 &&
		    strlen(keys[i].name) == ret_checkpoint->origin.len &&
		    !memcmp(keys[i].name, ret_checkpoint->origin.p, ret_checkpoint->origin.len)) {
			*ret_key = i;
			return 0;
		}
	return err ? err : err_set(e, -ENOKEY, "none of the keys that are known is that of this log");
}
