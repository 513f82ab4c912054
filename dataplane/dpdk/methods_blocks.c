/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/methods_blocks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "common/rpc.h"

static bool is_v4(const uint8_t addr[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	return !memcmp(addr, mapped, sizeof(mapped));
}

static bool read_address(const char *text, uint8_t ret[16])
{
	memcpy(ret, (const uint8_t[16]){[10] = 0xff, [11] = 0xff}, 16);
	return inet_pton(AF_INET, text, ret + 12) == 1 || inet_pton(AF_INET6, text, ret) == 1;
}

/* What routers and hosts find each other by: without it the link itself is gone. */
static bool is_the_links(const uint8_t addr[16])
{
	struct in6_addr a;
	memcpy(&a, addr, sizeof(a));
	if (is_v4(addr)) {
		uint8_t first = addr[12];
		return first == 0 || first == 127 || first >= 224 || (first == 169 && addr[13] == 254);
	}
	return IN6_IS_ADDR_UNSPECIFIED(&a) || IN6_IS_ADDR_LOOPBACK(&a) || IN6_IS_ADDR_LINKLOCAL(&a) ||
	       IN6_IS_ADDR_MULTICAST(&a);
}

static int address_of(const json_t *params, uint8_t ret[16], struct err *e)
{
	if (read_address(json_string_value(json_object_get(params, "address")), ret))
		return 0;
	return err_set(e, -EINVAL,
		       "address: give one IPv4 or IPv6 address, such as 192.0.2.1 or 2001:db8::1");
}

static int done(json_t *result, json_t **ret_result, struct err *e)
{
	if (!result)
		return err_set(e, -ENOMEM, "memory ran out");
	*ret_result = result;
	return 0;
}

static int check(const uint8_t addr[16], json_int_t seconds, json_int_t list, struct err *e)
{
	if (is_the_links(addr))
		return err_set(e, -EINVAL,
			       "address: unspecified, loopback, link-local, multicast and reserved addresses "
			       "are not blocked, since routers talk by them");
	if (seconds < 1 || seconds > METHODS_BLOCK_MAX_S)
		return err_set(e, -EINVAL, "seconds: give 1 to %d", METHODS_BLOCK_MAX_S);
	if (list >= METHODS_BLOCK_LIST_N)
		return err_set(e, -EINVAL, "list: give 0 to %d", METHODS_BLOCK_LIST_N - 1);
	return 0;
}

int methods_block(void *ctx, const json_t *params, json_t **ret_result, struct err *e)
{
	static struct view_snapshot now; /* the main thread's; too large for a stack */
	const struct dataplane_view *view = ctx;
	json_int_t seconds = json_integer_value(json_object_get(params, "seconds"));
	json_int_t list = json_integer_value(json_object_get(params, "list"));
	uint8_t addr[16];
	int err = address_of(params, addr, e);
	err = err ? err : check(addr, seconds, list, e);
	err = err ? err : view->block(view->ctx, addr, (unsigned)seconds, (unsigned)list, e);
	if (err)
		return err;
	view->snapshot(view->ctx, &now);
	return done(json_pack("{s:o}", "blocks", rpc_u64(now.blocks)), ret_result, e);
}

static json_t *json_of(const struct view_block *b)
{
	char text[INET6_ADDRSTRLEN] = "";
	bool v4 = is_v4(b->addr);
	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? b->addr + 12 : b->addr, text, sizeof(text));
	return json_pack("{s:s, s:i, s:f}", "address", text, "list", (int)b->list, "left_s",
			 (double)b->left_ns / 1e9);
}

int methods_blocks(void *ctx, const json_t *params, json_t **ret_result, struct err *e)
{
	static struct view_block v[METHODS_BLOCKS_MAX];
	const struct dataplane_view *view = ctx;
	json_int_t from = json_integer_value(json_object_get(params, "from"));
	unsigned next = 0;
	if (from > INT32_MAX)
		return err_set(e, -EINVAL, "from: give `next` of the answer before");
	unsigned n = view->blocks(view->ctx, (unsigned)from, v, METHODS_BLOCKS_MAX, &next);
	json_t *all = json_array();
	for (unsigned i = 0; i < n; i++)
		json_array_append_new(all, json_of(&v[i]));
	return done(json_pack("{s:o, s:o}", "blocks", all, "next", rpc_u64(next)), ret_result, e);
}

int methods_unblock(void *ctx, const json_t *params, json_t **ret_result, struct err *e)
{
	const struct dataplane_view *view = ctx;
	uint8_t addr[16];
	bool one = json_object_get(params, "address");
	int err = one ? address_of(params, addr, e) : 0;
	if (err)
		return err;
	unsigned n = view->unblock(view->ctx, one ? addr : NULL);
	return done(json_pack("{s:o}", "removed", rpc_u64(n)), ret_result, e);
}
