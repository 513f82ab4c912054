/* SPDX-License-Identifier: BSD-3-Clause */
/* precision: what of a rule the wire shows, by protocol. */
#include "control/safety/safety.h"

#define NAMES                                                                                                     \
	{                                                                                                         \
		PRECISION_NAME, PRECISION_NAME, PRECISION_NAME, PRECISION_NAME, PRECISION_NONE,                   \
		    "enforced for HTTP, TLS, QUIC and DNS; not where the name is encrypted (ECH, DNS over HTTPS)" \
	}
#define HOSTS                                                                                                     \
	{                                                                                                         \
		PRECISION_HOST, PRECISION_HOST, PRECISION_HOST, PRECISION_HOST, PRECISION_NONE,                   \
		    "enforced for HTTP, TLS, QUIC and DNS; not where the name is encrypted (ECH, DNS over HTTPS)" \
	}
#define URLS                                                                                                            \
	{                                                                                                               \
		PRECISION_URL, PRECISION_NONE, PRECISION_NONE, PRECISION_NONE, PRECISION_NONE,                          \
		    "enforced on plain HTTP alone: in TLS and QUIC the path is encrypted, and the name is not blocked " \
		    "for it"                                                                                            \
	}

/* clang-format off */
const struct safety_precision safety_precisions[RULE_KINDS_N] = {
    [RULE_DOMAIN] = NAMES,
    [RULE_HOST] = HOSTS,
    [RULE_SUBDOMAINS] = NAMES,
    [RULE_URL] = URLS,
    [RULE_URL_PREFIX] = URLS,
    [RULE_URL_GLOB] = URLS,
    [RULE_NAME_GLOB] = NAMES,
    [RULE_REGEX] = URLS,
    [RULE_PREFIX] = {PRECISION_ADDRESS, PRECISION_ADDRESS, PRECISION_ADDRESS, PRECISION_ADDRESS, PRECISION_ADDRESS,
		     "all traffic to and from the addresses, whatever is hosted there"},
};
/* clang-format on */
