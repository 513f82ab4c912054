/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_proof: what is no proof is refused with a sentence; what is one holds an entry or a hash within its bounds, and no key signed it. */
#include <assert.h>
#include <string.h>

#include "audit/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct proof proof;
	struct verifier key = {.name = "roja.isp.example/audit", .type = NOTE_ED25519};
	struct checkpoint c;
	struct hash leaf;
	struct span entry;
	struct err e = {""};
	unsigned which;
	verifier_identify(&key);
	if (proof_parse((struct span){p, len}, &proof, &e)) {
		assert(*e.text);
		return 0;
	}
	assert(proof.n <= TREE_PROOF_MAX && proof.extra_bytes <= sizeof(proof.extra));
	assert(proof.note.p >= p && proof.note.p + proof.note.len == p + len);
	if (proof_entry(&proof, &entry, &leaf))
		assert(!entry.p || entry.len == proof.extra_bytes);
	assert(proof_check(&proof, &key, 1, &c, &which, &e) && *e.text);
	return 0;
}
