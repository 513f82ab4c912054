/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/audit/cosign.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_BYTES 4200

struct cosigning {
	const char *folder;
	const struct verifier *witnesses;
	unsigned n;
	struct err *e;
	char path[PATH_BYTES]; /* of the copy */
	char note[NOTE_MAX_BYTES + 1];
	size_t len, text;    /* of the note; of what is signed */
	uint64_t size, mask; /* mask: of witnesses who said a line */
	time_t made;
	bool kept;
	struct note parsed;
	char one[NOTE_MAX_BYTES + 1];
};

/* -ENOENT has no sentence. */
static int read_note(struct cosigning *c, const char *path)
{
	struct stat st;
	FILE *f = fopen(path, "re");
	if (!f)
		return errno == ENOENT ? -ENOENT : err_set(c->e, -errno, "%s: %s", path, strerror(errno));
	c->len = fread(c->note, 1, NOTE_MAX_BYTES, f);
	int err = ferror(f) || fstat(fileno(f), &st) ? err_set(c->e, -EIO, "%s: cannot be read", path) : 0;
	fclose(f);
	c->made = err ? 0 : st.st_mtime;
	return err;
}

static int parse(struct cosigning *c, const char *p, size_t len, uint64_t *ret_size)
{
	struct checkpoint checkpoint;
	int err = note_parse((struct span){(const uint8_t *)p, len}, &c->parsed, c->e);
	if (!err)
		err = checkpoint_parse(c->parsed.text, &checkpoint, c->e);
	if (!err)
		*ret_size = checkpoint.size;
	return err;
}

/* The copy that is kept of the checkpoint of c->size (0: of the current one); else the current one. */
static int find(struct cosigning *c)
{
	char current[PATH_BYTES];
	uint64_t size = 0;
	snprintf(current, sizeof(current), "%s/checkpoint", c->folder);
	int err = read_note(c, current);
	if (err == -ENOENT)
		return err_set(c->e, err, "the log has no checkpoint yet");
	if (!err)
		err = parse(c, c->note, c->len, &size);
	if (err)
		return err;
	bool is_current = !c->size || c->size == size;
	c->size = c->size ? c->size : size;
	snprintf(c->path, sizeof(c->path), "%s/stamps/%" PRIu64 ".checkpoint", c->folder, c->size);
	err = is_current && access(c->path, F_OK) ? 0 : read_note(c, c->path);
	if (err == -ENOENT)
		return err_set(c->e, err,
			       "size: no checkpoint of %" PRIu64
			       " leaves is kept: cosign the current one, of %" PRIu64,
			       c->size, size);
	c->kept = !access(c->path, F_OK);
	if (!err)
		err = parse(c, c->note, c->len, &size);
	c->text = err ? 0 : c->parsed.text.len;
	return err;
}

/* A time stamp is over the copy's bytes as they are. */
static int may_change(struct cosigning *c)
{
	char stamp[PATH_BYTES];
	snprintf(stamp, sizeof(stamp), "%s/stamps/%" PRIu64 ".tsr", c->folder, c->size);
	if (!access(stamp, F_OK) || (c->kept && c->parsed.n == 1 && time(NULL) - c->made < COSIGN_STAMP_S))
		return err_set(
		    c->e, -EBUSY,
		    "size: the checkpoint of %" PRIu64
		    " leaves has a time stamp, or is getting one, over its bytes as they are: cosign another",
		    c->size);
	return 0;
}

/* Adds a line where a known witness's key verifies it; *ret: whether it did. */
static int add_line(struct cosigning *c, const char *line, size_t len, bool *ret)
{
	uint64_t mask;
	*ret = false;
	if (c->text + 1 + len + 1 > NOTE_MAX_BYTES)
		return err_set(c->e, -EBADMSG, "lines: longer than signatures can be");
	char *to = mempcpy(c->one, c->note, c->text);
	*to++ = '\n';
	to = mempcpy(to, line, len);
	*to++ = '\n';
	int err = note_parse((struct span){(uint8_t *)c->one, (size_t)(to - c->one)}, &c->parsed, c->e);
	if (!err)
		err = note_verify(&c->parsed, c->witnesses, c->n, &mask, NULL, c->e);
	if (err == -ENOKEY)
		return 0;
	if (err)
		return err;
	*ret = true;
	c->mask |= mask;
	/* with its newlines: a whole line */
	size_t whole = (size_t)(to - c->one) - c->text - 1;
	if (memmem(c->note + c->text, c->len - c->text, c->one + c->text + 1, whole))
		return 0;
	if (c->len + whole > NOTE_MAX_BYTES)
		return err_set(c->e, -ENOBUFS, "the checkpoint has as many signatures as it can hold");
	memcpy(c->note + c->len, c->one + c->text + 1, whole);
	c->len += whole;
	return 0;
}

