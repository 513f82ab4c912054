/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/ctl/shell.h"

static const char *home(void)
{
	const char *named = getenv("HOME");
	const struct passwd *p = named && *named ? NULL : getpwuid(getuid());
	return named && *named ? named : p ? p->pw_dir : NULL;
}

/* Folders that are missing, for the user alone. */
static void make_folders(char *path)
{
	for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		mkdir(path, 0700);
		*slash = '/';
	}
}

const char *shell_history_path(void)
{
	static char path[PATH_MAX];
	const char *state = getenv("XDG_STATE_HOME"), *user = home();
	int n;
	if (state && *state == '/')
		n = snprintf(path, sizeof(path), "%s/roja/history", state);
	else if (user)
		n = snprintf(path, sizeof(path), "%s/.local/state/roja/history", user);
	else
		return NULL;
	if (n <= 0 || (size_t)n >= sizeof(path))
		return NULL;
	make_folders(path);
	return path;
}

/* Links are not followed: what stands there was not put there by us. */
static FILE *open_file(const char *path, int flags, const char *mode)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *f = fd < 0 || fchmod(fd, 0600) ? NULL : fdopen(fd, mode);
	if (!f && fd >= 0)
		close(fd);
	return f;
}

static void write_lines(const char *path, char *const *lines, unsigned n)
{
	FILE *f = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, "w");
	for (unsigned i = 0; f && i < n; i++)
		fprintf(f, "%s\n", lines[i]);
	if (f)
		fclose(f);
}

void shell_history_read(const char *path, void (*each)(void *ctx, const char *line), void *ctx)
{
	char *lines[SHELL_HISTORY_MAX], *line = NULL;
	unsigned n = 0, read = 0;
	size_t room = 0;
	ssize_t len;
	FILE *f = open_file(path, O_RDONLY, "r");
	while (f && (len = getline(&line, &room, f)) > 0) {
		char *copy = strndup(line, strcspn(line, "\n"));
		if (n == SHELL_HISTORY_MAX) {
			free(lines[0]);
			memmove(lines, lines + 1, --n * sizeof(*lines));
		}
		if (copy)
			lines[n++] = copy;
		read++;
	}
	free(line);
	if (f)
		fclose(f);
	if (read > SHELL_HISTORY_MAX)
		write_lines(path, lines, n);
	for (unsigned i = 0; i < n; i++) {
		each(ctx, lines[i]);
		free(lines[i]);
	}
}

void shell_history_append(const char *path, const char *line)
{
	FILE *f = open_file(path, O_WRONLY | O_CREAT | O_APPEND, "a");
	if (!f)
		return;
	fprintf(f, "%s\n", line);
	fclose(f);
}
