/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/api/roles.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#define X(id, word, help) word,
const char *const role_words[ROLES_N + 1] = {ROLES(X) NULL};
#undef X

int role_find(const char *word)
{
	for (int i = 0; i < ROLES_N; i++)
		if (!strcmp(role_words[i], word))
			return i;
	return -1;
}

/* Digits alone: a number, whatever names there are. */
static bool read_number(const char *text, unsigned *ret)
{
	char *end;
	if (!*text || text[strspn(text, "0123456789")])
		return false;
	errno = 0;
	unsigned long v = strtoul(text, &end, 10);
	if (errno || v >= UINT_MAX) /* (uid_t)-1 is nobody */
		return false;
	*ret = (unsigned)v;
	return true;
}

/* By number, so that two names of one number are one user. */
static bool is_user(const char *text, uid_t uid)
{
	unsigned number;
	if (read_number(text, &number))
		return number == uid;
	const struct passwd *u = getpwnam(text);
	return u && u->pw_uid == uid;
}

static bool is_member(const char *text, gid_t gid, const gid_t *groups, unsigned n)
{
	unsigned number;
	if (!read_number(text, &number)) {
		const struct group *g = getgrnam(text);
		if (!g)
			return false;
		number = g->gr_gid;
	}
	bool is_in = number == gid;
	for (unsigned i = 0; i < n; i++)
		is_in |= groups[i] == number;
	return is_in;
}

static bool has(const struct config_role *r, uid_t uid, gid_t gid, const gid_t *groups, unsigned n)
{
	for (unsigned i = 0; i < r->n_users; i++)
		if (is_user(r->users[i], uid))
			return true;
	for (unsigned i = 0; i < r->n_groups; i++)
		if (is_member(r->groups[i], gid, groups, n))
			return true;
	return false;
}

unsigned roles_of(const struct control_config *c, uid_t uid, gid_t gid, const gid_t *groups,
		  unsigned n_groups)
{
	unsigned roles = uid == 0 ? ROLE_ADMIN : 0;
	for (unsigned i = 0; i < c->n_roles; i++) {
		int role = role_find(c->roles[i].name);
		if (role >= 0 && has(&c->roles[i], uid, gid, groups, n_groups))
			roles |= 1u << role;
	}
	return roles ? roles | ROLE_VIEWER : 0;
}
