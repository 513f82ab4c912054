/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_control_config: a refusal is one line that begins with the file; what loads is within every limit, and comes back the
 * same from what is printed. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "control/config.h"
#include "control/config_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static int load(const void *bytes, size_t n, struct control_config **ret, struct err *e)
{
	char path[64];
	int fd = memfd_create("config", MFD_CLOEXEC);
	assert(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int err = control_config_load(path, ret, e);
	close(fd);
	return err;
}

static void check_paths(const char *const *paths, unsigned n, bool may_be_empty)
{
	for (unsigned i = 0; i < n; i++)
		assert(paths[i][0] == '/' || (may_be_empty && !paths[i][0]));
}

static void check_texts(char *const *texts, unsigned n, unsigned most)
{
	assert(texts && n <= most);
	for (unsigned i = 0; i < n; i++)
		assert(texts[i] && *texts[i]);
}

static void check_nodes(const struct control_config *c)
{
	assert(c->roles && c->n_roles <= CONTROL_ROLES_MAX);
	for (unsigned i = 0; i < c->n_roles; i++) {
		check_texts(c->roles[i].users, c->roles[i].n_users, CONTROL_MEMBERS_MAX);
		check_texts(c->roles[i].groups, c->roles[i].n_groups, CONTROL_MEMBERS_MAX);
	}
	assert(c->dataplanes && c->n_dataplanes <= CONTROL_DATAPLANES_MAX);
	for (unsigned i = 0; i < c->n_dataplanes; i++) {
		const struct config_dataplane *d = &c->dataplanes[i];
		assert(*d->name && !strchr(d->name, '/') && d->socket[0] == '/' && strlen(d->socket) <= 107);
		check_paths((const char *const[]){d->events}, 1, true);
		for (unsigned k = 0; k < i; k++)
			assert(strcmp(c->dataplanes[k].name, d->name) &&
			       strcmp(c->dataplanes[k].socket, d->socket));
	}
}

static void check_authority(const struct config_authority *a)
{
	const char *const paths[] = {a->trusted, a->ca_file, a->client_cert, a->client_key,
				     a->authorization_file};
	check_paths(paths, 5, true);
	assert(*a->name && (*a->trusted || (!*a->signer_name && !*a->fingerprint)));
	assert(!*a->client_cert == !*a->client_key);
	assert(a->min_entries <= a->max_entries && a->max_removed_percent <= 100);
	assert(a->max_rejected_percent <= 100 && a->max_bytes && a->max_bytes <= 1099511627776);
	check_texts(a->tests, a->n_tests, CONTROL_TESTS_MAX);
}

static void check_limits(const struct control_config *c)
{
	check_paths((const char *const[]){c->state, c->socket}, 2, false);
	check_paths((const char *const[]){c->key_file, c->http.pages, c->limits.file_root, c->limits.temp}, 4,
		    true);
	check_nodes(c);
	assert(c->authorities && c->n_authorities <= CONTROL_AUTHORITIES_MAX);
	for (unsigned i = 0; i < c->n_authorities; i++) {
		check_authority(&c->authorities[i]);
		assert(control_config_authority(c, c->authorities[i].name) == &c->authorities[i]);
	}
	check_texts(c->guard.files, c->guard.n_files, CONTROL_GUARD_FILES_MAX);
	check_texts(c->guard.operators, c->guard.n_operators, CONTROL_GUARD_MAX);
	check_texts(c->guard.emergencies, c->guard.n_emergencies, CONTROL_GUARD_MAX);
	assert(c->http.port && c->http.port <= 65535 && c->retention.versions >= 2 && c->appeal_days);
	assert(c->limits.connections_per_user && c->limits.connections_per_user <= c->limits.connections);
}

static void print(const struct control_config *c, char **ret, size_t *ret_n)
{
	FILE *f = open_memstream(ret, ret_n);
	assert(f);
	control_config_print(c, f);
	fclose(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct control_config *c = NULL, *again = NULL;
	struct err e = {""};
	char *text, *text_again;
	size_t n, n_again;
	if (load(p, len, &c, &e)) {
		assert(!c && !strncmp(e.text, "/proc/self/fd/", 14) && !strpbrk(e.text, "\n\r\t\033"));
		return 0;
	}
	check_limits(c);
	print(c, &text, &n);
	assert(!load(text, n, &again, &e));
	print(again, &text_again, &n_again);
	assert(n && n == n_again && !memcmp(text, text_again, n));
	free(text);
	free(text_again);
	control_config_free(c);
	control_config_free(again);
	return 0;
}
