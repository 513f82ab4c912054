/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/export_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/hex.h"

int export_sha256(const void *p, size_t n, char ret[65])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	if (!EVP_Digest(p, n, digest, NULL, EVP_sha256(), NULL))
		return -ENOMEM;
	hex_write(digest, 32, ret);
	return 0;
}

static void make_folders(char *path, size_t from)
{
	for (char *p = path + from; *p; p++)
		if (*p == '/') {
			*p = 0;
			mkdir(path, 0755);
			*p = '/';
		}
}

int export_file_open(struct export_out *o, const char *name, struct export_file *ret, struct err *e)
{
	char path[4096];
	if (snprintf(path, sizeof(path), "%s/%s", o->folder, name) >= (int)sizeof(path))
		return err_set(e, -ENAMETOOLONG, "%s: too long a name", o->folder);
	make_folders(path, strlen(o->folder) + 1);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	ret->f = fdopen(fd, "w");
	ret->sum = EVP_MD_CTX_new();
	if (ret->f && ret->sum && EVP_DigestInit_ex(ret->sum, EVP_sha256(), NULL))
		return 0;
	if (ret->f)
		fclose(ret->f);
	else
		close(fd);
	EVP_MD_CTX_free(ret->sum);
	return err_set(e, -ENOMEM, "no memory");
}

void export_file_add(struct export_file *f, const void *p, size_t n)
{
	EVP_DigestUpdate(f->sum, p, n);
	fwrite(p, 1, n, f->f);
}

int export_file_close(struct export_out *o, struct export_file *f, struct err *e)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	char text[65];
	bool bad = fflush(f->f) || ferror(f->f) || fsync(fileno(f->f));
	int err = bad ? errno ? -errno : -EIO : 0;
	fclose(f->f);
	EVP_DigestFinal_ex(f->sum, digest, NULL);
	EVP_MD_CTX_free(f->sum);
	hex_write(digest, 32, text);
	json_object_set_new(o->files, f->name, json_string(text));
	return err ? err_set(e, err, "%s/%s: %s", o->folder, f->name, strerror(-err)) : 0;
}

int export_put(struct export_out *o, const char *name, const void *p, size_t n, struct err *e)
{
	struct export_file f;
	int err = export_file_open(o, name, &f, e);
	if (err)
		return err;
	export_file_add(&f, p, n);
	return export_file_close(o, &f, e);
}
