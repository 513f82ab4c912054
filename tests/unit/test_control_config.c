/* SPDX-License-Identifier: BSD-3-Clause */
/* tests/config/control/bad/FILE begins with "# LINE: KEY: ...", the whole sentence behind the file's name; what is in good/ loads. */
#include "control/config.h"

#include <cyaml/cyaml.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/config/text.h"
#include "control/config_rows.h"
#include "control/safety/safety.h"
#include "tests/unit/harness.h"

#define TEXT_MAX (CONFIG_FILE_MAX + 2)

static char text[TEXT_MAX], other[TEXT_MAX];

/* libcyaml's memory, here in place of its own: the request that `fails_at` counts down to 0 is refused. */
static unsigned fails_at = ~0u;

void *cyaml_mem(void *ctx, void *p, size_t n)
{
	(void)ctx;
	if (!n) {
		free(p);
		return NULL;
	}
	return fails_at-- ? realloc(p, n) : NULL;
}

static void read_text(const char *path, char *ret)
{
	FILE *f = fopen(path, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	ret[fread(ret, 1, TEXT_MAX - 1, f)] = '\0';
	fclose(f);
}

static void check(const char *path, const char *what, const char *got, const char *wanted)
{
	if (strcmp(got, wanted))
		printf("%s: %s\n  got    %s\n  wanted %s\n", path, what, got, wanted);
	CU_ASSERT_STRING_EQUAL(got, wanted);
}

static struct control_config *load_file(const char *path)
{
	struct control_config *c = NULL;
	struct err e = {""};
	control_config_load(path, &c, &e);
	check(path, "loads", e.text, "");
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	return c;
}

static struct control_config *load(const char *yaml)
{
	char path[] = "/tmp/roja-control-XXXXXX";
	int fd = mkstemp(path);
	CU_ASSERT_FATAL(fd >= 0 && write(fd, yaml, strlen(yaml)) == (ssize_t)strlen(yaml));
	close(fd);
	struct control_config *c = load_file(path);
	unlink(path);
	return c;
}

static unsigned each_file(const char *folder, void (*run)(const char *path))
{
	struct dirent **files;
	char path[1024];
	unsigned done = 0;
	int n = scandir(folder, &files, NULL, alphasort);
	CU_ASSERT_FATAL(n > 0);
	for (int i = 0; i < n; i++) {
		if (strstr(files[i]->d_name, ".yaml")) {
			snprintf(path, sizeof(path), "%s/%s", folder, files[i]->d_name);
			run(path);
			done++;
		}
		free(files[i]);
	}
	free(files);
	return done;
}

static void check_refused(const char *path)
{
	struct control_config *c = NULL;
	struct err e = {""};
	char wanted[2048];
	read_text(path, text);
	snprintf(wanted, sizeof(wanted), "%s:%.*s", path, (int)strcspn(text + 2, "\n"), text + 2);
	int err = control_config_load(path, &c, &e);
	check(path, "is refused", e.text, wanted);
	CU_ASSERT_EQUAL(err, -EINVAL);
	CU_ASSERT_PTR_NULL(c);
	control_config_free(c);
}

static void test_control_config_refuses_with_line_and_path(void)
{
	CU_ASSERT(each_file(CONFIG_FILES "/control/bad", check_refused) > 30);
}

static void print(const struct control_config *c, char *ret)
{
	FILE *f = fmemopen(ret, TEXT_MAX, "w");
	control_config_print(c, f);
	fclose(f);
}

static void check_good(const char *path)
{
	struct control_config *c = load_file(path), *again;
	print(c, text);
	control_config_free(c);
	again = load(text);
	print(again, other);
	check(path, "comes back from what is printed", other, text);
	control_config_free(again);
}

static void test_control_config_prints_what_loads_to_the_same(void)
{
	CU_ASSERT(each_file(CONFIG_FILES "/control/good", check_good) > 5);
	check_good(CONFIG_SHARE "/control.yaml");
}

static bool prints_key(const char *key)
{
	char line[64];
	snprintf(line, sizeof(line), "%s:", key);
	return strstr(text, line);
}

static void check_printed(const struct config_rows *rows)
{
	for (unsigned i = 0; i < rows->n; i++) {
		CU_ASSERT(prints_key(rows->v[i].key));
		if (rows->v[i].of)
			check_printed(rows->v[i].of);
	}
}

static void test_control_config_prints_every_key(void)
{
	struct control_config *c = load("roles: [{name: viewer}]\ndataplanes: [{name: a}]\n"
					"authorities: [{name: b}]\nsinks: [{name: c, path: /a}]\n"
					"retention: {categories: [{category: csam}]}\n");
	print(c, text);
	check_printed(config_control.top);
	control_config_free(c);
}

static void test_control_config_fills_every_default(void)
{
	struct control_config *c = load("{}\n");
	CU_ASSERT(!strcmp(c->instance, "main") && !strcmp(c->state, "/var/lib/roja-control") &&
		  !*c->key_file);
	CU_ASSERT_STRING_EQUAL(c->socket, "/run/roja/control.sock");
	CU_ASSERT(!*c->user && !*c->group && !c->n_roles && !c->n_dataplanes && !c->n_authorities);
	CU_ASSERT(c->roles && c->dataplanes && c->authorities && c->guard.operators && c->guard.emergencies);
	CU_ASSERT(!c->guard.n_operators && !c->guard.n_emergencies);
	CU_ASSERT(c->breaker.window_s == 60 && c->breaker.min_flows == 1000 && c->breaker.max_percent == 20);
	CU_ASSERT(c->stop.confirm_s == 14400);
	CU_ASSERT(!*c->http.address && c->http.port == 9464 && !*c->http.pages && !c->http.appeals);
	CU_ASSERT(c->retention.hits_days == 30 && c->retention.counts_days == 400);
	CU_ASSERT(c->retention.acts_days == 3650 && !c->retention.n_categories);
	CU_ASSERT(c->retention.versions == 20 && !*c->limits.file_root && !*c->limits.temp);
	CU_ASSERT(c->limits.connections == 256 && c->limits.connections_per_user == 32);
	CU_ASSERT(c->limits.jobs_per_user == 4 && c->deadline_warn_s == 7200 && c->appeal_days == 15);
	control_config_free(c);
}

/* share/guard/ as it is installed, each of its files. */
static unsigned has_file(const struct control_guard *g, const char *name)
{
	unsigned found = 0;
	for (unsigned i = 0; i < g->n_files; i++)
		found += !strcmp(strrchr(g->files[i], '/') + 1, name);
	return found;
}

static void test_control_config_guards_by_the_installed_files(void)
{
	struct control_config *c = load("guard: {operators: [isp.example]}\n");
	struct dirent **files;
	unsigned n_texts = 0;
	int n = scandir(CONFIG_SHARE "/guard", &files, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (strstr(files[i]->d_name, ".txt")) {
			CU_ASSERT_EQUAL(has_file(&c->guard, files[i]->d_name), 1);
			n_texts++;
		}
		free(files[i]);
	}
	free(files);
	CU_ASSERT(n_texts == c->guard.n_files && n_texts > 0 && c->guard.files[0][0] == '/');
	CU_ASSERT(c->guard.n_operators == 1 && !strcmp(c->guard.operators[0], "isp.example"));
	control_config_free(c);
	c = load("guard: {files: []}\n");
	CU_ASSERT(c->guard.n_files == 0 && c->guard.files);
	control_config_free(c);
	c = load("guard: {files: [/etc/roja/own.txt]}\n");
	CU_ASSERT(c->guard.n_files == 1 && !strcmp(c->guard.files[0], "/etc/roja/own.txt"));
	control_config_free(c);
}

static void test_control_config_finds_a_data_plane_by_its_name(void)
{
	struct control_config *c = load("instance: site\ndataplanes:\n"
					"- {name: east}\n"
					"- {name: west, socket: /run/w.sock, events: \"\"}\n");
	CU_ASSERT_EQUAL_FATAL(c->n_dataplanes, 2);
	CU_ASSERT_STRING_EQUAL(c->dataplanes[0].socket, "/run/east/dataplane.sock");
	CU_ASSERT_STRING_EQUAL(c->dataplanes[0].events, "/run/east/events");
	CU_ASSERT_STRING_EQUAL(c->dataplanes[1].socket, "/run/w.sock");
	CU_ASSERT_STRING_EQUAL(c->dataplanes[1].events, "");
	control_config_free(c);
}

static void check_defaults(const struct config_authority *a)
{
	const struct safety_policy *p = &safety_policy_default;
	CU_ASSERT(a->min_entries == p->min_entries && a->max_entries == p->max_entries);
	CU_ASSERT(a->max_removed_percent == p->max_removed_percent);
	CU_ASSERT(a->max_added_percent == p->max_added_percent);
	CU_ASSERT(a->max_rejected_percent == p->max_rejected_percent && a->skip_guarded == p->skip_guarded);
	CU_ASSERT(a->max_bytes == 256u * 1024 * 1024 && !a->allow_http && !a->n_tests);
	CU_ASSERT(!*a->trusted && !*a->signer_name && !*a->fingerprint && !*a->ca_file);
	CU_ASSERT(!*a->client_cert && !*a->client_key && !*a->authorization_file);
}

static void test_control_config_authority_without_a_row_has_the_defaults(void)
{
	struct control_config *c = load("authorities: [{name: A, max_bytes: 5000000000}, {name: B}]\n");
	CU_ASSERT_EQUAL(control_config_authority(c, "A")->max_bytes, 5000000000);
	check_defaults(control_config_authority(c, "B"));
	check_defaults(control_config_authority(c, "C"));
	CU_ASSERT_STRING_EQUAL(control_config_authority(c, "C")->name, "*");
	control_config_free(c);
	c = load("authorities: [{name: \"*\", min_entries: 7}, {name: B}]\n");
	CU_ASSERT_EQUAL(control_config_authority(c, "C")->min_entries, 7);
	CU_ASSERT_EQUAL(control_config_authority(c, "B")->min_entries, 1);
	CU_ASSERT_EQUAL(control_config_authority(c, "b")->min_entries, 7);
	control_config_free(c);
}

/* good/everything.yaml sets every key, to something else than its default. */
static void check_said(const struct config_rows *rows)
{
	for (unsigned i = 0; i < rows->n; i++) {
		if (!prints_key(rows->v[i].key))
			printf("good/everything.yaml does not set %s\n", rows->v[i].key);
		CU_ASSERT(prints_key(rows->v[i].key));
		if (rows->v[i].of)
			check_said(rows->v[i].of);
	}
}

static void check_everything_authority(const struct config_authority *a)
{
	CU_ASSERT(!strcmp(a->name, "Example Authority") && !strcmp(a->trusted, "/etc/roja/t.pem"));
	CU_ASSERT(!strcmp(a->signer_name, "lists.authority.example") && a->fingerprint[2] == ':');
	CU_ASSERT(!strcmp(a->ca_file, "/etc/roja/ca.pem") && !strcmp(a->client_cert, "/etc/roja/c.pem"));
	CU_ASSERT(!strcmp(a->client_key, "/etc/roja/k.pem") &&
		  !strcmp(a->authorization_file, "/etc/roja/token"));
	CU_ASSERT(a->skip_guarded && a->allow_http && a->min_entries == 2 && a->max_entries == 3);
	CU_ASSERT(a->max_removed_percent == 4 && a->max_added_percent == 500);
	CU_ASSERT(a->max_rejected_percent == 6 && a->max_bytes == 1099511627776);
	CU_ASSERT(a->n_tests == 2 && !strcmp(a->tests[1], "https://authority.example/test"));
}

static void test_control_config_takes_every_key(void)
{
	const char *path = CONFIG_FILES "/control/good/everything.yaml";
	read_text(path, text);
	check_said(config_control.top);
	struct control_config *c = load_file(path);
	CU_ASSERT(!strcmp(c->instance, "other") && !strcmp(c->state, "/srv/roja"));
	CU_ASSERT(!strcmp(c->key_file, "/etc/roja/key") && !strcmp(c->socket, "/run/other.sock"));
	CU_ASSERT(!strcmp(c->user, "roja-control") && !strcmp(c->group, "roja"));
	CU_ASSERT_FATAL(c->n_roles == 5 && c->n_dataplanes == 1 && c->n_authorities == 1);
	CU_ASSERT(!strcmp(c->roles[1].name, "operator") && c->roles[1].n_users == 2);
	CU_ASSERT(!strcmp(c->roles[1].users[1], "1000") && !strcmp(c->roles[1].groups[0], "noc"));
	CU_ASSERT(!strcmp(c->dataplanes[0].socket, "/run/a.sock") &&
		  !strcmp(c->dataplanes[0].events, "/run/a.events"));
	check_everything_authority(c->authorities);
	CU_ASSERT(c->guard.n_files == 1 && c->guard.n_operators == 2 && c->guard.n_emergencies == 1);
	CU_ASSERT(c->breaker.window_s == 0 && c->breaker.max_percent == 30 &&
		  c->breaker.min_flows == 1000000000000);
	CU_ASSERT(c->stop.confirm_s == 60 && !strcmp(c->http.address, "2001:db8::1") && c->http.port == 80);
	CU_ASSERT(!strcmp(c->http.pages, "/etc/roja/pages") && c->http.appeals);
	CU_ASSERT(c->retention.hits_days == 1 && c->retention.counts_days == 2 && c->retention.versions == 3);
	CU_ASSERT(!strcmp(c->limits.file_root, "/srv/feeds") && !strcmp(c->limits.temp, "/run/lists"));
	CU_ASSERT(c->limits.connections == 64 && c->limits.connections_per_user == 64);
	CU_ASSERT(c->limits.jobs_per_user == 2 && c->deadline_warn_s == 0 && c->appeal_days == 7);
	control_config_free(c);
}

static void test_control_config_says_when_memory_ends(void)
{
	static const char *const files[] = {CONFIG_FILES "/control/good/everything.yaml",
					    CONFIG_FILES "/control/good/smallest.yaml"};
	for (unsigned k = 0; k < 2; k++) {
		unsigned i = 0;
		for (int err = -ENOMEM; err == -ENOMEM; i++) {
			struct control_config *c = NULL;
			struct err e = {""};
			fails_at = i;
			err = control_config_load(files[k], &c, &e);
			CU_ASSERT(err == 0 || (err == -ENOMEM && e.text[0] && !c));
			control_config_free(c);
		}
		fails_at = ~0u;
		CU_ASSERT(i > 20);
	}
}

static void test_control_config_refuses_what_cannot_be_read(void)
{
	struct control_config *c = NULL;
	struct err e;
	CU_ASSERT_EQUAL(control_config_load("/nonexistent/a.yaml", &c, &e), -ENOENT);
	CU_ASSERT_STRING_EQUAL(e.text, "/nonexistent/a.yaml: cannot open it: No such file or directory");
	CU_ASSERT_PTR_NULL(c);
}

static const struct test tests[] = {
    TEST(test_control_config_refuses_with_line_and_path),
    TEST(test_control_config_prints_what_loads_to_the_same),
    TEST(test_control_config_prints_every_key),
    TEST(test_control_config_fills_every_default),
    TEST(test_control_config_guards_by_the_installed_files),
    TEST(test_control_config_finds_a_data_plane_by_its_name),
    TEST(test_control_config_authority_without_a_row_has_the_defaults),
    TEST(test_control_config_takes_every_key),
    TEST(test_control_config_says_when_memory_ends),
    TEST(test_control_config_refuses_what_cannot_be_read),
};

HARNESS_MAIN("control_config", tests)
