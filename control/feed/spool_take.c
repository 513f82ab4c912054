/* SPDX-License-Identifier: BSD-3-Clause */
/* Taking a file, and putting it away. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/feed/signature.h"
#include "control/feed/spool_state.h"
#include "control/feed/temp.h"

#define MAX_NUMBER 100000

static int stale(const struct spool *s, const char *name, struct err *e)
{
	return err_set(e, -ESTALE, "%s/%s: it changed or went since it was seen: it is looked at again.",
		       s->folder, name);
}

static int open_file(const struct spool *s, const char *name, const struct spool_ident *ident, int *ret,
		     struct err *e)
{
	struct stat st;
	int fd = openat(s->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ELOOP || errno == ENXIO))
		return stale(s, name, e);
	if (fd < 0)
		return err_set(e, -errno,
			       "%s/%s: cannot be read: %s: let this process's user or group read it.",
			       s->folder, name, strerror(errno));
	struct spool_ident now;
	if (fstat(fd, &st) || !spool_is_regular(&st) ||
	    (now = spool_ident_of(&st), !spool_ident_same(&now, ident))) {
		close(fd);
		return stale(s, name, e);
	}
	*ret = fd;
	return 0;
}

/* A copy of exactly what was seen. */
static int take(const struct spool *s, const char *name, const struct spool_ident *ident,
		const char *temp_folder, uint64_t max_bytes, const atomic_bool *cancel, int *ret_fd,
		struct err *e)
{
	int fd = -1, copy = -1;
	uint64_t bytes;
	struct stat st;
	int r = open_file(s, name, ident, &fd, e);
	if (r)
		return r;
	r = temp_copy(fd, name, temp_folder, max_bytes, cancel, &copy, &bytes, e);
	struct spool_ident now = {0};
	if (!r && !fstat(fd, &st))
		now = spool_ident_of(&st);
	close(fd);
	if (r)
		return r;
	if (!spool_ident_same(&now, ident) || bytes != ident->bytes) {
		close(copy);
		return stale(s, name, e);
	}
	*ret_fd = copy;
	return 0;
}

static int take_signature(const struct spool *s, const struct spool_file *f, const char *temp_folder,
			  const atomic_bool *cancel, uint8_t **ret, size_t *ret_n, struct err *e)
{
	char name[SPOOL_SIGNATURE_BYTES];
	struct stat st;
	int fd = -1;
	spool_signature_name(f->name, name);
	if (!f->has_signature) {
		*ret = NULL;
		*ret_n = 0;
		bool is_there = !fstatat(s->fd, name, &st, AT_SYMLINK_NOFOLLOW) && spool_is_regular(&st);
		return is_there ? stale(s, name, e) : 0;
	}
	int r = take(s, name, &f->signature, temp_folder, SIGNATURE_MAX_BYTES, cancel, &fd, e);
	if (r)
		return r;
	size_t n = (size_t)f->signature.bytes;
	uint8_t *bytes = malloc(n ? n : 1);
	if (!bytes || pread(fd, bytes, n, 0) != (ssize_t)n) {
		free(bytes);
		close(fd);
		return err_set(e, bytes ? -EIO : -ENOMEM, "%s: the signature cannot be kept in memory.",
			       name);
	}
	close(fd);
	*ret = bytes;
	*ret_n = n;
	return 0;
}

int spool_take(struct spool *s, const struct spool_file *f, const char *temp_folder, uint64_t max_bytes,
	       const atomic_bool *cancel, int *ret_fd, uint8_t **ret_signature, size_t *ret_signature_bytes,
	       struct err *e)
{
	int fd = -1;
	int r = take(s, f->name, &f->file, temp_folder, max_bytes, cancel, &fd, e);
	if (r)
		return r;
	r = take_signature(s, f, temp_folder, cancel, ret_signature, ret_signature_bytes, e);
	if (r)
		close(fd);
	else
		*ret_fd = fd;
	return r;
}

struct place {
	int fd;
	const char *name;		/* of the folder */
	char file[SPOOL_MAX_NAME + 16]; /* there */
};

static bool is_free(const struct place *to, const char *end)
{
	char name[sizeof(to->file) + 8];
	snprintf(name, sizeof(name), "%s%s", to->file, end);
	return faccessat(to->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) && errno == ENOENT;
}

