/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

int privileges_limit(struct err *e)
{
	struct rlimit none = {0, 0};
	umask(0027);
	if (setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, 0))
		return err_set(e, -errno, "cannot rule out core dumps: %s", strerror(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return err_set(e, -errno, "cannot rule out new privileges: %s", strerror(errno));
	return 0;
}

static int find_user(const char *name, uid_t *ret_uid, gid_t *ret_gid, struct err *e)
{
	const struct passwd *p = getpwnam(name);
	if (!p)
		return err_set(e, -ENOENT,
			       "user: there is no user \"%s\": adduser --system --group %s, or user: \"\"",
			       name, name);
	*ret_uid = p->pw_uid;
	*ret_gid = p->pw_gid;
	return 0;
}

static int find_group(const char *name, gid_t *ret, struct err *e)
{
	const struct group *g = getgrnam(name);
	if (!g)
		return err_set(e, -ENOENT,
			       "group: there is no group \"%s\": addgroup --system %s, or group: \"\"", name,
			       name);
	*ret = g->gr_gid;
	return 0;
}

/* The folder's group reads nothing but what is below rulesets/, for which it must pass. */
static int own_folder(const char *folder, uid_t uid, gid_t gid, struct err *e)
{
	if (mkdir(folder, 0710) && errno != EEXIST)
		return err_set(e, -errno, "state: %s cannot be made: %s", folder, strerror(errno));
	if (geteuid() == 0 && (chmod(folder, 0710) || chown(folder, uid, gid)))
		return err_set(e, -errno, "state: %s cannot be given to its user: %s", folder,
			       strerror(errno));
	return 0;
}

int privileges_drop(const char *user, const char *group, const char *folder, struct err *e)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int err = *user && uid == 0 ? find_user(user, &uid, &gid, e) : 0;
	if (!err && *group)
		err = find_group(group, &gid, e);
	if (!err)
		err = own_folder(folder, uid, gid, e);
	if (err || uid == geteuid())
		return err;
	capng_clear(CAPNG_SELECT_BOTH);
	err =
	    capng_change_id((int)uid, (int)gid, (capng_flags_t)(CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING));
	if (err)
		return err_set(e, -EPERM, "user: cannot become \"%s\" (capng_change_id: %d)", user, err);
	/* changing the user had reset it */
	return prctl(PR_SET_DUMPABLE, 0)
		   ? err_set(e, -errno, "cannot rule out core dumps: %s", strerror(errno))
		   : 0;
}
