/* SPDX-License-Identifier: BSD-3-Clause */
/* stamp_state: what request and check share. Private to audit/stamp*.c. */
#ifndef AUDIT_STAMP_STATE_H
#define AUDIT_STAMP_STATE_H

#include <openssl/x509.h>

struct stamp_trust {
	STACK_OF(X509) * certs;
};

#endif
