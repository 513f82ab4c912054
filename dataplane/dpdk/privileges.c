/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static bool changes_user(const char *user)
{
	return geteuid() == 0 && user[0];
}

static int find(const char *user, struct passwd **ret, struct err *e)
{
	*ret = getpwnam(user);
	return *ret ? 0
		    : err_set(e, -ENOENT,
			      "user: there is no user \"%s\": adduser --system --group %s, or user: \"\"",
			      user, user);
}

void privileges_share(const char *path, const char *user)
{
	struct passwd *p;
	struct stat st;
	if (!changes_user(user) || find(user, &p, NULL) || lstat(path, &st) || st.st_gid)
		return;
	(void)!lchown(path, (uid_t)-1, p->pw_gid);
}

int privileges_limit(const char *user, struct err *e)
{
	struct passwd *p;
	if (changes_user(user) && find(user, &p, e))
		return -ENOENT;
	struct rlimit none = {0, 0};
	if (setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, 0))
		return err_set(e, -errno, "cannot rule out core dumps: %s", strerror(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return err_set(e, -errno, "cannot rule out new privileges: %s", strerror(errno));
	return 0;
}

/* All threads change the user at once, and glibc ends the process where one of them may not. */
int privileges_drop_worker(const char *user, struct err *e)
{
	if (changes_user(user))
		return 0;
	capng_clear(CAPNG_SELECT_CAPS);
	return capng_apply(CAPNG_SELECT_CAPS) ? err_set(e, -EPERM, "cannot drop capabilities") : 0;
}

static void choose(void)
{
	capng_clear(CAPNG_SELECT_ALL);
	capng_updatev(CAPNG_ADD, (capng_type_t)(CAPNG_EFFECTIVE | CAPNG_PERMITTED), CAP_NET_ADMIN,
		      CAP_NET_RAW, CAP_BPF, -1);
}

int privileges_drop(const char *user, struct err *e)
{
	if (geteuid() != 0)
		return 0; /* started with what it needs, by systemd for example */
	choose();
	if (!changes_user(user)) {
		if (capng_apply(CAPNG_SELECT_BOTH))
			return err_set(e, -EPERM, "cannot drop capabilities");
	} else {
		struct passwd *p;
		int err = find(user, &p, e);
		if (err)
			return err;
		err = capng_change_id((int)p->pw_uid, (int)p->pw_gid,
				      (capng_flags_t)(CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING));
		if (err)
			return err_set(e, -EPERM, "user: cannot become \"%s\" (capng_change_id: %d)", user,
				       err);
	}
	/* changing the user had reset it */
	return prctl(PR_SET_DUMPABLE, 0)
		   ? err_set(e, -errno, "cannot rule out core dumps: %s", strerror(errno))
		   : 0;
}
