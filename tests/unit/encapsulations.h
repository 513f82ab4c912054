/* SPDX-License-Identifier: BSD-3-Clause */
/* encapsulations: one IP packet in every encapsulation that decode knows, for tests of decode and answer. */
#ifndef TESTS_UNIT_ENCAPSULATIONS_H
#define TESTS_UNIT_ENCAPSULATIONS_H

#include "dataplane/core/decode.h"
#include "tests/unit/frames.h"

struct encapsulation {
	const char *name;
	enum link link;
	bool tunneled;
	bool answered;	     /* an answer can find its way back */
	const char *headers; /* hex, with lengths of zero */
	struct {
		uint16_t at;   /* offset of a 16-bit length */
		uint16_t from; /* it counts from here to the end */
	} lengths[4];
};

extern const struct encapsulation encapsulations[];
extern const unsigned encapsulations_n;

/* The IP packet of a plain frame (Ethernet, IPv4) in this encapsulation. */
struct frame encapsulate(const struct encapsulation *e, const struct frame *plain);

#endif
