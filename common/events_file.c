/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/events_file.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define X(id, word, help) word,
const char *const event_type_names[EVENT_TYPES_N] = {EVENT_TYPES(X)};
const char *const event_outage_reason_names[EVENT_OUTAGE_REASONS_N] = {EVENT_OUTAGE_REASONS(X)};
const char *const event_swap_outcome_names[EVENT_SWAP_OUTCOMES_N] = {EVENT_SWAP_OUTCOMES(X)};
#undef X

size_t events_file_bytes(unsigned rings, unsigned records)
{
	return EVENTS_HEADER_BYTES +
	       rings * (sizeof(struct events_ring) + (size_t)records * sizeof(struct event));
}

static const char *whats_wrong(const struct events_header *h, size_t bytes)
{
	if (memcmp(h->magic, EVENTS_MAGIC, sizeof(h->magic)))
		return "it is no event file";
	if (h->format != EVENTS_FORMAT || h->endian != EVENTS_ENDIAN ||
	    h->record_bytes != sizeof(struct event))
		return "it is of another version or machine";
	if (!h->rings || h->rings > EVENTS_RINGS_MAX || h->records < EVENTS_RECORDS_MIN ||
	    h->records > EVENTS_RECORDS_MAX || (h->records & (h->records - 1)))
		return "its geometry is impossible";
	if (bytes != events_file_bytes(h->rings, h->records))
		return "its size is not what its header says";
	return NULL;
}

int events_map(const char *path, int fd, bool writable, struct events_map *ret, struct err *e)
{
	struct stat st;
	struct events_header h;
	if (fstat(fd, &st) || pread(fd, &h, sizeof(h), 0) != sizeof(h))
		return err_set(e, -EINVAL,
			       "%s: too short for an event file; remove it and restart the data plane", path);
	const char *wrong = whats_wrong(&h, (size_t)st.st_size);
	if (wrong)
		return err_set(e, -EINVAL, "%s: %s; remove it and restart the data plane", path, wrong);
	void *base =
	    mmap(NULL, (size_t)st.st_size, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, fd, 0);
	if (base == MAP_FAILED)
		return err_set(e, -errno, "%s: cannot map it: %s", path, strerror(errno));
	*ret = (struct events_map){fd, base, (size_t)st.st_size, h.rings, h.records};
	return 0;
}

void events_unmap(struct events_map *m)
{
	if (m->base)
		munmap(m->base, m->bytes);
	if (m->fd >= 0)
		close(m->fd);
	*m = (struct events_map){.fd = -1};
}
