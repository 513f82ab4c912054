/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/rpc_listen.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/rpc.h"

#define MODE 0660

static int new_socket(struct err *e)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return fd < 0 ? err_set(e, -errno, "socket: %s", strerror(errno)) : fd;
}

/* Removes a socket file on which nobody answers. Two daemons that do this at the same moment would both succeed; what
 * keeps them apart is the lock on the events file. */
static int clear_stale(const char *path, const struct sockaddr_un *at, struct err *e)
{
	struct stat st;
	if (lstat(path, &st))
		return errno == ENOENT ? 0 : err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return err_set(
		    e, -EEXIST,
		    "%s: exists and is no socket: remove it, or change \"socket\" in the configuration",
		    path);
	int fd = new_socket(e);
	if (fd < 0)
		return fd;
	int answer = connect(fd, (const struct sockaddr *)at, sizeof(*at)) ? errno : 0;
	close(fd);
	if (!answer || answer == EAGAIN)
		return err_set(e, -EADDRINUSE,
			       "another daemon answers on %s: stop it first, or change \"socket\" in the "
			       "configuration",
			       path);
	if (answer != ECONNREFUSED && answer != ENOENT)
		return err_set(e, -answer, "%s: %s", path, strerror(answer));
	return unlink(path) && errno != ENOENT ? err_set(e, -errno, "%s: %s", path, strerror(errno)) : 0;
}

static int bind_to(int fd, const char *path, const struct sockaddr_un *at, struct err *e)
{
	if (!bind(fd, (const struct sockaddr *)at, sizeof(*at)))
		return 0;
	if (errno == ENOENT)
		return err_set(e, -ENOENT,
			       "%s: its directory does not exist: create it, or change \"socket\" in the "
			       "configuration",
			       path);
	return err_set(e, -errno, "%s: %s", path, strerror(errno));
}

int rpc_listen(const char *path, gid_t group, int *ret_fd, struct err *e)
{
	struct sockaddr_un at;
	int err = rpc_address(path, &at, e);
	if (!err)
		err = clear_stale(path, &at, e);
	int fd = err ? err : new_socket(e);
	if (fd < 0)
		return fd;
	/* Before bind, so that the file never has a wider mode; after it for a umask that took bits away. */
	fchmod(fd, MODE);
	err = bind_to(fd, path, &at, e);
	if (!err && group != (gid_t)-1 && lchown(path, (uid_t)-1, group))
		err = err_set(e, -errno,
			      "%s: cannot be given to group %u: %s: the daemon's user must be a member of it",
			      path, group, strerror(errno));
	if (!err && chmod(path, MODE))
		err = err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (err) {
		close(fd);
		return err;
	}
	*ret_fd = fd;
	return 0;
}

void rpc_listen_end(const char *path, const struct stat *made)
{
	struct stat now;
	if (!lstat(path, &now) && now.st_ino == made->st_ino && now.st_dev == made->st_dev)
		unlink(path);
}

int rpc_peer(int fd, struct rpc_peer *ret, struct err *e)
{
	struct ucred peer;
	socklen_t len = sizeof(peer), groups_len = sizeof(ret->groups);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return err_set(e, -EACCES, "who asks cannot be told: %s", strerror(errno));
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, ret->groups, &groups_len))
		groups_len = 0;
	ret->uid = peer.uid;
	ret->gid = peer.gid;
	ret->n_groups = (unsigned)(groups_len / sizeof(*ret->groups));
	return 0;
}

bool rpc_peer_in_group(const struct rpc_peer *p, gid_t group)
{
	bool is_in = p->gid == group;
	for (unsigned i = 0; i < p->n_groups; i++)
		is_in |= p->groups[i] == group;
	return is_in;
}
