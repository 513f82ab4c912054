/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/process.h"

static bool changes_user(const char *user)
{
	return geteuid() == 0 && user[0];
}

void privileges_share(const char *path, const char *user)
{
	struct passwd *p;
	struct stat st;
	if (!changes_user(user) || process_find_user(user, &p, NULL) || lstat(path, &st) || st.st_gid)
		return;
	(void)!lchown(path, (uid_t)-1, p->pw_gid);
}

int privileges_limit(const char *user, struct err *e)
{
	struct passwd *p;
	if (changes_user(user) && process_find_user(user, &p, e))
		return -ENOENT;
	return process_protect(e);
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
		int err = process_find_user(user, &p, e);
		if (err)
			return err;
		err = capng_change_id((int)p->pw_uid, (int)p->pw_gid,
				      (capng_flags_t)(CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING));
		if (err)
			return err_set(e, -EPERM, "user: cannot become \"%s\" (capng_change_id: %d)", user,
				       err);
	}
	return process_undumpable(e);
}
