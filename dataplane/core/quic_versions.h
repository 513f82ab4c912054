/* SPDX-License-Identifier: BSD-3-Clause */
/* quic_versions: what differs between the QUIC versions whose Initial packets anyone can open.
 *
 * Model:    one table; a version outside it, and the reserved 0x?a?a?a?a (RFC 9000 15), cannot be opened.
 * Owner:    constants.
 * Threads:  pure.
 * Cost:     one compare for version 1, a dozen for the rest.
 */
#ifndef DATAPLANE_CORE_QUIC_VERSIONS_H
#define DATAPLANE_CORE_QUIC_VERSIONS_H

#include <stdbool.h>
#include <stdint.h>

#define QUIC_SALT_BYTES 20

enum quic_salt {
	QUIC_SALT_V1,
	QUIC_SALT_V2,
	QUIC_SALT_V2_DRAFT,
	QUIC_SALT_DRAFT_22,
	QUIC_SALT_DRAFT_23,
	QUIC_SALT_DRAFT_29,
	QUIC_SALT_T050,
	QUIC_SALT_T051,
	QUIC_SALTS
};

enum quic_labels { QUIC_LABELS_V1, QUIC_LABELS_V2, QUIC_LABELS };

struct quic_version {
	uint32_t first, last; /* versions of this row, both included */
	uint8_t salt;	      /* enum quic_salt */
	uint8_t labels;	      /* enum quic_labels */
	uint8_t initial_bits; /* long packet type of an Initial; 0-RTT, Handshake, Retry follow, modulo 4 */
	bool untagged_retry;  /* until draft 24 a Retry had the original DCID instead of an integrity tag */
};

extern const uint8_t quic_salts[QUIC_SALTS][QUIC_SALT_BYTES];

/* The row of `version`, NULL where its Initials cannot be opened. */
const struct quic_version *quic_version_find(uint32_t version);

#endif
