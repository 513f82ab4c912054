/* SPDX-License-Identifier: BSD-3-Clause */
/* socket INTERFACE: an AF_XDP socket on queue 0, opened and closed by libxdp as DPDK's af_xdp driver does (tests/bpf/live.py).
 *
 * Says "ok" or "error WHY", and closes the socket when its standard input ends. It reads nothing. */
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xdp/xsk.h>

#define FRAMES 4096

int main(int argc, char **argv)
{
	const size_t bytes = (size_t)FRAMES * XSK_UMEM__DEFAULT_FRAME_SIZE;
	const struct xsk_socket_config cfg = {.rx_size = XSK_RING_CONS__DEFAULT_NUM_DESCS,
					      .tx_size = XSK_RING_PROD__DEFAULT_NUM_DESCS,
					      .xdp_flags = XDP_FLAGS_UPDATE_IF_NOEXIST,
					      .bind_flags = XDP_USE_NEED_WAKEUP};
	struct xsk_ring_prod fill, tx;
	struct xsk_ring_cons complete, rx;
	struct xsk_umem *umem;
	struct xsk_socket *xsk;
	char c;
	if (argc != 2)
		return 2;
	void *area = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int ret = area == MAP_FAILED ? -errno : xsk_umem__create(&umem, area, bytes, &fill, &complete, NULL);
	if (!ret)
		ret = xsk_socket__create(&xsk, argv[1], 0, umem, &rx, &tx, &cfg);
	printf("%s%s\n", ret ? "error " : "ok", ret ? strerror(-ret) : "");
	fflush(stdout);
	if (ret)
		return 1;
	while (read(0, &c, 1) > 0)
		;
	xsk_socket__delete(xsk);
	xsk_umem__delete(umem);
	munmap(area, bytes);
	return 0;
}
