/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernel's programs over bpf_prog_test_run: a row a frame and a state, what XDP and tc do with it, and the one counter of each
 * that moves. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bpf/guard.h"
#include "bpf/tc.skel.h"
#include "bpf/xdp.skel.h"
#include "tests/bpf/rows.h"
#include "tests/unit/harness.h"

#define PORT	     3u
#define HEARTBEAT_NS 5000000000LL
#define FRAME_BYTES  512

struct fixture {
	struct guard_xdp *xdp;
	struct guard_tc *tc;
	int xsk;
	unsigned n_cpus;
	struct guard_beat *beats;
};

/* What each count stands for. */
static const struct {
	uint32_t xdp, tc;
} verdicts[GUARD_N_COUNTS] = {
    [GUARD_TO_WORKER] = {XDP_REDIRECT, TC_ACT_SHOT},
    [GUARD_DEAD_BYPASSED] = {XDP_REDIRECT, TC_ACT_REDIRECT},
    [GUARD_DEAD_DROPPED] = {XDP_DROP, TC_ACT_SHOT},
    [GUARD_PORT_BYPASSED] = {XDP_REDIRECT, TC_ACT_REDIRECT},
    [GUARD_FLOW_BYPASSED] = {XDP_REDIRECT, TC_ACT_REDIRECT},
    [GUARD_BLOCK_DROPPED] = {XDP_DROP, TC_ACT_SHOT},
    [GUARD_PREFIX_DROPPED] = {XDP_DROP, TC_ACT_SHOT},
    [GUARD_TO_TC] = {XDP_PASS, TC_ACT_UNSPEC},
};

static int fd_of(const struct bpf_map *m)
{
	return bpf_map__fd(m);
}

