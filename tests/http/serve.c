/* SPDX-License-Identifier: BSD-3-Clause */
/* serve FOLDER ADDRESS PAGES: the HTTP server over a store and a log in FOLDER with an order and a hit, for tests. Says its port, and lives until
 * its input ends; a byte of it upholds all appeals. The engine is none: it has no data planes. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEAVES_OF_A_LOG
#include "control/audit/audit.h"
#include "control/audit/index.h"
#include "control/http/http.h"
#include "control/store/appeals.h"
#include "control/store/clock.h"
#include "control/store/orders.h"
#include "control/store/proposals.h"
#include "tests/unit/leaves_fixture.h"

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

static struct audit *audit;

struct audit *engine_audit(const struct engine *g)
{
	(void)g;
	return audit;
}

static void must(int err, const struct err *e)
{
	if (!err)
		return;
	fprintf(stderr, "serve: %s\n", e->text);
	exit(1);
}

static int64_t fill(struct store *s)
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
	must(store_commit(s, &e), &e);
	json_decref(fields);
	return order;
}

/* Rule 00000000000000aa was hit for the order, and the index knows it. */
static void hit(uv_loop_t *loop, int64_t order)
{
	leaves.log = audit_log(audit);
	leaves_source(1, "left");
	uint64_t leaf = leaves_hit(1, (uint64_t)order, 4, 7, 0xaa, (uint64_t)clock_now_ns());
	audit_commit(audit);
	while (index_applied(audit_index(audit)) <= leaf)
		uv_run(loop, UV_RUN_ONCE);
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
	audit_stop(audit);
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
	struct control_config config = {
	    .http = {.address = argv[2], .pages = argv[3], .appeals = true},
	    .appeal_days = 15,
	    .instance = "main",
	    .state = argv[1],
	    .audit = {.origin = "", .checkpoint_ms = 100, .stamp_url = ""},
	    .retention = {.hits_days = 30, .counts_days = 400, .acts_days = 3650}};
	memset(&key, 7, sizeof(key));
	must(store_open(argv[1], &key, &store, &e), &e);
	int64_t order = fill(store);
	uv_loop_init(&loop);
	must(audit_open(&loop, &config, store, &audit, &e), &e);
	hit(&loop, order);
	must(http_open(&loop, &config, NULL, store, &http, &e), &e);
	uv_poll_init(&loop, &input, STDIN_FILENO);
	struct serving serving = {store, http};
	input.data = &serving;
	uv_poll_start(&input, UV_READABLE, on_input);
	printf("%u\n", http_port(http));
	fflush(stdout);
	uv_run(&loop, UV_RUN_DEFAULT);
	int open = uv_loop_close(&loop);
	audit_free(audit);
	store_close(store);
	return open ? 1 : 0;
}
