/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "bpf/guard_state.h"

#define MAPS_OF_A_PROGRAM_MAX 64
#define FNV_OFFSET	      0xcbf29ce484222325ULL
#define FNV_PRIME	      0x100000001b3ULL

int kept_pin(const struct kept *k, const char *kind, uint32_t ifindex, int prog_fd, struct err *e)
{
	char path[GUARD_PATH_BYTES];
	bpffs_path(k, kind, ifindex, path);
	unlink(path);
	if (bpf_obj_pin(prog_fd, path))
		return said_error(e, -errno, "cannot pin %s", path);
	return 0;
}

void kept_unpin(const struct kept *k, const char *kind, uint32_t ifindex)
{
	char path[GUARD_PATH_BYTES];
	bpffs_path(k, kind, ifindex, path);
	unlink(path);
}

static bool is_pinned(const struct kept *k, const char *kind, uint32_t ifindex, uint32_t prog_id)
{
	char path[GUARD_PATH_BYTES];
	struct bpf_prog_info info = {};
	uint32_t len = sizeof(info);
	bpffs_path(k, kind, ifindex, path);
	int fd = bpf_obj_get(path);
	if (fd < 0)
		return false;
	bool same = !bpf_obj_get_info_by_fd(fd, &info, &len) && info.id == prog_id;
	close(fd);
	return same;
}

/* One that a start attached and died before it was pinned. */
static bool uses_our_ports(const struct kept *k, uint32_t prog_id)
{
	uint32_t maps[MAPS_OF_A_PROGRAM_MAX];
	struct bpf_prog_info info = {.nr_map_ids = MAPS_OF_A_PROGRAM_MAX, .map_ids = (uintptr_t)maps};
	uint32_t len = sizeof(info);
	int fd = k->ports_id ? bpf_prog_get_fd_by_id(prog_id) : -1;
	if (fd < 0)
		return false;
	bool found = false;
	if (!bpf_obj_get_info_by_fd(fd, &info, &len))
		for (uint32_t i = 0; i < info.nr_map_ids && i < MAPS_OF_A_PROGRAM_MAX; i++)
			found = found || maps[i] == k->ports_id;
	close(fd);
	return found;
}

bool kept_owns(const struct kept *k, const char *kind, uint32_t ifindex, uint32_t prog_id)
{
	return prog_id && (is_pinned(k, kind, ifindex, prog_id) || uses_our_ports(k, prog_id));
}

static unsigned add(uint32_t *v, unsigned n, uint32_t ifindex)
{
	for (unsigned i = 0; i < n; i++)
		if (v[i] == ifindex)
			return n;
	if (n == KEPT_INTERFACES_MAX)
		return n;
	v[n] = ifindex;
	return n + 1;
}

/* The pins alone would do, but for a start that died between attaching and pinning. */
unsigned kept_interfaces(const struct kept *k, const struct guard_port_value v[GUARD_PORTS_MAX],
			 uint32_t ret[KEPT_INTERFACES_MAX])
{
	unsigned n = 0, ifindex;
	DIR *d = opendir(k->dir);
	for (struct dirent *entry; d && (entry = readdir(d));)
		if (sscanf(entry->d_name, "xdp-%u", &ifindex) == 1 ||
		    sscanf(entry->d_name, "tc-%u", &ifindex) == 1)
			n = add(ret, n, ifindex);
	if (d)
		closedir(d);
	for (unsigned slot = 0; slot < GUARD_PORTS_MAX; slot++)
		if (v[slot].ifindex)
			n = add(ret, n, v[slot].ifindex);
	return n;
}

uint64_t kept_hash(const void *p, size_t n)
{
	uint64_t h = FNV_OFFSET;
	for (const unsigned char *b = p; n--; b++)
		h = (h ^ *b) * FNV_PRIME;
	return h;
}
