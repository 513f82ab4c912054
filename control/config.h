/* SPDX-License-Identifier: BSD-3-Clause */
/* config: roja-control's configuration: a YAML file, read and checked whole before anything happens.
 *
 * Model:    keys are rows (control/config_keys.h), from which come the checks, the manual and the pages. Relative paths are
 *           refused. No text and no list of it is NULL.
 * Owner:    control_config_load allocates all of it, control_config_free frees.
 * Threads:  read-only after loading: read by workers.
 * Limits:   CONFIG_FILE_MAX (common/config/text.h), CONTROL_*_MAX of the rows.
 * Errors:   0 or -errno with one line "FILE:LINE: KEY: what is wrong; what to do" of the first thing that is wrong.
 */
#ifndef CONTROL_CONFIG_H
#define CONTROL_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/err.h"
#include "control/config_keys.h"

#define CONTROL_CONFIG_FILE "/etc/roja/control.yaml"

struct config_role {
	char *name;    /* viewer, operator, approver, auditor, admin */
	char **users;  /* names or numbers */
	char **groups; /* names or numbers */
	unsigned n_users, n_groups;
};

struct config_dataplane {
	char *name;
	char *socket; /* by default that of the data plane whose instance has this name */
	char *events; /* its events file; "" none */
};

/* What an authority's feeds must look like. The name is an order's `authority`; "*" is for all that have no row. */
struct config_authority {
	char *name;
	char *trusted;			/* PEM; "": its lists cannot be signed */
	char *signer_name;		/* "" : any certificate of `trusted` itself */
	char *fingerprint;		/* "" : any */
	char *ca_file;			/* PEM: the only authorities for https; "": the system's */
	char *client_cert, *client_key; /* PEM; "" none */
	char *authorization_file;	/* its content goes into the Authorization header; "" none */
	bool skip_guarded, allow_http;
	uint32_t min_entries, max_entries, max_removed_percent, max_added_percent, max_rejected_percent;
	uint64_t max_bytes; /* of one original */
	char **tests;	    /* entries that each list of it holds */
	unsigned n_tests;
};

struct control_guard {
	char **files, **operators, **emergencies; /* files: in the format of share/guard/ */
	unsigned n_files, n_operators, n_emergencies;
};

struct control_breaker {
	uint32_t window_s, max_percent;
	uint64_t min_flows;
};

struct control_stop {
	uint32_t confirm_s;
};

struct control_probe {
	uint32_t every_s; /* 0: not by the clock */
};

struct control_http {
	char *address; /* "": no HTTP server */
	char *pages;   /* a folder of own templates, "" none */
	uint32_t port;
	bool appeals;	     /* whether the form is offered */
	char **metrics_from; /* addresses that may ask for figures, besides loopback */
	unsigned n_metrics_from;
};

struct config_category {
	char *category;
	uint32_t hits_days;
};

struct control_retention {
	uint32_t hits_days, counts_days, acts_days;
	struct config_category *categories; /* those with a time of their own */
	unsigned n_categories;
	uint32_t versions; /* how many rulesets are kept for going back */
};

struct control_audit {
	char *origin; /* "": roja/INSTANCE */
	uint32_t checkpoint_ms;
	char *stamp_url, *stamp_ca, *stamp_policy; /* url "": no time stamps; policy "": any */
	uint32_t stamp_every_s;
	char **witnesses; /* their keys */
	unsigned n_witnesses;
};

#define CONTROL_SINK_FORMAT_X(id, word, help)	 SINK_##id,
#define CONTROL_SINK_TRANSPORT_X(id, word, help) SINK_##id,
enum sink_format { CONTROL_SINK_FORMATS(CONTROL_SINK_FORMAT_X) };
enum sink_transport { CONTROL_SINK_TRANSPORTS(CONTROL_SINK_TRANSPORT_X) };

struct config_sink {
	char *name;
	unsigned format;       /* enum sink_format */
	char *path;	       /* of a file */
	uint64_t rotate_bytes; /* 0: never */
	uint32_t rotate_files;
	char *host; /* of a server */
	uint32_t port;
	unsigned transport;			  /* enum sink_transport */
	char *ca_file, *client_cert, *client_key; /* PEM; "" the system's, none, none */
	uint32_t confirm_s, enterprise;
	char **kinds; /* words of entries; none: all */
	unsigned n_kinds;
	bool pseudonyms, history;
	uint32_t behind_s;
};

struct control_limits {
	char *file_root; /* file:// below it alone, "" none */
	char *temp;	 /* folder of clear text on its way, "": memory */
	uint32_t connections, connections_per_user, jobs_per_user;
};

struct control_config {
	char *instance, *state; /* state: the folder of the store, objects and rulesets */
	char *key_file;		/* "": the credential roja-key */
	char *socket, *user, *group;
	struct config_role *roles;
	struct config_dataplane *dataplanes;
	struct config_authority *authorities;
	struct config_sink *sinks;
	unsigned n_roles, n_dataplanes, n_authorities, n_sinks;
	struct control_guard guard;
	struct control_breaker breaker;
	struct control_stop stop;
	struct control_probe probe;
	struct control_http http;
	struct control_retention retention;
	struct control_audit audit;
	struct control_limits limits;
	uint32_t deadline_warn_s, appeal_days;
};

int control_config_load(const char *path, struct control_config **ret, struct err *e);
void control_config_free(struct control_config *c);
/* All keys with the values that count, as YAML that loads again to the same. */
void control_config_print(const struct control_config *c, FILE *out);
/* The row of an authority's name; that of "*"; or built-in defaults: never NULL. */
const struct config_authority *control_config_authority(const struct control_config *c, const char *name);

/* docs/control-configuration.md, and the man page roja-control.yaml(5); scripts/man writes both (config_pages_main.c). */
void control_config_page(FILE *out);
void control_config_man(FILE *out);

#endif
