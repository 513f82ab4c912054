/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_check.h"

#include <arpa/inet.h>
#include <string.h>

#include "common/config/tables.h"
#include "control/api/roles.h"
#include "control/config_keys.h"

#define SHA256_DIGITS 64

struct check {
	const struct config_text *t;
	const struct control_config *cfg;
	struct err *e;
};

#define REFUSE(c, ...) config_text_refuse_key((c)->t, (c)->e, __VA_ARGS__)

static int check_role(const struct check *c, unsigned i)
{
#define X(id, word, help) word,
	static const char *const words[] = {ROLES(X)};
#undef X
	const char *name = c->cfg->roles[i].name;
	bool known = false;
	for (unsigned k = 0; k < ROLES_N; k++)
		known |= !strcmp(words[k], name);
	const char *near = known ? NULL : config_nearest(name, words, ROLES_N);
	if (near)
		return REFUSE(c, "roles[%u].name: there is no role \"%s\"; did you mean \"%s\"?", i, name,
			      near);
	if (!known)
		return REFUSE(
		    c,
		    "roles[%u].name: there is no role \"%s\"; write viewer, operator, approver, auditor or "
		    "admin",
		    i, name);
	for (unsigned k = 0; k < i; k++)
		if (!strcmp(c->cfg->roles[k].name, name))
			return REFUSE(c, "roles[%u].name: \"%s\" is roles[%u] already; put its users there",
				      i, name, k);
	return 0;
}

/* Two data planes share nothing. */
static int check_dataplane(const struct check *c, unsigned i)
{
	const struct config_dataplane *d = &c->cfg->dataplanes[i];
	for (unsigned k = 0; k < i; k++) {
		const struct config_dataplane *o = &c->cfg->dataplanes[k];
		if (!strcmp(o->name, d->name))
			return REFUSE(c,
				      "dataplanes[%u].name: \"%s\" is dataplanes[%u] already; choose another",
				      i, d->name, k);
		if (!strcmp(o->socket, d->socket))
			return REFUSE(c, "dataplanes[%u].socket: is that of \"%s\" too; name its own", i,
				      o->name);
		if (*d->events && !strcmp(o->events, d->events))
			return REFUSE(c, "dataplanes[%u].events: is that of \"%s\" too; name its own", i,
				      o->name);
	}
	if (!strcmp(d->socket, c->cfg->socket))
		return REFUSE(c, "dataplanes[%u].socket: is roja-control's own socket; name the data plane's",
			      i);
	if (!strcmp(d->socket, d->events))
		return REFUSE(c, "dataplanes[%u].events: is its socket, too; name another file", i);
	return 0;
}

static bool is_sha256(const char *text)
{
	unsigned digits = 0;
	for (; *text; text++)
		digits += *text != ':';
	return digits == SHA256_DIGITS;
}

static int check_signer(const struct check *c, unsigned i)
{
	const struct config_authority *a = &c->cfg->authorities[i];
	if (*a->fingerprint && !is_sha256(a->fingerprint))
		return REFUSE(
		    c,
		    "authorities[%u].fingerprint: has not 64 digits; openssl x509 -noout -fingerprint -sha256 "
		    "shows it",
		    i);
	if (!*a->trusted && (*a->signer_name || *a->fingerprint))
		return REFUSE(
		    c, "authorities[%u].%s: no signature is looked at without certificates; set trusted too",
		    i, *a->signer_name ? "signer_name" : "fingerprint");
	if (*a->client_cert && !*a->client_key)
		return REFUSE(c, "authorities[%u].client_cert: needs its private key; set client_key too", i);
	if (*a->client_key && !*a->client_cert)
		return REFUSE(c, "authorities[%u].client_key: needs its certificate; set client_cert too", i);
	return 0;
}

static int check_authority(const struct check *c, unsigned i)
{
	const struct config_authority *a = &c->cfg->authorities[i];
	for (unsigned k = 0; k < i; k++)
		if (!strcmp(c->cfg->authorities[k].name, a->name))
			return REFUSE(c, "authorities[%u].name: is that of authorities[%u] too; keep one row",
				      i, k);
	if (a->min_entries > a->max_entries)
		return REFUSE(
		    c, "authorities[%u].min_entries: %u is more than max_entries, %u; no list would do", i,
		    a->min_entries, a->max_entries);
	return check_signer(c, i);
}

static bool is_address(const char *text)
{
	struct in6_addr any;
	return inet_pton(AF_INET, text, &any) == 1 || inet_pton(AF_INET6, text, &any) == 1;
}

static int check_stamps(const struct check *c)
{
	const struct control_audit *a = &c->cfg->audit;
	if (*a->stamp_url && strncasecmp(a->stamp_url, "http://", 7) &&
	    strncasecmp(a->stamp_url, "https://", 8))
		return REFUSE(c, "audit.stamp_url: \"%s\" begins neither with http:// nor with https://",
			      a->stamp_url);
	if (*a->stamp_url && !*a->stamp_ca)
		return REFUSE(c,
			      "audit.stamp_url: nobody says whose stamps are good; set audit.stamp_ca too");
	return 0;
}

/* Whether it is one of the words of a list with commas. */
static bool is_one_of(const char *list, const char *word)
{
	size_t n = strlen(word);
	for (const char *p = list; *p; p += strspn(p, ", ")) {
		size_t len = strcspn(p, ",");
		if (len == n && !strncmp(p, word, n))
			return true;
		p += len;
	}
	return false;
}

static int check_category(const struct check *c, unsigned i)
{
	const struct config_category *rows = c->cfg->retention.categories;
	if (!is_one_of(CONTROL_CATEGORIES, rows[i].category))
		return REFUSE(
		    c, "retention.categories[%u].category: \"%s\" is none; write one of " CONTROL_CATEGORIES,
		    i, rows[i].category);
	for (unsigned k = 0; k < i; k++)
		if (!strcmp(rows[k].category, rows[i].category))
			return REFUSE(
			    c,
			    "retention.categories[%u].category: is that of categories[%u] too; keep one row",
			    i, k);
	return 0;
}

static int check_rest(const struct check *c)
{
	const struct control_limits *l = &c->cfg->limits;
	const struct control_http *h = &c->cfg->http;
	if (*h->address && !is_address(h->address))
		return REFUSE(c, "http.address: \"%s\" is no IP address; write for example 127.0.0.1",
			      h->address);
	for (unsigned i = 0; i < h->n_metrics_from; i++)
		if (!is_address(h->metrics_from[i]))
			return REFUSE(
			    c, "http.metrics_from[%u]: \"%s\" is no IP address; write for example 192.0.2.1",
			    i, h->metrics_from[i]);
	if (l->connections_per_user > l->connections)
		return REFUSE(c,
			      "limits.connections_per_user: %u is more than limits.connections, %u; lower it",
			      l->connections_per_user, l->connections);
	return 0;
}

int control_config_check(const struct config_text *t, const struct control_config *cfg, struct err *e)
{
	const struct check c = {t, cfg, e};
	int err = 0;
	for (unsigned i = 0; !err && i < cfg->n_roles; i++)
		err = check_role(&c, i);
	for (unsigned i = 0; !err && i < cfg->n_dataplanes; i++)
		err = check_dataplane(&c, i);
	for (unsigned i = 0; !err && i < cfg->n_authorities; i++)
		err = check_authority(&c, i);
	for (unsigned i = 0; !err && i < cfg->retention.n_categories; i++)
		err = check_category(&c, i);
	err = err ? err : check_stamps(&c);
	err = err ? err : control_config_check_sinks(t, cfg, e);
	return err ? err : check_rest(&c);
}
