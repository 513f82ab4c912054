/* SPDX-License-Identifier: BSD-3-Clause */
/* wal_format: places within a segment's header and a frame's head; little endian. docs/audit-storage.md tells them too. */
#ifndef AUDIT_WAL_FORMAT_H
#define AUDIT_WAL_FORMAT_H

#include "audit/wal.h"

enum wal_header_at {
	WAL_MAGIC_AT = 0,   /* 8 bytes */
	WAL_FORMAT_AT = 8,  /* u32; u32 0 */
	WAL_NUMBER_AT = 16, /* u64 */
	WAL_SALT_AT = 24,   /* WAL_SALT_BYTES; 8 bytes 0 */
	WAL_HEADER_CHECK_AT = 48
};

enum wal_head_at {
	WAL_FRAME_AT = 0,	/* 8 bytes: WAL_FRAME_MAGIC */
	WAL_TYPE_AT = 8,	/* u32 */
	WAL_SETS_AT = 12,	/* u32: bytes of sets */
	WAL_LEAVES_AT = 16,	/* u32: bytes of leaves; u32 0 */
	WAL_TICKET_AT = 24,	/* u64 */
	WAL_SIZE_AT = 32,	/* u64 */
	WAL_HEAD_CHECK_AT = 40, /* 8 bytes: of what is before it */
	WAL_CHECK_AT = 48	/* of the head before it, sets, leaves and padding */
};
#define WAL_HEAD_CHECK_BYTES 8

/* No text has these bytes: they are no UTF-8. */
#define WAL_MAGIC "\xffrojawal"
#define WAL_FRAME_MAGIC \
	"\xfe\xff"      \
	"frame\n"
#define WAL_MAGIC_BYTES 8
#define WAL_ALIGN	8u

static inline void wal_put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static inline void wal_put64(uint8_t *p, uint64_t v)
{
	wal_put32(p, (uint32_t)v);
	wal_put32(p + 4, (uint32_t)(v >> 32));
}

static inline uint32_t wal_get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t wal_get64(const uint8_t *p)
{
	return wal_get32(p) | (uint64_t)wal_get32(p + 4) << 32;
}

static inline size_t wal_padding(size_t bytes)
{
	return (WAL_ALIGN - bytes % WAL_ALIGN) % WAL_ALIGN;
}

/* What a frame's checks are made of beside its bytes. */
struct wal_place {
	const uint8_t *salt;
	uint64_t number, at;
};

void wal_check_header(const uint8_t header[WAL_HEADER_BYTES], uint8_t ret[WAL_CHECK_BYTES]);
void wal_check_head(const struct wal_place *where, const uint8_t head[WAL_HEAD_BYTES],
		    uint8_t ret[WAL_HEAD_CHECK_BYTES]);
/* Of the head up to its own place, then of the parts and their padding of zeros. */
void wal_check_frame(const struct wal_place *where, const uint8_t head[WAL_HEAD_BYTES], struct span sets,
		     struct span leaves, uint8_t ret[WAL_CHECK_BYTES]);

#endif
