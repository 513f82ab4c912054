/* SPDX-License-Identifier: BSD-3-Clause */
/* Looking through the folder: what is there, and is it complete? */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/utf8.h"
#include "control/feed/spool_state.h"

enum look { MISSING, NOT_REGULAR, GROWING, COMPLETE };

struct scan {
	struct spool *s;
	int64_t now_s;
	struct spool_seen *seen;
	struct spool_file *files;		    /* SPOOL_MAX_FILES */
	struct spool_file *oldest[SPOOL_MAX_FILES]; /* n_files, by their age */
	unsigned n_files;
};

static bool is_signature(const char *name, size_t n)
{
	size_t end = strlen(SPOOL_SIGNATURE);
	return n > end && !strcmp(name + n - end, SPOOL_SIGNATURE);
}

static int64_t age_s(const struct scan *c, const struct spool_ident *ident)
{
	int64_t age = c->now_s - ident->changed_ns / 1000000000;
	return age > 0 ? age : 0;
}

static enum look look_at(struct scan *c, const char *name, struct spool_ident *ret)
{
	struct stat st;
	if (fstatat(c->s->fd, name, &st, AT_SYMLINK_NOFOLLOW))
		return MISSING;
	if (!spool_is_regular(&st))
		return S_ISDIR(st.st_mode) ? MISSING : NOT_REGULAR;
	*ret = spool_ident_of(&st);
	bool complete = spool_arrivals_have(c->s, name, ret) || age_s(c, ret) >= c->s->options.settle_s;
	return complete ? COMPLETE : GROWING;
}

/* Keeps the oldest ones, in order. */
static void offer(struct scan *c, const struct spool_file *f)
{
	struct spool_file *slot;
	if (c->n_files == SPOOL_MAX_FILES) {
		c->seen->waiting++;
		slot = c->oldest[SPOOL_MAX_FILES - 1];
		if (f->file.changed_ns >= slot->file.changed_ns)
			return;
	} else {
		slot = &c->files[c->n_files++];
	}
	unsigned at = c->n_files - 1;
	for (; at && c->oldest[at - 1]->file.changed_ns > f->file.changed_ns; at--)
		c->oldest[at] = c->oldest[at - 1];
	c->oldest[at] = slot;
	*slot = *f;
}

static void see_signature(struct scan *c, const char *name, size_t n)
{
	char of[SPOOL_SIGNATURE_BYTES];
	struct spool_ident ident;
	if (look_at(c, name, &ident) == NOT_REGULAR)
		c->seen->not_regular++;
	memcpy(of, name, n);
	of[n - strlen(SPOOL_SIGNATURE)] = 0;
	if (look_at(c, of, &ident) < GROWING || is_signature(of, strlen(of)))
		c->seen->signatures++;
}

static void see_file(struct scan *c, const char *name, size_t n)
{
	struct spool_file f = {0};
	char signature[SPOOL_SIGNATURE_BYTES];
	enum look file = look_at(c, name, &f.file);
	if (file == NOT_REGULAR)
		c->seen->not_regular++;
	if (file < GROWING)
		return;
	memcpy(f.name, name, n + 1);
	spool_signature_name(name, signature);
	enum look signed_by = look_at(c, signature, &f.signature);
	f.has_signature = signed_by == COMPLETE;
	if (file == GROWING || signed_by == GROWING ||
	    (!f.has_signature && age_s(c, &f.file) < c->s->options.signature_wait_s))
		c->seen->waiting++;
	else
		offer(c, &f);
}

static void see(struct scan *c, const char *name)
{
	size_t n = strlen(name);
	bool signature = is_signature(name, n);
	if (*name == '.') /* ".", "..", and what programs write before they rename it */
		return;
	if (n > SPOOL_MAX_NAME + (signature ? strlen(SPOOL_SIGNATURE) : 0) ||
	    !utf8_is_text((const uint8_t *)name, n))
		c->seen->bad_names++;
	else if (signature)
		see_signature(c, name, n);
	else
		see_file(c, name, n);
}

static int read_folder(struct scan *c, struct err *e)
{
	int fd = openat(c->s->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		int why = errno;
		if (fd >= 0)
			close(fd);
		return err_set(e, -why, "%s: the spool folder cannot be read: %s.", c->s->folder,
			       strerror(why));
	}
	errno = 0;
	for (struct dirent *x; (x = readdir(d)); errno = 0)
		see(c, x->d_name);
	int why = errno;
	closedir(d);
	return why ? err_set(e, -why, "%s: the spool folder cannot be read: %s.", c->s->folder, strerror(why))
		   : 0;
}

int spool_scan(struct spool *s, int64_t now_s, void (*each)(void *ctx, const struct spool_file *f), void *ctx,
	       struct spool_seen *ret, struct err *e)
{
	struct spool_seen seen = {0};
	struct scan c = {.s = s, .now_s = now_s, .seen = &seen};
	c.files = malloc(SPOOL_MAX_FILES * sizeof(*c.files));
	if (!c.files)
		return err_set(e, -ENOMEM, "%s: out of memory.", s->folder);
	spool_arrivals_read(s);
	int r = read_folder(&c, e);
	spool_arrivals_tidy(s);
	if (!r) {
		seen.offered = c.n_files;
		for (unsigned i = 0; i < c.n_files; i++)
			each(ctx, c.oldest[i]);
		*ret = seen;
	}
	free(c.files);
	return r;
}
