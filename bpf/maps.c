/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <unistd.h>

#include "bpf/guard_state.h"

static const char *const names[N_MAPS] = {
#define X(id, name) [MAP_##id] = #name,
    GUARD_MAPS(X)
#undef X
};

static bool same_layout(int fd, const struct bpf_map *map)
{
	struct bpf_map_info info = {};
	uint32_t len = sizeof(info);
	return !bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == bpf_map__type(map) &&
	       info.key_size == bpf_map__key_size(map) && info.value_size == bpf_map__value_size(map) &&
	       info.max_entries == bpf_map__max_entries(map) && info.map_flags == bpf_map__map_flags(map);
}

static int create(struct bpf_map *map, int inner_fd)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = bpf_map__map_flags(map),
		    .inner_map_fd = (uint32_t)inner_fd);
	int fd = bpf_map_create(bpf_map__type(map), bpf_map__name(map), bpf_map__key_size(map),
				bpf_map__value_size(map), bpf_map__max_entries(map), &opts);
	return fd < 0 ? -errno : fd;
}

/* A map of maps is told by an example what it may hold. */
static int create_with_inner(struct bpf_map *map)
{
	struct bpf_map *inner = bpf_map__inner_map(map);
	if (!inner)
		return create(map, 0);
	int inner_fd = create(inner, 0);
	if (inner_fd < 0)
		return inner_fd;
	int fd = create(map, inner_fd);
	close(inner_fd);
	return fd;
}

static int open_one(const struct kept *k, enum guard_map id, struct bpf_object *obj, struct err *e)
{
	char path[GUARD_PATH_BYTES];
	struct bpf_map *map = bpf_object__find_map_by_name(obj, names[id]);
	bpffs_path(k, names[id], 0, path);
	int fd = bpf_obj_get(path);
	if (fd >= 0 && map && same_layout(fd, map))
		return fd;
	if (fd >= 0) {
		close(fd);
		unlink(path);
	}
	fd = map ? create_with_inner(map) : -ENOENT;
	if (fd < 0)
		return said_error(e, fd, "cannot make the map %s", names[id]);
	if (bpf_obj_pin(fd, path)) {
		int ret = said_error(e, -errno, "cannot pin %s", path);
		close(fd);
		return ret;
	}
	return fd;
}

static void learn_ports_id(struct kept *k)
{
	struct bpf_map_info info = {};
	uint32_t len = sizeof(info);
	if (!bpf_obj_get_info_by_fd(k->map_fd[MAP_PORTS], &info, &len))
		k->ports_id = info.id;
}

int maps_open(struct kept *k, struct bpf_object *obj, struct err *e)
{
	for (unsigned i = 0; i < N_MAPS; i++) {
		int fd = open_one(k, (enum guard_map)i, obj, e);
		if (fd < 0)
			return fd;
		k->map_fd[i] = fd;
	}
	learn_ports_id(k);
	return 0;
}

/* Before another layout is read, into too small a buffer. */
static bool readable(int fd)
{
	struct bpf_map_info info = {};
	uint32_t len = sizeof(info);
	return !bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == BPF_MAP_TYPE_ARRAY &&
	       info.value_size == sizeof(struct guard_port_value) && info.max_entries == GUARD_PORTS_MAX;
}

void maps_open_ports(struct kept *k)
{
	char path[GUARD_PATH_BYTES];
	bpffs_path(k, names[MAP_PORTS], 0, path);
	int fd = bpf_obj_get(path);
	if (fd < 0)
		return;
	if (!readable(fd)) {
		close(fd);
		return;
	}
	k->map_fd[MAP_PORTS] = fd;
	learn_ports_id(k);
}

void maps_close(struct kept *k)
{
	for (unsigned i = 0; i < N_MAPS; i++) {
		if (k->map_fd[i] >= 0)
			close(k->map_fd[i]);
		k->map_fd[i] = -1;
	}
}

int maps_reuse(const struct kept *k, struct bpf_object *obj, struct err *e)
{
	for (unsigned i = 0; i < N_MAPS; i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(obj, names[i]);
		int ret = map ? bpf_map__reuse_fd(map, k->map_fd[i]) : -ENOENT;
		if (ret)
			return said_error(e, ret, "the program cannot use the map %s", names[i]);
	}
	return 0;
}
