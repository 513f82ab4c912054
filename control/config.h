/* SPDX-License-Identifier: BSD-3-Clause */
/* config: roja-control's configuration: a YAML file, read and checked whole before anything happens.
 *
 * Model:    keys are rows (control/config_keys.h), from which come the checks, the manual and the pages. Relative paths are
 *           refused.
 * Owner:    control_config_load allocates all of it, control_config_free frees.
 * Threads:  read-only after loading: read by workers.
 * Errors:   -EINVAL with all that is wrong, a line each: file, line, key and what to do.
 */
#ifndef CONTROL_CONFIG_H
#define CONTROL_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/err.h"

#define CONTROL_CONFIG_FILE "/etc/roja/control.yaml"

struct config_role {
	char *name;    /* viewer, operator, approver, auditor, admin */
	char **users;  /* names or numbers */
	char **groups; /* names or numbers */
	unsigned n_users, n_groups;
};

struct config_dataplane {
	char *name;
	char *
	    socket; /* /run/roja/NAME/dataplane.sock or the like; by default that of the instance of this name */
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

struct control_config {
	char *instance, *state; /* state: the folder of the store, objects and rulesets */
	char *key_file;		/* "": the credential roja-key */
	char *socket, *user, *group;
	struct config_role *roles;
	struct config_dataplane *dataplanes;
	struct config_authority *authorities;
	unsigned n_roles, n_dataplanes, n_authorities;
	struct {
		char **files, **operators, **emergencies;
		unsigned n_files, n_operators, n_emergencies;
	} guard;
	struct {
		uint32_t window_s, max_percent;
		uint64_t min_flows;
	} breaker;
	struct {
		uint32_t confirm_s;
	} stop;
	struct {
		char *address,
		    *pages; /* address "": no HTTP server; pages: a folder of own templates, "" none */
		uint32_t port;
		bool appeals; /* whether the form is offered */
	} http;
	struct {
		uint32_t hits_days, counts_days,
		    versions; /* versions: how many rulesets are kept for going back */
	} retention;
	struct {
		char *file_root,
		    *temp; /* file:// below it alone, "" none; temp: folder of clear text on its way, "": memory */
		uint32_t connections, connections_per_user, jobs_per_user;
	} limits;
	uint32_t deadline_warn_s, appeal_days;
};

int control_config_load(const char *path, struct control_config **ret, struct err *e);
void control_config_free(struct control_config *c);
/* All keys with the values that count, as YAML. */
void control_config_print(const struct control_config *c, FILE *out);
/* The row of an authority's name; that of "*"; or built-in defaults: never NULL. */
const struct config_authority *control_config_authority(const struct control_config *c, const char *name);

#endif