static void must(int ret, const char *what)
{
	if (!ret)
		return;
	printf("not ok guard_programs load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void share(struct bpf_object *from, struct bpf_object *to)
{
	struct bpf_map *m;
	bpf_object__for_each_map(m, to)
	{
		struct bpf_map *there = bpf_object__find_map_by_name(from, bpf_map__name(m));
		if (there && !strstr(bpf_map__name(m), "rodata"))
			must(bpf_map__reuse_fd(m, fd_of(there)), bpf_map__name(m));
	}
}

static void put_prefix(int outer, int trie, const struct prefix_row *p)
{
	struct guard_prefix6_key key = {.bits = p->bits};
	uint32_t action = p->action, zero = 0;
	unhex(p->addr, key.addr, sizeof(key.addr));
	must(bpf_map_update_elem(trie, &key, &action, 0), "prefix");
	must(bpf_map_update_elem(outer, &zero, &trie, 0), "trie");
}

static void list_prefixes(struct fixture *f)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	int trie4 = bpf_map_create(BPF_MAP_TYPE_LPM_TRIE, "p4", sizeof(struct guard_prefix4_key), 4,
				   GUARD_PREFIXES_MAX, &opts);
	int trie6 = bpf_map_create(BPF_MAP_TYPE_LPM_TRIE, "p6", sizeof(struct guard_prefix6_key), 4,
				   GUARD_PREFIXES_MAX, &opts);
	for (unsigned i = 0; i < prefix_rows_n; i++)
		if (prefix_rows[i].version == 4)
			put_prefix(fd_of(f->xdp->maps.prefixes4), trie4, &prefix_rows[i]);
		else
			put_prefix(fd_of(f->xdp->maps.prefixes6), trie6, &prefix_rows[i]);
	close(trie4);
	close(trie6);
}

static void list_port(struct fixture *f)
{
	uint32_t zero = 0;
	struct guard_ports_value v = {};
	v.bits[BYPASSED_PORT / 64] = 1ULL << (BYPASSED_PORT % 64);
	must(bpf_map_update_elem(fd_of(f->xdp->maps.bypass), &zero, &v, 0), "bypass");
}

static void block_addresses(struct fixture *f)
{
	for (unsigned i = 0; i < block_rows_n; i++) {
		struct guard_block_key key;
		struct guard_block_value v = {.until_ns =
						  guard_now() + block_rows[i].seconds * 1000000000ull};
		must(unhex(block_rows[i].addr, key.addr, sizeof(key.addr)) != sizeof(key.addr), "block row");
		must(bpf_map_update_elem(fd_of(f->xdp->maps.blocks), &key, &v, 0), "block");
	}
}

static void set_up(struct fixture *f)
{
	f->xdp = guard_xdp__open();
	f->tc = guard_tc__open();
	must(!f->xdp || !f->tc, "open");
	f->xdp->rodata->port_index = PORT;
	f->tc->rodata->port_index = PORT;
	must(guard_xdp__load(f->xdp), "xdp (as root, with bpf?)");
	share(f->xdp->obj, f->tc->obj);
	must(guard_tc__load(f->tc), "tc");
	f->xsk = socket(AF_XDP, SOCK_RAW, 0);
	must(f->xsk < 0, "AF_XDP socket");
	f->n_cpus = (unsigned)libbpf_num_possible_cpus();
	f->beats = mmap(NULL, GUARD_PORTS_MAX * GUARD_QUEUES_MAX * sizeof(*f->beats), PROT_READ | PROT_WRITE,
			MAP_SHARED, fd_of(f->xdp->maps.beats), 0);
	must(f->beats == MAP_FAILED, "mmap of the beats");
	list_prefixes(f);
	list_port(f);
	block_addresses(f);
}

static void put_flow(struct fixture *f, const struct flow_row *row, uint64_t seen_ns, bool bypassed)
{
	struct guard_end ends[2] = {{.port_be = htons(row->port[0])}, {.port_be = htons(row->port[1])}};
	struct guard_flow_key key = {.version = row->version, .proto = row->proto};
	struct guard_flow_value v = {.seen_ns = seen_ns, .bypassed = bypassed};
	unhex(row->addr[0], (uint8_t *)ends[0].addr, 16);
	unhex(row->addr[1], (uint8_t *)ends[1].addr, 16);
	bool swap = guard_end_less(&ends[1], &ends[0]);
	key.lo = ends[swap];
	key.hi = ends[!swap];
	must(bpf_map_update_elem(fd_of(f->xdp->maps.flows), &key, &v, 0), "flow");
}

static void prepare(struct fixture *f, const struct row *r)
{
	uint32_t key = PORT, queue = 0;
	uint64_t now = guard_now();
	struct guard_port_value v = {
	    .heartbeat_ns = HEARTBEAT_NS,
	    .ifindex = r->state & UNGUARDED ? 0 : 1,
	    .peer_ifindex = r->state & NO_PEER ? 0 : 1,
	    .queues = r->state & NO_QUEUE ? 0 : 1,
	    .kind = r->state & PACKET ? GUARD_PACKET : GUARD_XDP,
	    .fail_closed = !!(r->state & CLOSED),
	    .peer_takes_xdp = !(r->state & NO_XMIT),
	    .any_ports = !(r->state & (NO_BYPASS | NO_PEER)),
	    .any_blocks = !(r->state & NO_BLOCKS),
	    .any_flows = !(r->state & (NO_BYPASS | NO_PEER)),
	};
	struct guard_stats *none = calloc(f->n_cpus, sizeof(*none));
	must(bpf_map_update_elem(fd_of(f->xdp->maps.ports), &key, &v, 0), "port");
	must(bpf_map_update_elem(fd_of(f->xdp->maps.stats), &key, none, 0), "stats");
	free(none);
	for (unsigned i = 0; i < flow_rows_n; i++)
		put_flow(f, &flow_rows[i], r->state & IDLE ? now - GUARD_FLOW_IDLE_NS - 1000000 : now,
			 !(r->state & WATCHED));
	if (r->state & NO_SOCKET)
		bpf_map_delete_elem(fd_of(f->xdp->maps.xsks_map), &queue);
	else
		must(bpf_map_update_elem(fd_of(f->xdp->maps.xsks_map), &queue, &f->xsk, 0), "socket");
	static const int64_t ages[] = {[FRESH] = 0, [OLD] = HEARTBEAT_NS + 1000000, [AHEAD] = -1000000000};
	guard_beat(&f->beats[PORT * GUARD_QUEUES_MAX], r->beat == NEVER ? 0 : now - (uint64_t)ages[r->beat]);
}

static int run(int fd, const uint8_t *frame, size_t len, uint32_t *ret_verdict)
{
	uint8_t out[FRAME_BYTES + 256];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = (uint32_t)len, .data_out = out,
		    .data_size_out = sizeof(out), .repeat = 1);
	int ret = bpf_prog_test_run_opts(fd, &opts);
	*ret_verdict = opts.retval;
	if (!ret && (opts.data_size_out != len || memcmp(out, frame, len)))
		return -EBADMSG;
	return ret;
}