/* NAME, else NAME.2, NAME.3, ...: where neither it, its signature nor its reason is. */
static bool choose(const struct spool_file *f, struct place *to)
{
	for (unsigned i = 1; i < MAX_NUMBER; i++) {
		if (i == 1)
			snprintf(to->file, sizeof(to->file), "%s", f->name);
		else
			snprintf(to->file, sizeof(to->file), "%s.%u", f->name, i);
		if (is_free(to, "") && is_free(to, SPOOL_SIGNATURE) && is_free(to, SPOOL_WHY))
			return true;
	}
	return false;
}

/* Renaming changes the time of change, nothing else. */
static bool is_at(int fd, const char *name, const struct spool_ident *ident)
{
	struct stat st;
	return !fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) && st.st_dev == ident->device &&
	       st.st_ino == ident->inode && (uint64_t)st.st_size == ident->bytes;
}

/* The file first: one without its signature must never be there to be offered. */
static int move(struct spool *s, const struct spool_file *f, const struct place *to, struct err *e)
{
	char from[SPOOL_SIGNATURE_BYTES], sig[sizeof(to->file) + sizeof(SPOOL_SIGNATURE)];
	if (!is_at(s->fd, f->name, &f->file))
		return stale(s, f->name, e);
	if (renameat2(s->fd, f->name, to->fd, to->file, RENAME_NOREPLACE))
		return err_set(e, -errno,
			       "%s/%s: cannot be moved to %s/: %s; this process must own the folder.",
			       s->folder, f->name, to->name, strerror(errno));
	if (!is_at(to->fd, to->file, &f->file)) { /* another was put in its place just now */
		renameat2(to->fd, to->file, s->fd, f->name, RENAME_NOREPLACE);
		return stale(s, f->name, e);
	}
	spool_signature_name(f->name, from);
	snprintf(sig, sizeof(sig), "%s%s", to->file, SPOOL_SIGNATURE);
	if (f->has_signature && is_at(s->fd, from, &f->signature) &&
	    renameat2(s->fd, from, to->fd, sig, RENAME_NOREPLACE))
		return err_set(e, -errno, "%s/%s: cannot be moved to %s/: %s.", s->folder, from, to->name,
			       strerror(errno));
	return 0;
}

static int choose_place(const struct spool *s, const struct spool_file *f, struct place *to, struct err *e)
{
	if (choose(f, to))
		return 0;
	return err_set(e, -EEXIST, "%s/%s: %s/ holds too many files of this name: clear it.", s->folder,
		       f->name, to->name);
}

int spool_done(struct spool *s, const struct spool_file *f, struct err *e)
{
	struct place to = {.fd = s->done_fd, .name = "done"};
	char signature[sizeof(to.file) + sizeof(SPOOL_SIGNATURE)];
	int r = choose_place(s, f, &to, e);
	if (!r)
		r = move(s, f, &to, e);
	if (r || !s->options.remove_done)
		return r;
	snprintf(signature, sizeof(signature), "%s%s", to.file, SPOOL_SIGNATURE);
	if (unlinkat(to.fd, to.file, 0) ||
	    (f->has_signature && unlinkat(to.fd, signature, 0) && errno != ENOENT))
		return err_set(e, -errno, "%s/done/%s: cannot be removed: %s.", s->folder, to.file,
			       strerror(errno));
	return 0;
}

static int write_why(const struct spool *s, const struct place *to, const char *name, const char *why,
		     struct err *e)
{
	int fd = openat(to->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(e, -errno, "%s/refused/%s: cannot be made: %s.", s->folder, name,
			       strerror(errno));
	int r = temp_write(fd, why, strlen(why), NULL);
	if (!r)
		r = temp_write(fd, "\n", 1, NULL);
	close(fd);
	if (!r)
		return 0;
	unlinkat(to->fd, name, 0);
	return err_set(e, r, "%s/refused/%s: cannot be written: %s.", s->folder, name, strerror(-r));
}

int spool_refuse(struct spool *s, const struct spool_file *f, const char *why, struct err *e)
{
	struct place to = {.fd = s->refused_fd, .name = "refused"};
	char name[sizeof(to.file) + sizeof(SPOOL_WHY)];
	int r = choose_place(s, f, &to, e);
	if (r)
		return r;
	snprintf(name, sizeof(name), "%s%s", to.file, SPOOL_WHY);
	r = write_why(s, &to, name, why, e);
	if (r)
		return r;
	r = move(s, f, &to, e);
	if (r && is_free(&to, "")) /* it is not there: nor is its reason */
		unlinkat(to.fd, name, 0);
	return r;
}
