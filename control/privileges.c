/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/process.h"

int privileges_limit(struct err *e)
{
	umask(0027);
	return process_protect(e);
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
	struct passwd *p = NULL;
	int err = *user && uid == 0 ? process_find_user(user, &p, e) : 0;
	if (p) {
		uid = p->pw_uid;
		gid = p->pw_gid;
	}
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
	return process_undumpable(e);
}
