/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/replay/capture_out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dataplane/replay/pcap_format.h"

#define BUFFER_BYTES (1u << 20)
#define NO_INTERFACE UINT32_MAX

static const char answer_comment[] = "roja: answer";

struct capture_out {
	FILE *f;
	char *path, *temporary; /* temporary NULL: written in place */
	uint32_t interface[LINK_N];
	uint32_t n_interfaces;
	int error;
};

static void put(struct capture_out *c, const void *p, size_t n)
{
	if (!c->error && fwrite(p, 1, n, c->f) != n)
		c->error = errno ? errno : EIO;
}

static void put_u32(struct capture_out *c, uint32_t v)
{
	put(c, &v, sizeof(v));
}

static void put_u16(struct capture_out *c, uint16_t v)
{
	put(c, &v, sizeof(v));
}

static void put_section(struct capture_out *c)
{
	put_u32(c, PCAPNG_SHB);
	put_u32(c, 28);
	put_u32(c, PCAPNG_BYTE_ORDER);
	put_u16(c, 1);
	put_u16(c, 0);
	put_u32(c, UINT32_MAX); /* section length unknown */
	put_u32(c, UINT32_MAX);
	put_u32(c, 28);
}

static uint32_t interface_of(struct capture_out *c, enum link link)
{
	if (c->interface[link] != NO_INTERFACE)
		return c->interface[link];
	put_u32(c, PCAPNG_IDB);
	put_u32(c, 32);
	put_u16(c, pcap_linktype(link));
	put_u16(c, 0);
	put_u32(c, 0);
	put_u16(c, PCAPNG_OPT_TSRESOL);
	put_u16(c, 1);
	put_u32(c, 9); /* 10^-9 s */
	put_u16(c, PCAPNG_OPT_END);
	put_u16(c, 0);
	put_u32(c, 32);
	return c->interface[link] = c->n_interfaces++;
}

int capture_out_open(const char *path, struct capture_out **ret, struct err *e)
{
	struct stat st;
	struct capture_out *c = calloc(1, sizeof(*c));
	if (!c)
		return err_set(e, -ENOMEM, "%s: no memory", path);
	for (unsigned i = 0; i < LINK_N; i++)
		c->interface[i] = NO_INTERFACE;
	c->path = strdup(path);
	if (!strcmp(path, "-")) {
		c->f = stdout;
	} else if (!lstat(path, &st) && !S_ISREG(st.st_mode)) {
		c->f = fopen(path, "wb");
	} else {
		int fd = asprintf(&c->temporary, "%s.XXXXXX", path) < 0 ? -1 : mkstemp(c->temporary);
		c->f = fd < 0 ? NULL : fdopen(fd, "wb");
	}
	if (!c->path || !c->f) {
		int err = -errno;
		capture_out_close(c, false, NULL);
		return err_set(e, err, "%s: cannot create it: %s", path, strerror(-err));
	}
	setvbuf(c->f, NULL, _IOFBF, BUFFER_BYTES);
	put_section(c);
	*ret = c;
	return 0;
}

void capture_out_frame(struct capture_out *c, const uint8_t *data, uint32_t len, enum link link,
		       uint64_t time_ns, bool answer)
{
	static const uint8_t zero[4] = {0};
	uint32_t interface = interface_of(c, link), pad = -len & 3;
	uint32_t comment = answer ? 4 + ((sizeof(answer_comment) - 1 + 3) & ~3u) + 4 : 0;
	uint32_t total = 32 + len + pad + comment;
	put_u32(c, PCAPNG_EPB);
	put_u32(c, total);
	put_u32(c, interface);
	put_u32(c, (uint32_t)(time_ns >> 32));
	put_u32(c, (uint32_t)time_ns);
	put_u32(c, len);
	put_u32(c, len);
	put(c, data, len);
	put(c, zero, pad);
	if (answer) {
		put_u16(c, PCAPNG_OPT_COMMENT);
		put_u16(c, sizeof(answer_comment) - 1);
		put(c, answer_comment, sizeof(answer_comment) - 1);
		put(c, zero, -(sizeof(answer_comment) - 1) & 3);
		put_u32(c, PCAPNG_OPT_END);
	}
	put_u32(c, total);
}

int capture_out_close(struct capture_out *c, bool commit, struct err *e)
{
	int err = 0;
	if (c->f && (c->f == stdout ? fflush(c->f) : fclose(c->f)) && !c->error)
		c->error = errno;
	if (commit && c->error)
		err = err_set(e, -c->error, "%s: cannot write it: %s", c->path, strerror(c->error));
	else if (commit && c->temporary && rename(c->temporary, c->path))
		err = err_set(e, -errno, "%s: cannot rename %s to it: %s", c->path, c->temporary,
			      strerror(errno));
	if (c->temporary && (!commit || err))
		unlink(c->temporary);
	free(c->temporary);
	free(c->path);
	free(c);
	return err;
}
