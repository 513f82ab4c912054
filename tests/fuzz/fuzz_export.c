/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_export: a manifest is refused with a sentence, or has all members, and no name of it leads out of the folder. */
#include <assert.h>
#include <string.h>

#include "audit/export.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct export_manifest m;
	struct err e = {""};
	const char *name;
	json_t *sum;
	if (export_manifest_parse((struct span){p, len}, &m, &e)) {
		assert(*e.text);
		return 0;
	}
	assert(m.origin && m.reference && m.files);
	json_object_foreach(m.files, name, sum)
	{
		assert(*name != '/' && !strstr(name, "..") && strlen(name) < VERIFY_FILE_BYTES);
		assert(strlen(json_string_value(sum)) == 64);
	}
	json_decref(m.json);
	return 0;
}
