/* SPDX-License-Identifier: BSD-3-Clause */
/* net: one connection of a sink to its syslog server. Private to control/sink/net*.c and output_net.c.
 *
 * Model:    UDP and TCP go to this machine alone: an address that is not loopback is refused after the name was looked up. TLS goes anywhere: 1.2 or
 *           later, the server's certificate below ca_file (else the system's) and for the name or address in `host`.
 */
#ifndef CONTROL_SINK_NET_H
#define CONTROL_SINK_NET_H

#include <openssl/ssl.h>

#include "control/sink/output.h"

#define NET_OPEN_MS 15000 /* for connection and handshake */

struct net {
	const struct output *output;
	int fd;
	SSL *tls;      /* NULL: plain */
	uint64_t sent; /* bytes of a plain connection */
};

/* The sink's TLS settings: certificates are read here, so this is called for each connection; -EINVAL. NULL in *ret where the transport is not TLS. */
int net_tls_new(const struct config_sink *config, SSL_CTX **ret, struct err *e);

/* Name, connection, handshake. */
int net_open(struct net *n, SSL_CTX *tls, struct err *e);
void net_close(struct net *n);
/* All of it, or an error. Datagrams: one. */
int net_write(struct net *n, const char *p, size_t len, struct err *e);
/* Reads and forgets what the server says; -EPIPE: it has closed. */
int net_drain(struct net *n, struct err *e);
/* Bytes that left here and that the other kernel has not acknowledged. */
uint64_t net_unacked(const struct net *n);
/* Ends the connection in good order, and waits until the other side has read to its end and ended it, too; then it has read everything. ms: for at
 * most so long, whatever `stop` says; -1: for as long as it takes, or until `stop`. To be closed afterwards. It proves something only where the server
 * had time to refuse us: with TLS 1.3 it looks at our certificate when we are sending already, may read on, and end in good order. */
int net_finish(struct net *n, int ms, struct err *e);
/* Bytes that went into the socket. */
uint64_t net_written(const struct net *n);

#endif
