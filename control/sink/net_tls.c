/* SPDX-License-Identifier: BSD-3-Clause */
/* TLS settings of a sink. */
#include <errno.h>
#include <openssl/err.h>
#include <string.h>

#include "control/sink/net.h"

/* Without it OpenSSL would ask at the terminal. */
static int no_password(char *to, int size, int writing, void *ctx)
{
	(void)to, (void)size, (void)writing, (void)ctx;
	return -1;
}

static int refuse(const struct config_sink *c, const char *key, const char *file, const char *todo,
		  struct err *e)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());
	ERR_clear_error();
	return err_set(e, -EINVAL, "sink %s: %s: %s: %s; %s", c->name, key, file,
		       why ? why : "cannot be read", todo);
}

static int load(SSL_CTX *ctx, const struct config_sink *c, struct err *e)
{
	static const char pem[] = "name a file in PEM form that the daemon can read";
	ERR_clear_error();
	if (*c->ca_file ? SSL_CTX_load_verify_locations(ctx, c->ca_file, NULL) != 1
			: SSL_CTX_set_default_verify_paths(ctx) != 1)
		return refuse(c, "ca_file", c->ca_file, pem, e);
	if (!*c->client_cert)
		return 0;
	if (SSL_CTX_use_certificate_chain_file(ctx, c->client_cert) != 1)
		return refuse(c, "client_cert", c->client_cert, pem, e);
	if (SSL_CTX_use_PrivateKey_file(ctx, c->client_key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1)
		return refuse(
		    c, "client_key", c->client_key,
		    "name the key of client_cert, in PEM form, without a password, that the daemon can read",
		    e);
	return 0;
}

int net_tls_new(const struct config_sink *config, SSL_CTX **ret, struct err *e)
{
	*ret = NULL;
	if (config->transport != SINK_TLS)
		return 0;
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	if (!ctx || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1) {
		SSL_CTX_free(ctx);
		return err_set(e, -ENOMEM, "sink %s: no memory for TLS", config->name);
	}
	SSL_CTX_set_default_passwd_cb(ctx, no_password);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_security_level(ctx, 2);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				  SSL_MODE_AUTO_RETRY);
	int err = load(ctx, config, e);
	if (err)
		SSL_CTX_free(ctx);
	else
		*ret = ctx;
	return err;
}
