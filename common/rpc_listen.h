/* SPDX-License-Identifier: BSD-3-Clause */
/* rpc_listen: a daemon's socket file, and who is at the other end of a connection.
 *
 * Model:    a socket file is replaced only when nobody answers on it. Who a peer is says the kernel, as of its connect.
 * Errors:   0 or -errno with a sentence.
 */
#ifndef COMMON_RPC_LISTEN_H
#define COMMON_RPC_LISTEN_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/err.h"

#define RPC_PEER_GROUPS 1024

/* Makes the socket file with mode 0660, in the place of one that a dead daemon left; *ret_fd is bound, not yet listening.
 * group: whose the file is; (gid_t)-1: the process's. -EADDRINUSE: another daemon answers there. -EEXIST: the file is something
 * else. */
int rpc_listen(const char *path, gid_t group, int *ret_fd, struct err *e);

/* Removes the file unless a successor has put its own there. made: lstat of the file, at the start. */
struct stat;
void rpc_listen_end(const char *path, const struct stat *made);

struct rpc_peer {
	uid_t uid;
	gid_t gid,
	    groups[RPC_PEER_GROUPS]; /* groups: the supplementary ones; of a peer that has more: none */
	unsigned n_groups;
};

int rpc_peer(int fd, struct rpc_peer *ret, struct err *e);
bool rpc_peer_in_group(const struct rpc_peer *p, gid_t group);

#endif
