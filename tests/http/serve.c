/* SPDX-License-Identifier: BSD-3-Clause */
/* serve FOLDER ADDRESS PAGES: the HTTP server over a store in FOLDER with some orders, for tests. Says its port, and lives until
 * its input ends; a byte of it upholds all appeals. The engine is none: it has no data planes. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/http/http.h"
#include "control/store/appeals.h"
#include "control/store/orders.h"
#include "control/store/proposals.h"

static const struct engine_counts counts = {.compiles = 1};

const struct engine_counts *engine_counts(struct engine *g)
{
	(void)g;
	return &counts;
}

unsigned engine_nodes(const struct engine *g)
{
	(void)g;
	return 0;
}

struct link *engine_node(const struct engine *g, unsigned i)
{
	(void)g, (void)i;
	return NULL;
}

static void must(int err, const struct err *e)
{
	if (!err)
		return;
	fprintf(stderr, "serve: %s\n", e->text);
	exit(1);
}

/* The order that rule 00000000000000aa was hit for. */
static void fill(struct store *s)
{
	const struct who ana = {64001, "ana"}, ben = {64002, "ben"};
	int64_t order, proposal;
	struct err e = {0};
	json_t *fields =
	    json_pack("{ssssssssssssssssss}", "authority", "Authority <b>&\"' of Tests", "reference",
		      "1196/2026", "legal_basis", "Law 1, Art. 2", "category", "gambling", "received",
		      "2026-01-02", "expires", "9999-01-01", "precision", "domain", "appeal",
		      "https://appeals.example/form", "helpline", "Helpline of Tests 00 000");
	must(store_begin(s, &e), &e);
	must(order_add(s, &e, &ana, fields, &order, &proposal), &e);
	must(proposal_approve(s, &e, &ben, proposal, NULL), &e);
	must(
	    store_run(
		s, &e,
		"INSERT INTO hits(time_ns, dataplane, version_id, order_id, list_id, line, rule, kind, protocol, action)"
		" VALUES(1,'left',1,?,4,7,'00000000000000aa','name','http','redirect')",
		"i", order),
	    &e);
	must(store_commit(s, &e), &e);
	json_decref(fields);
}

/* All appeals. */
static void decide(struct store *s)
{
	const struct who ben = {64002, "ben"};
	struct err e = {0};
	int64_t last;
	must(store_int(s, &last, &e, "SELECT max(id) FROM appeals WHERE state = 'open'", ""), &e);
	must(store_begin(s, &e), &e);
	for (int64_t id = 1; id <= last; id++)
		must(appeal_decide(s, &e, &ben, id, "upheld", "<script>alert(1)</script>\nline two"), &e);
	must(store_commit(s, &e), &e);
	printf("decided\n");
	fflush(stdout);
}

struct serving {
	struct store *store;
	struct http *http;
};

static void on_input(uv_poll_t *p, int status, int events)
{
	struct serving *v = p->data;
	char byte;
	(void)status, (void)events;
	if (read(STDIN_FILENO, &byte, 1) > 0) {
		decide(v->store);
		return;
	}
	http_close(v->http);
	uv_close((uv_handle_t *)p, NULL);
}

int main(int argc, char **argv)
{
	struct err e = {0};
	struct seal_key key;
	struct store *store;
	struct http *http;
	uv_loop_t loop;
	uv_poll_t input;
	if (argc < 4)
		return 2;
	struct control_config config = {.http = {.address = argv[2], .pages = argv[3], .appeals = true},
					.appeal_days = 15};
	memset(&key, 7, sizeof(key));
	must(store_open(argv[1], &key, &store, &e), &e);
	fill(store);
	uv_loop_init(&loop);
	must(http_open(&loop, &config, NULL, store, &http, &e), &e);
	uv_poll_init(&loop, &input, STDIN_FILENO);
	struct serving serving = {store, http};
	input.data = &serving;
	uv_poll_start(&input, UV_READABLE, on_input);
	printf("%u\n", http_port(http));
	fflush(stdout);
	uv_run(&loop, UV_RUN_DEFAULT);
	int open = uv_loop_close(&loop);
	store_close(store);
	return open ? 1 : 0;
}
