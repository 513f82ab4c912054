/* SPDX-License-Identifier: BSD-3-Clause */
/* log_keys: which key signs, and its files. The map says it, durably with the leaves that say it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/log_state.h"
#include "audit/tiler_files.h"
#include "audit/wal_format.h"

#define KEY_NAME_BYTES 16
#define KEY_LINE       "roja-audit-key/v1"

struct named {
	uint64_t from;
	uint32_t id;
};

static struct span span_of(const char *text)
{
	return (struct span){(const uint8_t *)text, strlen(text)};
}

static void key_name(uint32_t id, char ret[KEY_NAME_BYTES])
{
	snprintf(ret, KEY_NAME_BYTES, "%08" PRIx32 ".pem", id);
}

static char *key_path(const struct audit_log *l, uint32_t id)
{
	char name[KEY_NAME_BYTES], *path;
	key_name(id, name);
	return asprintf(&path, "%s/keys/%s", l->folder, name) < 0 ? NULL : path;
}

static int make(struct audit_log *l, struct signer **ret, struct err *e)
{
	struct signer *s = NULL;
	int err = signer_new(l->origin, &s, e);
	char *path = err ? NULL : key_path(l, signer_verifier(s)->id);
	if (!err)
		err = path ? signer_save(s, path, e) : err_set(e, -ENOMEM, "no memory");
	free(path);
	if (err)
		signer_free(s);
	else
		*ret = s;
	return err;
}

static int name_signer(struct audit_log *l, uint32_t id, uint64_t from)
{
	uint8_t value[12];
	wal_put64(value, from);
	wal_put32(value + 8, id);
	return log_set_always(l, span_of(LOG_KEY_SIGNER), (struct span){value, sizeof(value)});
}

static int name_before(struct audit_log *l, uint32_t id)
{
	uint8_t value[4];
	wal_put32(value, id);
	return log_set_always(l, span_of(LOG_KEY_BEFORE), (struct span){value, sizeof(value)});
}

int keys_new(struct audit_log *l, struct err *e)
{
	int err = make(l, &l->signer, e);
	if (!err && (log_set_always(l, span_of(LOG_KEY_ORIGIN), span_of(l->origin)) ||
		     name_signer(l, signer_verifier(l->signer)->id, 0)))
		err = err_set(e, -ENOMEM, "no memory");
	return err;
}

static bool named(const struct audit_log *l, const char *key, size_t bytes, struct named *ret)
{
	const struct map_row *row = map_find(&l->map, span_of(key));
	if (!row || row->value_bytes != bytes)
		return false;
	ret->from = bytes == 12 ? wal_get64(row->value) : 0;
	ret->id = wal_get32(row->value + bytes - 4);
	return true;
}

static int load(struct audit_log *l, uint32_t id, struct signer **ret, struct err *e)
{
	char *path = key_path(l, id);
	struct err why = {""};
	int err = path ? signer_load(path, l->origin, ret, &why) : -ENOMEM;
	if (err == -ENOENT)
		err = err_set(e, -ENOKEY,
			      "%s: the key that signs the log is missing: put it back from a copy", path);
	else if (err)
		err = err_set(e, err, "%s", path ? why.text : "no memory");
	else if (signer_verifier(*ret)->id != id)
		err = err_set(e, -EBADMSG, "%s: is another key than its name says: put it back from a copy",
			      path);
	free(path);
	return err;
}

int keys_load(struct audit_log *l, struct err *e)
{
	struct named is, was;
	const struct map_row *origin = map_find(&l->map, span_of(LOG_KEY_ORIGIN));
	if (!origin || !named(l, LOG_KEY_SIGNER, 12, &is))
		return err_set(e, -EBADMSG, "%s/wal: names no key: put the folder back from a copy",
			       l->folder);
	if (origin->value_bytes != strlen(l->origin) ||
	    memcmp(origin->value, l->origin, origin->value_bytes) != 0)
		return err_set(e, -EEXIST, "%s: is the log \"%.*s\": another origin needs another folder",
			       l->folder, origin->value_bytes, (const char *)origin->value);
	int err = load(l, is.id, &l->signer, e);
	l->key_from = is.from;
	if (err || !named(l, LOG_KEY_BEFORE, 4, &was))
		return err;
	err = load(l, was.id, &l->before, e);
	/* it was retired, as far as a death let it, and the map not told yet */
	if ((err == -ENOKEY || err == -EBADMSG) && l->published > is.from) {
		l->retired = true;
		err = 0;
	}
	return err;
}

