/* SPDX-License-Identifier: BSD-3-Clause */
/* The input is what a client sends, in two parts, to the data plane's methods over an empty view. Each answer is a line of
 * JSON with a result or an error, and no more than may be is unsent. */
#include <stdlib.h>
#include <string.h>

#include "common/rpc.h"
#include "dataplane/dpdk/methods.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void snapshot(void *ctx, struct view_snapshot *ret)
{
	(void)ctx;
	memset(ret, 0, sizeof(*ret));
	ret->instance = ret->mode = ret->fail = "\xff";
	ret->n_workers = ret->n_ports = 1;
	ret->ports[0] = (struct view_port){.name = "port", .driver = "driver", .guarded = true};
}

static int load(void *ctx, const char *path, uint64_t version, struct view_load *ret, struct err *e)
{
	(void)ctx;
	if (path[0] != '/' || version > INT64_MAX)
		abort();
	*ret = (struct view_load){.n_workers = 1};
	return version % 2 ? 0 : err_set(e, -1, "%s", path);
}

/* Only what may be blocked comes here. */
static int block(void *ctx, const uint8_t addr[16], unsigned seconds, unsigned list, struct err *e)
{
	static const uint8_t none[16], mapped[12] = {[10] = 0xff, [11] = 0xff};
	bool v4 = !memcmp(addr, mapped, sizeof(mapped));
	(void)ctx;
	if (!seconds || seconds > 86400 || list > UINT16_MAX || !memcmp(addr, none, sizeof(none)) ||
	    addr[0] == 0xff || (v4 && (!addr[12] || addr[12] == 127 || addr[12] >= 224)))
		abort();
	return list % 2 ? 0 : err_set(e, -1, "full");
}

static unsigned unblock(void *ctx, const uint8_t *addr)
{
	(void)ctx;
	return addr ? addr[15] : 3;
}

static unsigned blocks(void *ctx, unsigned from, struct view_block *ret, unsigned n, unsigned *ret_next)
{
	(void)ctx;
	*ret_next = from + n;
	for (unsigned i = 0; i < n; i++)
		ret[i] = (struct view_block){.list = (uint16_t)(from + i), .left_ns = UINT64_MAX};
	return n;
}

static void stop(void *ctx)
{
	(void)ctx;
}

static void check_answers(struct rpc_connection *c)
{
	size_t len;
	if (c->failed || c->unsent_len > RPC_UNSENT_MAX)
		abort();
	char *out = rpc_connection_take(c, &len);
	for (char *line = out, *end; line && line < out + len; line = end + 1) {
		end = memchr(line, '\n', (size_t)(out + len - line));
		json_t *answer =
		    end ? json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, NULL) : NULL;
		if (!answer || json_object_size(answer) != 3 || !json_object_get(answer, "id") ||
		    !json_object_get(answer, "result") == !json_object_get(answer, "error"))
			abort();
		json_decref(answer);
	}
	free(out);
}

static void feed(struct rpc_connection *c, const uint8_t *p, size_t len)
{
	for (size_t taken; len; p += taken, len -= taken) {
		taken = rpc_connection_feed(c, p, len);
		if (taken > len || (!taken && c->unsent_len <= RPC_UNSENT_MAX - RPC_ANSWER_MAX))
			abort();
		if (taken < len)
			check_answers(c);
	}
}

/* Frames are made of whatever is asked; what they say is fuzz_trial's. */
static int probe(void *ctx, const struct trial_ask *v, unsigned n, struct view_probe *ret, struct err *e)
{
	static struct trial_batch *batch;
	static const uint8_t digest[32];
	static const struct trial_answer answers[TRIAL_REQUESTS];
	(void)ctx;
	if (!batch && trial_batch_new(&batch, e))
		abort();
	trial_reset(batch, NULL);
	for (unsigned i = 0; i < n; i++) {
		int err = trial_add(batch, v[i].proto, v[i].text, e);
		if (err)
			return err;
	}
	*ret = (struct view_probe){.n_workers = 2};
	for (unsigned w = 0; w < 2; w++) {
		ret->workers[w].answered = w;
		ret->workers[w].version = 1;
		ret->workers[w].digest = digest;
		ret->workers[w].answers = answers;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct dataplane_view view = {.snapshot = snapshot,
					     .load = load,
					     .block = block,
					     .unblock = unblock,
					     .blocks = blocks,
					     .probe = probe,
					     .stop = stop};
	struct rpc_server server = {
	    .methods = dataplane_methods, .n_methods = dataplane_methods_n, .ctx = &view};
	static struct rpc_connection connection;
	struct rpc_connection *c = &connection;
	size_t first = len / 2;
	rpc_connection_init(c, &server);
	feed(c, p, first);
	check_answers(c);
	feed(c, p + first, len - first);
	check_answers(c);
	rpc_connection_end(c);
	check_answers(c);
	rpc_connection_fini(c);
	return 0;
}
