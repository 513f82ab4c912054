/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attach_tc: our filter, the first of the interface's clsact qdisc. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "bpf/guard_state.h"
#include "bpf/netlink.h"
#include "bpf/tc.skel.h"

#define HANDLE	 1
#define PRIORITY 1

uint64_t tc_build(void)
{
	size_t n;
	const void *elf = guard_tc__elf_bytes(&n);
	return kept_hash(elf, n);
}

/* The program of the filter in our place; 0: none. */
static uint32_t program_there(uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = HANDLE, .priority = PRIORITY);
	if (!bpf_tc_query(&hook, &opts))
		return opts.prog_id;
	said_forget();
	return 0;
}

static int make_clsact(struct guard_port_value *v, struct err *e)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)v->ifindex, .attach_point = BPF_TC_INGRESS);
	int ret = bpf_tc_hook_create(&hook);
	if (!ret)
		v->made_clsact = 1;
	return ret && ret != -EEXIST ? said_error(e, ret, "cannot make the clsact qdisc of %s", v->interface)
				     : 0;
}

static int put_filter(uint32_t ifindex, int prog_fd, bool replace)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = HANDLE, .priority = PRIORITY, .prog_fd = prog_fd,
		    .flags = replace ? BPF_TC_F_REPLACE : 0);
	return bpf_tc_attach(&hook, &opts);
}

static int load_and_attach(const struct kept *k, unsigned slot, const struct guard_port_value *v,
			   bool replace, struct err *e)
{
	struct guard_tc *tc = guard_tc__open();
	if (!tc)
		return said_error(e, -errno, "cannot open the tc program");
	tc->rodata->port_index = slot;
	int ret = maps_reuse(k, tc->obj, e);
	if (!ret) {
		ret = guard_tc__load(tc);
		if (ret)
			said_error(e, ret, "cannot load the tc program");
	}
	if (!ret) {
		ret = put_filter(v->ifindex, bpf_program__fd(tc->progs.roja_tc), replace);
		if (ret)
			said_error(e, ret, "cannot attach the tc program to %s", v->interface);
	}
	if (!ret)
		ret = kept_pin(k, "tc", v->ifindex, bpf_program__fd(tc->progs.roja_tc), e);
	guard_tc__destroy(tc);
	return ret;
}

int tc_attach(const struct kept *k, unsigned slot, struct guard_port_value *v, bool keep, struct err *e)
{
	int ret = make_clsact(v, e);
	if (ret)
		return ret;
	uint32_t there = program_there(v->ifindex);
	bool ours = kept_owns(k, "tc", v->ifindex, there);
	if (there && !ours)
		return err_set(
		    e, -EEXIST,
		    "%s: another's tc filter has handle 1, preference 1 of the ingress hook: move it to a higher "
		    "preference",
		    v->interface);
	return ours && keep ? 0 : load_and_attach(k, slot, v, ours, e);
}

static void count_filter(const struct nlmsghdr *h, void *arg)
{
	*(unsigned *)arg += h->nlmsg_type == RTM_NEWTFILTER;
}

/* Nobody else's filter hangs in it, in neither direction. */
static bool clsact_is_empty(uint32_t ifindex)
{
	static const uint32_t hooks[] = {TC_H_MIN_INGRESS, TC_H_MIN_EGRESS};
	unsigned n = 0;
	for (unsigned i = 0; i < sizeof(hooks) / sizeof(*hooks); i++) {
		struct netlink_request r;
		struct tcmsg tc = {.tcm_ifindex = (int)ifindex,
				   .tcm_parent = TC_H_MAKE(TC_H_CLSACT, hooks[i])};
		netlink_start(&r, RTM_GETTFILTER, NLM_F_DUMP);
		netlink_put(&r, &tc, sizeof(tc));
		if (netlink_ask(NETLINK_ROUTE, &r, count_filter, &n))
			return false;
	}
	return n == 0;
}

int tc_detach(const struct kept *k, uint32_t ifindex, bool made_clsact, struct err *e)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = HANDLE, .priority = PRIORITY);
	uint32_t there = program_there(ifindex);
	int ret = 0;
	if (there && kept_owns(k, "tc", ifindex, there)) {
		ret = bpf_tc_detach(&hook, &opts);
		if (ret)
			return said_error(e, ret, "cannot detach the tc program of interface %u", ifindex);
	}
	kept_unpin(k, "tc", ifindex);
	hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS; /* both: the qdisc itself */
	if (made_clsact && clsact_is_empty(ifindex))
		bpf_tc_hook_destroy(&hook);
	return 0;
}
