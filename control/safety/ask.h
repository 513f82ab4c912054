/* SPDX-License-Identifier: BSD-3-Clause */
/* ask: entries as requests that must match them, and requests beside them that must not.
 *
 * Model:    of each kind of entry the names, URLs or addresses that show it: one, for an expression some of which one will do (what it
 *           finds may be a whole URL or a piece of one), for addresses the first and the last. Beside them: sibling, parent, subdomain, the bare
 *           host, a longer path, another query, the addresses before and behind. Texts may be no canonical name or URL: who asks finds out.
 * Owner:    texts live in the asker (or in the entry) until its next call; wiped by asker_wipe.
 * Threads:  one asker, one thread.
 * Limits:   ASKS_MAX requests of an entry.
 * Cost:     below 100 ns, no heap.
 */
#ifndef CONTROL_SAFETY_ASK_H
#define CONTROL_SAFETY_ASK_H

#include "control/safety/witness.h"

#define ASKS_MAX 4

enum ask_what { ASK_NAME, ASK_URL, ASK_ADDRESS };

struct ask {
	enum ask_what what;
	struct span text; /* NAME, URL */
	uint8_t addr[16]; /* ADDRESS: IPv4 as ::ffff:a.b.c.d */
};

struct asker {
	struct witness witness;
	size_t used;
	char made[ASKS_MAX * (LIST_REGEX_MAX + URL_MAX_BYTES + 64)];
};

/* Whether a pattern's text was made as it stands, so that its canonical form must be the same. */
bool ask_is_exact(enum rule_kind kind);
/* How many; 0: no text could be made. *ret_any: one that matches is enough; else each must. */
unsigned ask_entry(struct asker *a, const struct list_entry *e, struct ask ret[ASKS_MAX], bool *ret_any);
unsigned ask_beside(struct asker *a, const struct list_entry *e, struct ask ret[ASKS_MAX]);
void asker_wipe(struct asker *a);

#endif
