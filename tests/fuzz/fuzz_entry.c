/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_entry: what decodes has one encoding, these bytes; what does not says why. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "audit/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct entry entry;
	uint8_t bytes[ENTRY_MAX_BYTES];
	struct err e = {""};
	enum entry_kind kind;
	uint64_t time_ns;
	int err = entry_decode((struct span){p, len}, &entry, &e);
	bool peeked = entry_peek((struct span){p, len}, &kind, &time_ns);
	if (err) {
		assert((err == -EBADMSG || err == -ENOTSUP) && e.text[0]);
		assert(err == -EBADMSG || peeked);
		return 0;
	}
	assert(peeked && kind == entry.kind && time_ns == entry.time_ns);
	assert(entry_encode(&entry, bytes, sizeof(bytes)) == len);
	assert(!memcmp(bytes, p, len));
	json_t *view = entry_json(&entry);
	assert(view && json_object_size(view) == entry_rows[entry.kind].n + 2);
	json_decref(view);
	return 0;
}
