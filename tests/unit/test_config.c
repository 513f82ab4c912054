/* SPDX-License-Identifier: BSD-3-Clause */
/* tests/config/bad/FILE begins with "# LINE: KEY: ...", the whole sentence behind the file's name; tests/config/good/FILE may hold
 * lines "# warns LINE: KEY: ...", each warning in its order. */
#include "dataplane/dpdk/config.h"

#include <cyaml/cyaml.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/config/tables.h"
#include "dataplane/core/pipeline.h"
#include "dataplane/dpdk/config_rows.h"
#include "tests/unit/harness.h"

#define TEXT_MAX (CONFIG_FILE_MAX + 2)

#define SMALLEST                                                                       \
	"ports: [{name: left, interface: veth-l}, {name: right, interface: veth-r}]\n" \
	"pairs: [{left: left, right: right}]\n"

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

/* The first `n` cores are there. */
static cpu_set_t cores(unsigned n)
{
	cpu_set_t may;
	CPU_ZERO(&may);
	for (unsigned i = 0; i < n; i++)
		CPU_SET(i, &may);
	return may;
}

static void read_text(const char *path, char *ret)
{
	FILE *f = fopen(path, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	ret[fread(ret, 1, TEXT_MAX - 1, f)] = '\0';
	fclose(f);
}

static int load_bytes(const char *bytes, size_t n, struct config **ret, struct err *e)
{
	char path[] = "/tmp/roja-config-XXXXXX";
	cpu_set_t may = cores(2);
	int fd = mkstemp(path);
	CU_ASSERT_FATAL(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
	close(fd);
	int err = config_load_for(path, &may, ret, e);
	unlink(path);
	return err;
}

static struct config *load(const char *yaml)
{
	struct config *cfg = NULL;
	struct err e = {""};
	load_bytes(yaml, strlen(yaml), &cfg, &e);
	CU_ASSERT_STRING_EQUAL(e.text, "");
	CU_ASSERT_PTR_NOT_NULL_FATAL(cfg);
	return cfg;
}

/* The sentence of a refusal, behind the file's name; "" where there was none. */
static const char *refusal(const char *bytes, size_t n)
{
	static struct err e;
	struct config *cfg = NULL;
	e.text[0] = '\0';
	if (!load_bytes(bytes, n, &cfg, &e)) {
		config_free(cfg);
		return "";
	}
	CU_ASSERT_PTR_NULL(cfg);
	char *behind = strstr(e.text, ":");
	return behind ? behind + 1 : e.text;
}

static void check(const char *path, const char *what, const char *got, const char *wanted)
{
	if (strcmp(got, wanted))
		printf("%s: %s\n  got    %s\n  wanted %s\n", path, what, got, wanted);
	CU_ASSERT_STRING_EQUAL(got, wanted);
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
	struct config *cfg = NULL;
	struct err e = {""};
	char wanted[2048];
	cpu_set_t may = cores(2);
	read_text(path, text);
	snprintf(wanted, sizeof(wanted), "%s:%.*s", path, (int)strcspn(text + 2, "\n"), text + 2);
	int err = config_load_for(path, &may, &cfg, &e);
	check(path, "is refused", e.text, wanted);
	CU_ASSERT_EQUAL(err, -EINVAL);
	CU_ASSERT_PTR_NULL(cfg);
	if (!err)
		config_free(cfg);
}

static void test_config_refuses_with_line_and_path(void)
{
	CU_ASSERT(each_file(CONFIG_FILES "/bad", check_refused) > 90);
}

static void print(const struct config *cfg, char *ret)
{
	FILE *f = fmemopen(ret, TEXT_MAX, "w");
	CU_ASSERT_EQUAL(config_print(cfg, f), 0);
	fclose(f);
}

/* What the file at `path`, now in `text`, says of warnings. */
static void wanted_warnings(const char *path, char *ret)
{
	*ret = '\0';
	for (const char *at = text; (at = strstr(at, "# warns ")); at++)
		ret += sprintf(ret, "%s:%.*s\n", path, (int)strcspn(at + 8, "\n"), at + 8);
}

static void check_good(const char *path)
{
	struct config *cfg = NULL, *again;
	struct err e = {""};
	cpu_set_t may = cores(2);
	config_load_for(path, &may, &cfg, &e);
	check(path, "loads", e.text, "");
	CU_ASSERT_PTR_NOT_NULL_FATAL(cfg);
	read_text(path, text);
	wanted_warnings(path, other);
	check(path, "warns", cfg->warnings, other);
	print(cfg, text);
	config_free(cfg);
	again = load(text);
	print(again, other);
	check(path, "comes back from what is printed", other, text);
	config_free(again);
}

static void test_config_prints_what_loads_to_the_same(void)
{
	CU_ASSERT(each_file(CONFIG_FILES "/good", check_good) > 10);
}

static void test_config_examples_load(void)
{
	static const char *const examples[] = {CONFIG_SHARE "/roja-dataplane.yaml",
					       CONFIG_SHARE "/roja-dataplane-lab.yaml"};
	cpu_set_t may = cores(8);
	for (unsigned i = 0; i < 2; i++) {
		struct config *cfg = NULL;
		struct err e = {""};
		config_load_for(examples[i], &may, &cfg, &e);
		check(examples[i], "loads", e.text, "");
		config_free(cfg);
	}
}

static void test_config_fills_every_default(void)
{
	const struct pipeline_config *core = &pipeline_config_default;
	struct config *cfg = load(SMALLEST);
	CU_ASSERT_STRING_EQUAL(cfg->instance, "roja");
	CU_ASSERT_EQUAL(cfg->mode, CONFIG_MODE_INLINE);
	CU_ASSERT_EQUAL(cfg->fail, CONFIG_FAIL_OPEN);
	CU_ASSERT_EQUAL(cfg->heartbeat_ms, 5);
	CU_ASSERT(!cfg->eal.hugepages && cfg->eal.memory_mib == 1024 && cfg->eal.n_options == 0);
	CU_ASSERT(cfg->n_ports == 2 && cfg->n_pairs == 1 && cfg->n_mirrors == 0);
	const struct config_port *p = &cfg->ports[1];
	CU_ASSERT_EQUAL(p->driver, CONFIG_DRIVER_AF_XDP);
	CU_ASSERT(p->queues == 1 && p->mtu == 0 && p->promiscuous && p->propagate_link);
	CU_ASSERT(!*p->device && !*p->options);
	CU_ASSERT(cfg->workers.n_cores == 1 && cfg->workers.cores[0] == 0);
	CU_ASSERT(cfg->workers.idle == CONFIG_IDLE_POLL && cfg->workers.idle_us == 50);
	CU_ASSERT_EQUAL(cfg->workers.distribution, CONFIG_DISTRIBUTION_AUTO);
	CU_ASSERT(cfg->limits.flows == core->flows && cfg->limits.fragments == core->fragments);
	CU_ASSERT(cfg->limits.small == core->small && cfg->limits.medium == core->medium);
	CU_ASSERT(cfg->limits.large == core->large && cfg->limits.http2 == core->http2);
	CU_ASSERT(cfg->limits.mbufs == 16384 && cfg->limits.burst == 64 && cfg->events.records == 65536);
	CU_ASSERT(!*cfg->ruleset && !*cfg->key_file && !*cfg->page && !strcmp(cfg->user, "roja"));
	CU_ASSERT(cfg->bypass.n_ports == 0 && !cfg->bypass.elephants && !*cfg->warnings);
	config_free(cfg);
}

static void test_config_default_paths_follow_the_instance(void)
{
	struct config *cfg = load("instance: other\n" SMALLEST "events: {path: /run/mine}\n");
	CU_ASSERT_STRING_EQUAL(cfg->socket, "/run/other/dataplane.sock");
	CU_ASSERT_STRING_EQUAL(cfg->events.path, "/run/mine");
	config_free(cfg);
}

static void test_config_takes_the_first_core_it_may_use(void)
{
	struct config *cfg = NULL;
	struct err e = {""};
	cpu_set_t may = cores(4);
	CPU_CLR(0, &may);
	CPU_CLR(1, &may);
	CU_ASSERT_EQUAL_FATAL(config_load_for(CONFIG_FILES "/good/smallest.yaml", &may, &cfg, &e), 0);
	CU_ASSERT(cfg->workers.n_cores == 1 && cfg->workers.cores[0] == 2);
	config_free(cfg);
	CU_ASSERT_EQUAL_FATAL(config_load(CONFIG_FILES "/good/smallest.yaml", &cfg, &e), 0);
	config_free(cfg);
}

/* good/everything.yaml sets every key, to something else than its default. */
static void check_said(const struct config_rows *rows)
{
	char key[64];
	for (unsigned i = 0; i < rows->n; i++) {
		snprintf(key, sizeof(key), "%s:", rows->v[i].key);
		if (!strstr(text, key))
			printf("good/everything.yaml does not set %s\n", key);
		CU_ASSERT_PTR_NOT_NULL(strstr(text, key));
		if (rows->v[i].of && rows->v[i].kind == CONFIG_KIND_MAP)
			check_said(rows->v[i].of);
	}
}

static void test_config_takes_every_key(void)
{
	struct config *cfg;
	read_text(CONFIG_FILES "/good/everything.yaml", text);
	check_said(config_dataplane.top);
	cfg = load(text);
	CU_ASSERT(!strcmp(cfg->instance, "other") && cfg->mode == CONFIG_MODE_MONITOR);
	CU_ASSERT(cfg->fail == CONFIG_FAIL_CLOSED && cfg->heartbeat_ms == 20);
	CU_ASSERT(cfg->eal.hugepages && cfg->eal.memory_mib == 2048 && cfg->eal.n_options == 2);
	CU_ASSERT_STRING_EQUAL(cfg->eal.options[1], "lib.eal:debug");
	const struct config_port *p = &cfg->ports[0];
	CU_ASSERT(p->driver == CONFIG_DRIVER_AF_PACKET && p->queues == 3 && p->mtu == 9000);
	CU_ASSERT(!p->promiscuous && !p->propagate_link && !strcmp(p->options, "qdisc_bypass=0"));
	CU_ASSERT(cfg->pairs[0].left == 1 && cfg->pairs[0].right == 0);
	CU_ASSERT(cfg->workers.n_cores == 3 && cfg->workers.cores[0] == 1 && cfg->workers.cores[2] == 1);
	CU_ASSERT(cfg->workers.idle == CONFIG_IDLE_SLEEP && cfg->workers.idle_us == 100);
	CU_ASSERT(cfg->workers.realtime == 7 && cfg->workers.distribution == CONFIG_DISTRIBUTION_SOFTWARE);
	CU_ASSERT(cfg->limits.flows == 2048 && cfg->limits.small == 128 && cfg->limits.medium == 32);
	CU_ASSERT(cfg->limits.large == 17 && cfg->limits.fragments == 18 && cfg->limits.http2 == 2);
	CU_ASSERT(cfg->limits.mbufs == 8192 && cfg->limits.burst == 32);
	CU_ASSERT(cfg->at_limit.no_ruleset && cfg->at_limit.bad_frame && cfg->at_limit.fragment);
	CU_ASSERT(cfg->at_limit.flows && cfg->at_limit.streams && cfg->at_limit.message);
	CU_ASSERT_STRING_EQUAL(cfg->ruleset, "/var/lib/roja/a \"quoted\" \\ name.roja");
	CU_ASSERT_STRING_EQUAL(cfg->key_file, "/etc/roja/key");
	CU_ASSERT_STRING_EQUAL(cfg->page, "/etc/roja/page: 1 # 2.html");
	CU_ASSERT(!strcmp(cfg->socket, "/run/other/s") && !strcmp(cfg->events.path, "/run/other/e"));
	CU_ASSERT(cfg->events.records == 128 && cfg->bypass.elephants && !strcmp(cfg->user, "nobody"));
	CU_ASSERT(cfg->bypass.n_ports == 2 && cfg->bypass.ports[0] == 22 && cfg->bypass.ports[1] == 65535);
	config_free(cfg);
}

static void test_config_resolves_mirrors(void)
{
	read_text(CONFIG_FILES "/good/mirror.yaml", text);
	struct config *cfg = load(text);
	CU_ASSERT(cfg->n_mirrors == 2 && cfg->mirrors[0].input == 0 && cfg->mirrors[0].answers == 2);
	CU_ASSERT(cfg->mirrors[1].input == 1 && cfg->mirrors[1].answers == 2);
	config_free(cfg);
}

/* One more than fits; the sizes around it. */
static void test_config_bounds_the_file(void)
{
	memset(text, '#', TEXT_MAX);
	memcpy(text, SMALLEST, strlen(SMALLEST));
	CU_ASSERT_STRING_EQUAL(refusal(text, CONFIG_FILE_MAX), "");
	CU_ASSERT_STRING_EQUAL(refusal(text, CONFIG_FILE_MAX + 1),
			       "1: longer than 256 KiB; is it the right file?");
	CU_ASSERT_STRING_EQUAL(refusal("", 0), "1: ports: the file says nothing; name the ports and pairs");
}

static void test_config_refuses_what_is_no_text(void)
{
	static const char zero[] = "instance: a\nmode\0: inline\n",
			  wide[] = "\xff\xfe\xe9\x01\xe9\x01\x0a\x01",
			  latin[] = "instance: a\npage: /t\xfc\n", bell[] = "page: /t\a\n";
	CU_ASSERT_STRING_EQUAL(refusal(zero, sizeof(zero) - 1),
			       "2: a zero byte; the file must be text in UTF-8");
	CU_ASSERT_PTR_NOT_NULL(strstr(refusal(wide, sizeof(wide) - 1), "1: no YAML: "));
	CU_ASSERT_PTR_NOT_NULL(strstr(refusal(latin, sizeof(latin) - 1), "2: no YAML: "));
	CU_ASSERT_PTR_NOT_NULL(strstr(refusal(bell, sizeof(bell) - 1), "1: no YAML: "));
}

static void test_config_refuses_what_cannot_be_read(void)
{
	struct config *cfg;
	struct err e;
	CU_ASSERT_EQUAL(config_load("/nonexistent/a.yaml", &cfg, &e), -ENOENT);
	CU_ASSERT_STRING_EQUAL(e.text, "/nonexistent/a.yaml: cannot open it: No such file or directory");
	CU_ASSERT_EQUAL(config_load("/", &cfg, &e), -EISDIR);
	CU_ASSERT_STRING_EQUAL(e.text, "/: cannot read it: Is a directory");
}

#define DEEP   "1: lists and mappings in each other, deeper than 8; see roja-dataplane.yaml(5)"
#define MARKED "1: a YAML anchor (&), alias (*) or tag (!); write the value out, or quote it"

/* Fills the file with `unit` behind `head`. */
static size_t fill(const char *head, const char *unit)
{
	size_t n = (size_t)sprintf(text, "%s", head), step = strlen(unit);
	for (; n + step + 4 <= CONFIG_FILE_MAX; n += step)
		memcpy(text + n, unit, step);
	text[n] = '\0';
	return n;
}

/* Depth, for which libyaml's tree needs time quadratic in it, and what stands for far more than its bytes. */
static void test_config_refuses_bombs(void)
{
	CU_ASSERT_STRING_EQUAL(refusal(text, fill("", "[")), DEEP);
	CU_ASSERT_STRING_EQUAL(refusal(text, fill("", "{")), DEEP);
	CU_ASSERT_STRING_EQUAL(refusal(text, fill("", "- ")), DEEP);
	CU_ASSERT_STRING_EQUAL(refusal(text, fill("", "? ")), DEEP);
	CU_ASSERT_STRING_EQUAL(refusal(text, fill("eal: &a [x, x]\nb: ", "[*a, *a], ")), MARKED);
	CU_ASSERT_STRING_EQUAL(refusal(text, fill("a: [", "&a b, ")), MARKED);
	size_t n = fill(SMALLEST "workers: {cores: [", "0,");
	CU_ASSERT_STRING_EQUAL(refusal(text, n + (size_t)sprintf(text + n, "0]}\n")),
			       "3: workers.cores: more than 32 items; remove some");
	n = fill("instance: [", "b: c, ");
	CU_ASSERT_STRING_EQUAL(refusal(text, n + (size_t)sprintf(text + n, "d]\n")),
			       "1: instance: a single value is expected here, no list or mapping");
	CU_ASSERT_STRING_EQUAL(refusal(text, fill("b: c\n", "d: e\n")),
			       "1: b: no such key; see roja-dataplane.yaml(5)");
}

static void test_config_says_when_memory_ends(void)
{
	cpu_set_t may = cores(2);
	unsigned i = 0;
	for (int err = -ENOMEM; err; i++) {
		struct config *cfg = NULL;
		struct err e = {""};
		fails_at = i;
		err = config_load_for(CONFIG_FILES "/good/everything.yaml", &may, &cfg, &e);
		CU_ASSERT(err == 0 || (err == -ENOMEM && e.text[0] && !cfg));
		if (err != 0 && err != -ENOMEM)
			break;
		if (!err)
			config_free(cfg);
	}
	fails_at = ~0u;
	CU_ASSERT(i > 20);
}

static void test_config_nearest_word(void)
{
	static const char *const words[] = {"instance", "mode", "fail", "eal"};
	static const struct {
		const char *text, *near;
	} rows[] = {
	    {"instnace", "instance"}, {"Mode", "mode"}, {"node", "mode"}, {"fial", "fail"}, {"el", "eal"},
	    {"model", "mode"},	      {"", NULL},	{"x", NULL},	  {"bypass", NULL}};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *near = config_nearest(rows[i].text, words, 4);
		check(rows[i].text, "means", near ? near : "-", rows[i].near ? rows[i].near : "-");
	}
}

static const struct test tests[] = {
    TEST(test_config_refuses_with_line_and_path),
    TEST(test_config_prints_what_loads_to_the_same),
    TEST(test_config_examples_load),
    TEST(test_config_fills_every_default),
    TEST(test_config_default_paths_follow_the_instance),
    TEST(test_config_takes_the_first_core_it_may_use),
    TEST(test_config_takes_every_key),
    TEST(test_config_resolves_mirrors),
    TEST(test_config_bounds_the_file),
    TEST(test_config_refuses_what_is_no_text),
    TEST(test_config_refuses_what_cannot_be_read),
    TEST(test_config_refuses_bombs),
    TEST(test_config_says_when_memory_ends),
    TEST(test_config_nearest_word),
};

HARNESS_MAIN("config", tests)