static int add_lines(struct cosigning *c, const char *said, unsigned *ret_n)
{
	unsigned known = 0;
	*ret_n = 0;
	for (const char *line = said; *line;) {
		size_t len = strcspn(line, "\n"), before = c->len;
		bool is_known = false;
		int err = len ? add_line(c, line, len, &is_known) : 0;
		if (err)
			return err;
		known += is_known;
		*ret_n += c->len > before;
		line += len + (line[len] == '\n');
	}
	return known ? 0
		     : err_set(
			   c->e, -ENOKEY,
			   "lines: no signature is by a known witness: give its key, or set audit.witnesses");
}

/* Opens stamps/, and nobody stamps a copy until it is closed. */
static int lock_folder(struct cosigning *c, int *ret)
{
	char path[PATH_BYTES];
	snprintf(path, sizeof(path), "%s/stamps", c->folder);
	*ret = -1;
	if (mkdir(path, 0755) && errno != EEXIST)
		return err_set(c->e, -errno, "%s: %s", path, strerror(errno));
	*ret = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret < 0 || flock(*ret, LOCK_EX) ? err_set(c->e, -errno, "%s: %s", path, strerror(errno)) : 0;
}

static int keep(struct cosigning *c, int folder)
{
	char temp[PATH_BYTES + 4];
	snprintf(temp, sizeof(temp), "%s.tmp", c->path);
	FILE *f = fopen(temp, "we");
	bool good = f && fwrite(c->note, 1, c->len, f) == c->len && !fflush(f) && !fsync(fileno(f));
	int err = good ? 0 : -errno;
	if (f && fclose(f) && !err)
		err = -errno;
	if (!err && rename(temp, c->path))
		err = -errno;
	if (err)
		unlink(temp);
	else if (fsync(folder))
		err = -errno;
	return err ? err_set(c->e, err, "%s: %s", c->path, strerror(-err)) : 0;
}

/* Where a whole note was said: its size, and that its text is ours; *ret: its signature lines. */
static int take_note(struct cosigning *c, const char *said, const char **ret)
{
	uint64_t size;
	*ret = said;
	if (!strstr(said, "\n\n"))
		return find(c);
	int err = parse(c, said, strlen(said), &size);
	if (!err && c->size && c->size != size)
		err = err_set(c->e, -EBADMSG, "lines: the note is of %" PRIu64 " leaves, not of %" PRIu64,
			      size, c->size);
	if (err)
		return err;
	size_t text = c->parsed.text.len;
	c->size = size;
	err = find(c);
	if (!err && (text != c->text || memcmp(said, c->note, text) != 0))
		err = err_set(c->e, -EBADMSG,
			      "lines: the note is of another checkpoint of %" PRIu64 " leaves", size);
	*ret = said + text + 1;
	return err;
}

int cosign_add(const char *folder, uint64_t size, const char *said, const struct verifier *witnesses,
	       unsigned n, uint64_t *ret_size, unsigned *ret_n, uint64_t *ret_mask, struct err *e)
{
	struct cosigning *c = calloc(1, sizeof(*c));
	const char *lines;
	int stamps;
	unsigned added = 0;
	if (!c)
		return err_set(e, -ENOMEM, "no memory for a checkpoint");
	c->folder = folder;
	c->witnesses = witnesses;
	c->n = n;
	c->e = e;
	c->size = size;
	int err = lock_folder(c, &stamps);
	if (!err)
		err = take_note(c, said, &lines);
	if (!err)
		err = may_change(c);
	if (!err)
		err = add_lines(c, lines, &added);
	if (!err && added)
		err = keep(c, stamps);
	if (!err) {
		*ret_size = c->size;
		*ret_n = added;
		*ret_mask = c->mask;
	}
	if (stamps >= 0)
		close(stamps);
	free(c);
	return err;
}
