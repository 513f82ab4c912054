/* SPDX-License-Identifier: BSD-3-Clause */
/* roles: what a caller may do, from the user and groups that the kernel says the peer has, and the configuration.
 *
 * Model:    a user has the roles of the rows that name the user or one of the user's groups. root has admin. Each role stands for itself:
 *           an approver is no operator; only viewer is implied by all others.
 */
#ifndef CONTROL_API_ROLES_H
#define CONTROL_API_ROLES_H

#include <sys/types.h>

#include "control/config.h"

/* clang-format off */
/* X(NAME, word, what it may do) */
#define ROLES(X)                                                                                \
	X(VIEWER,   "viewer",   "look: orders, lists without entries, versions, hits, alarms")  \
	X(OPERATOR, "operator", "propose, import, stop, go back")                               \
	X(APPROVER, "approver", "decide what others proposed; confirm stops; decide appeals")   \
	X(AUDITOR,  "auditor",  "read the journal")                                             \
	X(ADMIN,    "admin",    "reload the configuration's files")
/* clang-format on */

enum role {
#define X(id, word, help) ROLE_BIT_##id,
	ROLES(X)
#undef X
	    ROLES_N
};
#define ROLE_VIEWER   (1u << ROLE_BIT_VIEWER)
#define ROLE_OPERATOR (1u << ROLE_BIT_OPERATOR)
#define ROLE_APPROVER (1u << ROLE_BIT_APPROVER)
#define ROLE_AUDITOR  (1u << ROLE_BIT_AUDITOR)
#define ROLE_ADMIN    (1u << ROLE_BIT_ADMIN)

extern const char *const role_words[ROLES_N + 1]; /* NULL at the end */

/* The roles of a peer; groups: its supplementary ones, of the peer's process where the kernel says so (SO_PEERGROUPS). */
unsigned roles_of(const struct control_config *c, uid_t uid, gid_t gid, const gid_t *groups,
		  unsigned n_groups);
/* The word of a role, or -1. */
int role_find(const char *word);

#endif
