/* SPDX-License-Identifier: BSD-3-Clause */
/* What a sink's row must mean, beyond its table. */
#include <arpa/inet.h>
#include <string.h>

#include "audit/entry_rows.h"
#include "common/config/tables.h"
#include "control/config_check.h"

#define REFUSE(...) config_text_refuse_key(t, e, __VA_ARGS__)

static int check_kinds(const struct config_text *t, const struct config_sink *s, unsigned i, struct err *e)
{
#define X(KIND, word, number, fields, help) word,
	static const char *const words[] = {ENTRY_KINDS(X)};
#undef X
	enum { WORDS = sizeof(words) / sizeof(*words) };
	for (unsigned k = 0; k < s->n_kinds; k++) {
		bool known = false;
		for (unsigned w = 0; w < WORDS; w++)
			known |= !strcmp(words[w], s->kinds[k]);
		const char *near = known ? NULL : config_nearest(s->kinds[k], words, WORDS);
		if (near)
			return REFUSE("sinks[%u].kinds[%u]: no entry is a \"%s\"; did you mean \"%s\"?", i, k,
				      s->kinds[k], near);
		if (!known)
			return REFUSE(
			    "sinks[%u].kinds[%u]: no entry is a \"%s\"; docs/audit-format.md names them", i,
			    k, s->kinds[k]);
	}
	return 0;
}

static bool is_here(const char *host)
{
	struct in_addr four;
	struct in6_addr six;
	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, host, &six) == 1)
		return IN6_IS_ADDR_LOOPBACK(&six);
	return !strcmp(host, "localhost");
}

static int check_server(const struct config_text *t, const struct config_sink *s, unsigned i, struct err *e)
{
	if (!*s->host)
		return REFUSE("sinks[%u].host: a syslog sink needs the server's name or address", i);
	if (s->transport != SINK_TLS && !is_here(s->host))
		return REFUSE(
		    "sinks[%u].transport: without TLS records go to this machine alone, not to \"%s\"; set tls",
		    i, s->host);
	if (s->transport != SINK_TLS && (*s->ca_file || *s->client_cert || *s->client_key))
		return REFUSE("sinks[%u].transport: certificates are for tls; leave them out", i);
	if (*s->client_cert && !*s->client_key)
		return REFUSE("sinks[%u].client_cert: needs its private key; set client_key too", i);
	if (*s->client_key && !*s->client_cert)
		return REFUSE("sinks[%u].client_key: needs its certificate; set client_cert too", i);
	return 0;
}

static int check_same(const struct config_text *t, const struct control_config *cfg, unsigned i,
		      struct err *e)
{
	const struct config_sink *s = &cfg->sinks[i];
	for (unsigned k = 0; k < i; k++) {
		const struct config_sink *o = &cfg->sinks[k];
		if (!strcmp(o->name, s->name))
			return REFUSE("sinks[%u].name: \"%s\" is sinks[%u] already; choose another", i,
				      s->name, k);
		if (s->format == SINK_JSONL && o->format == SINK_JSONL && !strcmp(o->path, s->path))
			return REFUSE("sinks[%u].path: is that of \"%s\" too; name its own", i, o->name);
	}
	return 0;
}

int control_config_check_sinks(const struct config_text *t, const struct control_config *cfg, struct err *e)
{
	int err = 0;
	for (unsigned i = 0; !err && i < cfg->n_sinks; i++) {
		const struct config_sink *s = &cfg->sinks[i];
		if (s->format == SINK_SYSLOG)
			err = check_server(t, s, i, e);
		else if (!*s->path)
			err = REFUSE("sinks[%u].path: a jsonl sink needs its file's path", i);
		err = err ? err : check_kinds(t, s, i, e);
		err = err ? err : check_same(t, cfg, i, e);
	}
	return err;
}