static bool same(const struct guard_stats *v, unsigned n_cpus, bool tc, const struct guard_count *want,
		 char *why)
{
	for (unsigned i = 0; i < GUARD_N_COUNTS; i++) {
		struct guard_count sum = {0, 0};
		for (unsigned cpu = 0; cpu < n_cpus; cpu++) {
			const struct guard_count *c = tc ? &v[cpu].tc[i] : &v[cpu].xdp[i];
			sum.frames += c->frames;
			sum.bytes += c->bytes;
		}
		if (sum.frames == want[i].frames && sum.bytes == want[i].bytes)
			continue;
		snprintf(why, 200, "%s.%s is %llu frames, %llu bytes", tc ? "tc" : "xdp",
			 guard_count_name((enum guard_count_id)i), (unsigned long long)sum.frames,
			 (unsigned long long)sum.bytes);
		return false;
	}
	return true;
}

static bool counted(struct fixture *f, const struct row *r, bool tc, size_t len, char *why)
{
	uint32_t key = PORT;
	enum guard_count_id id = tc ? r->tc : r->xdp;
	struct guard_count want[GUARD_N_COUNTS] = {};
	if (!(r->state & UNGUARDED))
		want[id] = (struct guard_count){1, len};
	if (r->state & ALSO_COUNTED)
		want[GUARD_PREFIX_COUNTED] = (struct guard_count){1, len};
	struct guard_stats *v = calloc(f->n_cpus, sizeof(*v));
	must(bpf_map_lookup_elem(fd_of(f->xdp->maps.stats), &key, v), "stats");
	bool ok = same(v, f->n_cpus, tc, want, why);
	free(v);
	return ok;
}

static bool holds(struct fixture *f, const struct row *r, bool tc, char *why)
{
	uint8_t frame[FRAME_BYTES];
	uint32_t verdict, want = tc ? verdicts[r->tc].tc : verdicts[r->xdp].xdp;
	size_t len = unhex(r->frame, frame, sizeof(frame));
	if (r->state & UNGUARDED)
		want = tc ? (uint32_t)TC_ACT_UNSPEC : XDP_PASS;
	prepare(f, r);
	int fd = tc ? bpf_program__fd(f->tc->progs.roja_tc) : bpf_program__fd(f->xdp->progs.xsk_def_prog);
	int ret = run(fd, frame, len, &verdict);
	if (ret) {
		snprintf(why, 200, "%s: test run: %s", tc ? "tc" : "xdp", strerror(-ret));
		return false;
	}
	if (verdict != want) {
		snprintf(why, 200, "%s verdict is %d, not %d", tc ? "tc" : "xdp", (int)verdict, (int)want);
		return false;
	}
	return counted(f, r, tc, len, why);
}

int main(void)
{
	struct fixture f;
	unsigned failed = 0;
	setvbuf(stdout, NULL, _IOLBF, 0);
	libbpf_set_print(NULL);
	set_up(&f);
	for (unsigned i = 0; i < rows_n; i++) {
		char why[200];
		bool ok = holds(&f, &rows[i], false, why) &&
			  (rows[i].state & XDP_ONLY || holds(&f, &rows[i], true, why));
		printf("%s guard_programs %s%s%s\n", ok ? "ok" : "not ok", rows[i].name, ok ? "" : ": ",
		       ok ? "" : why);
		failed += !ok;
	}
	guard_tc__destroy(f.tc);
	guard_xdp__destroy(f.xdp);
	close(f.xsk);
	return failed ? 1 : 0;
}
