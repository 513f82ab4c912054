/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/process.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int process_undumpable(struct err *e)
{
	struct rlimit none = {0, 0};
	if (setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, 0))
		return err_set(e, -errno, "cannot rule out core dumps: %s", strerror(errno));
	return 0;
}

int process_protect(struct err *e)
{
	int err = process_undumpable(e);
	if (!err && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err = err_set(e, -errno, "cannot rule out new privileges: %s", strerror(errno));
	return err;
}

int process_find_user(const char *name, struct passwd **ret, struct err *e)
{
	*ret = getpwnam(name);
	return *ret ? 0
		    : err_set(e, -ENOENT,
			      "user: there is no user \"%s\": adduser --system --group %s, or user: \"\"",
			      name, name);
}
