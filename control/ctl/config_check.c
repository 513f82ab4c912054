/* SPDX-License-Identifier: BSD-3-Clause */
/* rojactl config check: asks the daemon's program, so that both never differ. */
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/config.h"
#include "control/ctl/tools.h"

extern char **environ;

/* Beside this program: in the build folder the daemons have folders of their own. */
static const char *const places[2][3] = {
    {"roja-control", "../roja-control", NULL},
    {"roja-dataplane", "../../dataplane/dpdk/roja-dataplane", NULL},
};

static bool beside(const char *place, char ret[PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n <= 0)
		return false;
	self[n] = 0;
	*strrchr(self, '/') = 0;
	return snprintf(ret, PATH_MAX, "%s/%s", self, place) < PATH_MAX && !access(ret, X_OK);
}

int config_check_run(struct request *q)
{
	bool dataplane = request_value(q, "dataplane")->flag;
	const char *file = request_value(q, "file")->text, *name = places[dataplane][0];
	char path[PATH_MAX];
	bool found = false;
	struct err e = {""};
	pid_t pid;
	int status = 0;
	if (!file)
		file = dataplane ? "/etc/roja/dataplane.yaml" : CONTROL_CONFIG_FILE;
	for (const char *const *p = places[dataplane]; *p && !found; p++)
		found = beside(*p, path);
	char *argv[] = {(char *)name, "--check", (char *)file, NULL};
	fflush(stdout);
	int err = found ? posix_spawn(&pid, path, NULL, NULL, argv, environ)
			: posix_spawnp(&pid, name, NULL, NULL, argv, environ);
	if (err) {
		err_set(&e, -err, "%s cannot be run: %s: is it installed?", name, strerror(err));
		return ctl_fail("config check", &e);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? CTL_OK : CTL_FAILED;
}
