/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attach_xdp: our program as the interface's only one. The kernel puts a new one in the old one's place in one step, and does so
 * only where the old one still is the one we looked at. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <string.h>
#include <unistd.h>

#include "bpf/guard_state.h"
#include "bpf/xdp.skel.h"

/* What is on an interface. */
struct there {
	uint32_t id;	/* 0: nothing */
	uint32_t flags; /* the mode it is in */
};

uint64_t xdp_build(void)
{
	size_t n;
	const void *elf = guard_xdp__elf_bytes(&n);
	return kept_hash(elf, n);
}

int xdp_create_maps(struct kept *k, struct err *e)
{
	struct guard_xdp *xdp = guard_xdp__open();
	if (!xdp)
		return said_error(e, -errno, "cannot open the XDP program");
	int ret = maps_open(k, xdp->obj, e);
	guard_xdp__destroy(xdp);
	return ret;
}

static struct there look(uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, opts);
	if (bpf_xdp_query((int)ifindex, 0, &opts))
		return (struct there){.id = 0};
	if (opts.skb_prog_id)
		return (struct there){opts.skb_prog_id, XDP_FLAGS_SKB_MODE};
	return (struct there){opts.drv_prog_id ? opts.drv_prog_id : opts.prog_id, XDP_FLAGS_DRV_MODE};
}

/* prog_fd -1: takes it off. */
static int replace(uint32_t ifindex, int prog_fd, const struct there *old)
{
	int old_fd = bpf_prog_get_fd_by_id(old->id);
	if (old_fd < 0)
		return -errno;
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts, .old_prog_fd = old_fd);
	int ret = prog_fd < 0 ? bpf_xdp_detach((int)ifindex, old->flags | XDP_FLAGS_REPLACE, &opts)
			      : bpf_xdp_attach((int)ifindex, prog_fd, old->flags | XDP_FLAGS_REPLACE, &opts);
	close(old_fd);
	return ret;
}

/* The driver's XDP where it has one; else the stack's, which is slower. */
static int put_first(uint32_t ifindex, int prog_fd)
{
	int ret =
	    bpf_xdp_attach((int)ifindex, prog_fd, XDP_FLAGS_UPDATE_IF_NOEXIST | XDP_FLAGS_DRV_MODE, NULL);
	if (ret != -EOPNOTSUPP)
		return ret;
	said_forget();
	return bpf_xdp_attach((int)ifindex, prog_fd, XDP_FLAGS_UPDATE_IF_NOEXIST | XDP_FLAGS_SKB_MODE, NULL);
}

static int load_and_attach(const struct kept *k, unsigned slot, const struct guard_port_value *v,
			   const struct there *old, struct err *e)
{
	struct guard_xdp *xdp = guard_xdp__open();
	if (!xdp)
		return said_error(e, -errno, "cannot open the XDP program");
	xdp->rodata->port_index = slot;
	int ret = maps_reuse(k, xdp->obj, e);
	if (!ret) {
		ret = guard_xdp__load(xdp);
		if (ret)
			said_error(e, ret, "cannot load the XDP program");
	}
	if (!ret) {
		int fd = bpf_program__fd(xdp->progs.xsk_def_prog);
		ret = old->id ? replace(v->ifindex, fd, old) : put_first(v->ifindex, fd);
		if (ret)
			said_error(e, ret, "cannot attach the XDP program to %s", v->interface);
		else
			ret = kept_pin(k, "xdp", v->ifindex, fd, e);
	}
	guard_xdp__destroy(xdp);
	return ret;
}

int xdp_attach(const struct kept *k, unsigned slot, const struct guard_port_value *v, bool keep,
	       bool *ret_native, struct err *e)
{
	struct there old = look(v->ifindex);
	bool ours = kept_owns(k, "xdp", v->ifindex, old.id);
	if (old.id && !ours)
		return err_set(e, -EBUSY,
			       "%s: another's XDP program (id %u) is attached: `ip link set dev %s xdp off`",
			       v->interface, old.id, v->interface);
	int ret = ours && keep ? 0 : load_and_attach(k, slot, v, &old, e);
	*ret_native = !ret && look(v->ifindex).flags == XDP_FLAGS_DRV_MODE;
	return ret;
}

int xdp_detach(const struct kept *k, uint32_t ifindex, struct err *e)
{
	struct there old = look(ifindex);
	int ret = old.id && kept_owns(k, "xdp", ifindex, old.id) ? replace(ifindex, -1, &old) : 0;
	if (ret)
		return said_error(e, ret, "cannot detach the XDP program of interface %u", ifindex);
	kept_unpin(k, "xdp", ifindex);
	return 0;
}