static int wipe(struct audit_log *l, const char *name)
{
	static const uint8_t zeros[512];
	int fd = openat(l->keys_fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	int err = tiler_write_all(fd, zeros, sizeof(zeros));
	/* else the zeros go with the file, and the disk keeps the key */
	if (!err && fdatasync(fd))
		err = -errno;
	close(fd);
	if (unlinkat(l->keys_fd, name, 0) && errno != ENOENT)
		return -errno;
	return err ? err : fsync(l->keys_fd) ? -errno : 0;
}

void keys_tidy(struct audit_log *l)
{
	char is[KEY_NAME_BYTES], was[KEY_NAME_BYTES] = "";
	int fd = openat(l->keys_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		if (fd >= 0)
			close(fd);
		return;
	}
	key_name(signer_verifier(l->signer)->id, is);
	if (l->before)
		key_name(signer_verifier(l->before)->id, was);
	for (struct dirent *in; (in = readdir(d));)
		if (strlen(in->d_name) == strlen(is) && strspn(in->d_name, "0123456789abcdef") == 8 &&
		    !strcmp(in->d_name + 8, ".pem") && strcmp(in->d_name, is) != 0 &&
		    strcmp(in->d_name, was) != 0)
			wipe(l, in->d_name);
	closedir(d);
}

int keys_sign(struct audit_log *l, uint64_t size, const struct hash *root, char *ret, size_t *ret_bytes,
	      struct err *e)
{
	pthread_mutex_lock(&l->lock);
	struct signer *signer = size > l->key_from ? l->signer : NULL, *before = l->before;
	pthread_mutex_unlock(&l->lock);
	if (!signer && !before)
		return err_set(e, -ENOKEY, "the key that signs the first %" PRIu64 " leaves is gone", size);
	pthread_mutex_lock(&l->signing);
	*ret_bytes = checkpoint_print(l->origin, size, root, ret);
	int err = before ? note_sign(ret, ret_bytes, NOTE_MAX_BYTES, before, e) : 0;
	if (!err && signer)
		err = note_sign(ret, ret_bytes, NOTE_MAX_BYTES, signer, e);
	pthread_mutex_unlock(&l->signing);
	return err;
}

int keys_retire(struct audit_log *l, uint64_t size, struct err *e)
{
	char name[KEY_NAME_BYTES];
	pthread_mutex_lock(&l->lock);
	struct signer *before = size > l->key_from ? l->before : NULL;
	pthread_mutex_unlock(&l->lock);
	if (!before)
		return 0;
	key_name(signer_verifier(before)->id, name);
	int err = wipe(l, name);
	if (err)
		return err_set(e, err, "keys/%s: the key that signs no more cannot be removed: %s", name,
			       strerror(-err));
	pthread_mutex_lock(&l->lock);
	l->before = NULL;
	l->retired = true;
	pthread_mutex_unlock(&l->lock);
	signer_free(before);
	return 0;
}

/* The leaf by which the old key hands over to the new one. */
static int hand_over(struct audit_log *l, struct signer *old, const char *vkey, uint64_t *ret, struct err *e)
{
	char text[sizeof(KEY_LINE) + NOTE_NAME_MAX + NOTE_VKEY_BYTES + 4];
	uint8_t signature[64];
	struct entry entry = {.kind = ENTRY_KEY, .time_ns = log_now_ns()};
	int n = snprintf(text, sizeof(text), "%s\n%s\n%s\n", KEY_LINE, l->origin, vkey);
	pthread_mutex_lock(&l->signing);
	int err = signer_sign(old, text, (size_t)n, signature, e);
	pthread_mutex_unlock(&l->signing);
	entry.v[ENTRY_F(KEY, vkey)].s = span_of(vkey);
	entry.v[ENTRY_F(KEY, signature)].s = (struct span){signature, sizeof(signature)};
	return err ? err : log_add(l, &entry, ret, e);
}

static void undo(struct audit_log *l, struct signer *new)
{
	char name[KEY_NAME_BYTES];
	key_name(signer_verifier(new)->id, name);
	wipe(l, name);
	signer_free(new);
	name_signer(l, signer_verifier(l->signer)->id, l->key_from);
	log_set_always(l, span_of(LOG_KEY_BEFORE), (struct span){NULL, 0});
}

int log_rotate(struct audit_log *l, char ret[NOTE_VKEY_BYTES], struct err *e)
{
	struct signer *new = NULL, *old = l->signer;
	uint64_t index = 0;
	pthread_mutex_lock(&l->lock);
	bool busy = l->before || l->retired;
	pthread_mutex_unlock(&l->lock);
	if (busy)
		return err_set(e, -EBUSY,
			       "the key before is still needed for the next checkpoint: try again "
			       "when it is published");
	int err = make(l, &new, e);
	if (err)
		return err;
	verifier_print(signer_verifier(new), ret);
	/* what can fail comes before the leaf: once it is there, the new key signs */
	if (name_before(l, signer_verifier(old)->id) || name_signer(l, signer_verifier(new)->id, index))
		err = err_set(e, -ENOMEM, "no memory");
	if (!err)
		err = hand_over(l, old, ret, &index, e);
	if (err) {
		undo(l, new);
		return err;
	}
	name_signer(l, signer_verifier(new)->id, index);
	pthread_mutex_lock(&l->lock);
	l->before = old;
	l->signer = new;
	l->key_from = index;
	pthread_mutex_unlock(&l->lock);
	log_commit(l);
	return 0;
}

const struct verifier *log_verifier(const struct audit_log *l)
{
	return signer_verifier(l->signer);
}
