/* SPDX-License-Identifier: BSD-3-Clause */
/* control_listen: a daemon's socket file, and who may use it. For control_socket.c. */
#ifndef DATAPLANE_DPDK_CONTROL_LISTEN_H
#define DATAPLANE_DPDK_CONTROL_LISTEN_H

#include "common/err.h"

/* Makes the socket file with mode 0660, in the place of one that a dead daemon left; *ret_fd is bound, not yet listening.
 * -EADDRINUSE: another daemon answers there. -EEXIST: the file is something else. */
int control_listen(const char *path, int *ret_fd, struct err *e);
/* Whether the peer is root, this process's user, or of its group: 0, or -EACCES with a sentence. */
int control_may_use(int fd, struct err *e);

#endif
