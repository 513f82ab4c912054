/* SPDX-License-Identifier: BSD-3-Clause */
/* rojactl dataplane load: a ruleset for the daemon. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "common/quote.h"
#include "control/ctl/dataplane.h"
#include "control/ctl/tools.h"

#define LOAD_TIMEOUT_MS 120000 /* reading and checking a file of ten million entries takes a while */

struct options {
	struct ask ask;
	uint64_t as;
};

static const struct opt rows[] = {
    {.name = "as",
     .type = OPT_U64,
     .arg = "VERSION",
     .off = offsetof(struct options, as),
     .min = 1,
     .max = INT64_MAX,
     .help = "The number that hits and events of this ruleset carry; one more than the last by default."},
    ASK_JSON(struct options, ask),
    ASK_WHOM(struct options, ask),
};

const struct opt_program dataplane_load_program = {
    .name = "rojactl dataplane load",
    .synopsis = "[OPTION]... RULESET",
    .about =
	"Gives the daemon a compiled ruleset, and says when every worker judges by it. The daemon reads the file itself, "
	"with its own rights, and checks it first: a bad file changes nothing. No packet is lost.",
    .opts = rows,
    .n_opts = sizeof(rows) / sizeof(*rows),
    .more = ASK_EXIT_CODES,
};

/* The path from the root: the daemon has another working directory. Links are left to it. */
static int absolute(const char *path, char ret[PATH_MAX], struct err *e)
{
	char here[PATH_MAX] = "";
	if (path[0] != '/' && !getcwd(here, sizeof(here)))
		return err_set(e, -EINVAL, "the working directory cannot be told: %s", strerror(errno));
	int n = snprintf(ret, PATH_MAX, "%s%s%s", here, path[0] == '/' ? "" : "/", path);
	return n < PATH_MAX ? 0 : err_set(e, -EINVAL, "%s: the path is too long", path);
}

static void print_late(const json_t *workers, FILE *out)
{
	size_t i;
	json_t *w;
	json_array_foreach(workers, i, w)
	{
		if (json_is_null(json_object_get(w, "switched_ns")))
			fprintf(out, "worker %" PRId64 " has not switched yet: it hangs, or is stopped\n",
				(int64_t)json_integer_value(json_object_get(w, "worker")));
	}
}

static void print(const json_t *r, FILE *out)
{
	const char *digest = json_string_value(json_object_get(r, "digest"));
	const json_t *workers = json_object_get(r, "workers"), *switched = json_object_get(r, "switch_ms");
	fprintf(out,
		"ruleset version %" PRId64 " is active, lists: %" PRId64 ", bytes: %" PRId64 "\nSHA-256 ",
		(int64_t)json_integer_value(json_object_get(r, "version")),
		(int64_t)json_integer_value(json_object_get(r, "lists")),
		(int64_t)json_integer_value(json_object_get(r, "bytes")));
	quote_plain(out, digest ? digest : "-");
	fprintf(out, "\nread and checked in %.1f ms", json_number_value(json_object_get(r, "open_ms")));
	if (json_is_number(switched))
		fprintf(out, ", taken up by %zu worker(s) within %.3f ms", json_array_size(workers),
			json_number_value(switched));
	fputc('\n', out);
	print_late(workers, out);
}

static json_t *params_of(const char *path, uint64_t as)
{
	json_t *params = json_pack("{s:s}", "path", path);
	if (params && as)
		json_object_set_new(params, "version", rpc_u64(as));
	return params;
}

int dataplane_load(int argc, char **argv)
{
	struct options o = {.ask = {.socket = ASK_SOCKET, .timeout_ms = LOAD_TIMEOUT_MS}};
	struct err e = {""};
	char path[PATH_MAX];
	json_t *result = NULL, *params = NULL;
	int n = 0, rc = opt_parse(&dataplane_load_program, argc, argv, &o, argv, &n, &e);
	if (rc == OPT_DONE)
		return CTL_OK;
	if (!rc && n != 1)
		rc = err_set(&e, -EINVAL, "give one compiled ruleset; see %s --help",
			     dataplane_load_program.name);
	if (!rc)
		rc = absolute(argv[0], path, &e);
	if (!rc && !(params = params_of(path, o.as)))
		rc = err_set(&e, -EINVAL, "the path is no UTF-8 text, which the socket's JSON needs");
	if (!rc)
		rc = ask(&o.ask, "ruleset.load", params, &result, &e);
	json_decref(params);
	if (rc)
		return ask_failed("dataplane load", rc, &e);
	if (o.ask.json)
		view_json(result, stdout);
	else
		print(result, stdout);
	json_decref(result);
	return CTL_OK;
}
