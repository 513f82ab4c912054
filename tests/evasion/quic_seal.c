/* SPDX-License-Identifier: BSD-3-Clause */
/* quic_seal: seals QUIC Initials for a test that has no AES of its own.
 *
 * Reads lines "VERSION KEY_CID DCID SCID TOKEN SIDE NUMBER SIZE FRAMES" (hexadecimal, "-" where empty; SIDE is c or s;
 * NUMBER, the packet number, and SIZE, the bytes to pad the packet to, are decimal) and answers each with the packet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/core/quic.h"

#define FIELDS	   9
#define PACKET_MAX 4096

static struct span unhex(const char *text, uint8_t *out)
{
	size_t n = 0;
	for (; text[0] && text[0] != '-' && text[1]; text += 2)
		out[n++] = (uint8_t)strtoul((char[]){text[0], text[1], 0}, NULL, 16);
	return (struct span){out, n};
}

static size_t seal(struct quic_crypto *qc, char *field[FIELDS], uint8_t *out)
{
	static uint8_t room[5][2 * PACKET_MAX];
	struct quic_keys k;
	uint32_t version = (uint32_t)strtoul(field[0], NULL, 16);
	struct span key_cid = unhex(field[1], room[0]);
	quic_keys_derive(qc, version, key_cid.p, key_cid.len, field[5][0] == 's', &k);
	return quic_initial_build(qc, version, unhex(field[2], room[1]), unhex(field[3], room[2]),
				  unhex(field[4], room[3]), &k, strtoull(field[6], NULL, 10),
				  unhex(field[8], room[4]), strtoul(field[7], NULL, 10), out, PACKET_MAX);
}

int main(void)
{
	static char line[4 * PACKET_MAX];
	struct quic_crypto *qc = quic_crypto_new();
	if (!qc)
		return 1;
	while (fgets(line, sizeof(line), stdin)) {
		char *field[FIELDS], *save = NULL, *at = line;
		uint8_t packet[PACKET_MAX];
		for (unsigned i = 0; i < FIELDS; i++, at = NULL)
			if (!(field[i] = strtok_r(at, " \n", &save)))
				return 2;
		size_t n = seal(qc, field, packet);
		for (size_t i = 0; i < n; i++)
			printf("%02x", packet[i]);
		putchar('\n');
		fflush(stdout);
	}
	quic_crypto_free(qc);
	return 0;
}
