/* SPDX-License-Identifier: BSD-3-Clause */
/* net_lookup: addresses of a name, without waiting longer than one wants to: getaddrinfo cannot be told to stop.
 *
 * Model:    each look-up has a thread of its own, which nobody waits for; whoever of the two is last frees what they share.
 */
#ifndef CONTROL_SINK_NET_LOOKUP_H
#define CONTROL_SINK_NET_LOOKUP_H

#include <netdb.h>

#include "control/sink/output.h"

/* socktype: SOCK_STREAM or SOCK_DGRAM. *ret: freeaddrinfo. -ENOENT, -ETIMEDOUT, -ECANCELED with *ret_why, a literal. */
int net_lookup(const struct output *o, const char *host, uint32_t port, int socktype, int ms,
	       struct addrinfo **ret, const char **ret_why);

#endif
