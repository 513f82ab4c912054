/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

void privileges_no_dumps(void)
{
	struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
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
	if (!user[0]) {
		if (capng_apply(CAPNG_SELECT_BOTH))
			return err_set(e, -EPERM, "cannot drop capabilities");
	} else {
		errno = 0;
		struct passwd *p = getpwnam(user);
		if (!p)
			return err_set(
			    e, -ENOENT,
			    "user: there is no user \"%s\": adduser --system --group %s, or user: \"\"", user,
			    user);
		int err = capng_change_id((int)p->pw_uid, (int)p->pw_gid,
					  (capng_flags_t)(CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING));
		if (err)
			return err_set(e, -EPERM, "user: cannot become \"%s\" (capng_change_id: %d)", user,
				       err);
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return err_set(e, -errno, "cannot rule out new privileges: %s", strerror(errno));
	prctl(PR_SET_DUMPABLE, 0); /* changing the user had reset it */
	return 0;
}
