/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "control/api/base64.h"
#include "control/api/denials.h"
#include "control/api/roles.h"
#include "tests/unit/store_fixture.h"

#define N(array) (unsigned)(sizeof(array) / sizeof(*(array)))

/* Users and groups that every system has: root, daemon and nobody. */
static char *operators[] = {"64001", "daemon"};
static char *approvers[] = {"64002"};
static char *approver_groups[] = {"64100", "daemon"};
static char *auditors[] = {"64001"};
static char *odd_users[] = {
    "", "-1", " 64009", "+64009", "64009x", "0x64009", "4294967295", "18446744073709551615", "no-such-user"};
static char *odd_groups[] = {"", "64109x", "no-such-group", "4294967295"};
static struct config_role rows[] = {
    {.name = "operator", .users = operators, .n_users = N(operators)},
    {.name = "approver",
     .users = approvers,
     .n_users = N(approvers),
     .groups = approver_groups,
     .n_groups = N(approver_groups)},
    {.name = "auditor", .users = auditors, .n_users = N(auditors)},
    {.name = "admin",
     .users = odd_users,
     .n_users = N(odd_users),
     .groups = odd_groups,
     .n_groups = N(odd_groups)},
    {.name = "king", .users = approvers, .n_users = N(approvers)},
};
static const struct control_config config = {.roles = rows, .n_roles = N(rows)};

static const struct {
	const char *says;
	uid_t uid;
	gid_t gid, group;
	unsigned roles;
} peers[] = {
    {"a stranger", 64003, 64003, 64003, 0},
    {"root", 0, 0, 0, ROLE_ADMIN | ROLE_VIEWER},
    {"by number, in two rows", 64001, 64001, 64001, ROLE_OPERATOR | ROLE_AUDITOR | ROLE_VIEWER},
    {"an approver is no operator", 64002, 64002, 64002, ROLE_APPROVER | ROLE_VIEWER},
    {"by name", 1, 64003, 64003, ROLE_OPERATOR | ROLE_VIEWER},
    {"by the process's group", 64003, 64100, 64003, ROLE_APPROVER | ROLE_VIEWER},
    {"by a supplementary group", 64003, 64003, 64100, ROLE_APPROVER | ROLE_VIEWER},
    {"by a group's name", 64003, 64003, 1, ROLE_APPROVER | ROLE_VIEWER},
    {"a number that begins so", 640010, 64003, 64003, 0},
    {"a number that it begins with", 6400, 64003, 64003, 0},
    {"a group's number as a user", 64100, 64003, 64003, 0},
    {"a user's number as a group", 64003, 64001, 64001, 0},
    {"what is written oddly", 64009, 64109, 64109, 0},
    {"the number of nobody at all", (uid_t)-1, (gid_t)-1, (gid_t)-1, 0},
};

static void test_roles_are_those_of_user_and_groups(void)
{
	for (unsigned i = 0; i < N(peers); i++) {
		unsigned roles = roles_of(&config, peers[i].uid, peers[i].gid, &peers[i].group, 1);
		if (roles != peers[i].roles)
			printf("# %s: %x, not %x\n", peers[i].says, roles, peers[i].roles);
		CU_ASSERT_EQUAL(roles, peers[i].roles);
	}
	CU_ASSERT_EQUAL(roles_of(&config, 64003, 64003, NULL, 0), 0);
}

static void test_roles_words_are_found(void)
{
	for (int i = 0; i < ROLES_N; i++)
		CU_ASSERT_EQUAL(role_find(role_words[i]), i);
	CU_ASSERT_PTR_NULL(role_words[ROLES_N]);
	CU_ASSERT_EQUAL(role_find("king"), -1);
	CU_ASSERT_EQUAL(role_find("VIEWER"), -1);
}

static void test_denials_of_a_flood_are_two_rows_a_minute(void)
{
	struct fixture f;
	static struct denials d;
	fixture_open(&f);
	for (int i = 0; i < 10000; i++)
		CU_ASSERT_EQUAL(denials_add(&d, f.s, &ana, "list.add", "no", 1000, &f.e), 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM journal"), 1);
	CU_ASSERT_EQUAL(denials_tick(&d, f.s, 1000 + DENIALS_EVERY_MS - 1, &f.e), 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM journal"), 1);
	CU_ASSERT_EQUAL(denials_tick(&d, f.s, 1000 + DENIALS_EVERY_MS, &f.e), 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM journal WHERE text LIKE '9999 more%'"), 1);
	/* another minute without any: the next one is told at once again */
	CU_ASSERT_EQUAL(denials_tick(&d, f.s, 1000 + 2 * DENIALS_EVERY_MS, &f.e), 0);
	CU_ASSERT_EQUAL(denials_add(&d, f.s, &ana, "list.add", "no", 200000, &f.e), 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM journal WHERE outcome = 'refused'"), 3);
	fixture_close(&f);
}

static void test_denials_tell_users_and_acts_apart(void)
{
	struct fixture f;
	static struct denials d;
	fixture_open(&f);
	denials_add(&d, f.s, &ana, "list.add", "no", 1, &f.e);
	denials_add(&d, f.s, &ben, "list.add", "no", 1, &f.e);
	denials_add(&d, f.s, &ana, "order.add", "no", 1, &f.e);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM journal"), 3);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM journal WHERE uid = 64002 AND who = 'ben'"),
			1);
	CU_ASSERT_EQUAL(denials_tick(&d, f.s, UINT64_MAX, &f.e), 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM journal"), 3);
	fixture_close(&f);
}

static void test_denials_of_many_users_are_bounded(void)
{
	struct fixture f;
	static struct denials d;
	fixture_open(&f);
	for (int i = 0; i < 3 * DENIALS_MAX; i++) {
		const struct who who = {70000 + i, "somebody"};
		denials_add(&d, f.s, &who, "connect", "no", 1, &f.e);
	}
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM journal"), DENIALS_MAX);
	CU_ASSERT_EQUAL(denials_tick(&d, f.s, UINT64_MAX, &f.e), 0);
	CU_ASSERT_EQUAL(
	    fixture_count(&f, "SELECT count(*) FROM journal WHERE act = 'others' AND text LIKE '128 more%'"),
	    1);
	fixture_close(&f);
}

static const struct {
	const char *text, *bytes;
	long n;
} base64[] = {
    {"", "", 0},	{"Zg==", "f", 1},	   {"Zm8=", "fo", 2},
    {"Zm9v", "foo", 3}, {"Zm9vYmFy", "foobar", 6}, {"+/+/", "\xfb\xff\xbf", 3},
    {"Zg=", NULL, -1},	{"Zg", NULL, -1},	   {"Zg==Zg==", NULL, -1},
    {"====", NULL, -1}, {"Zm9\n", NULL, -1},	   {"Zm9-", NULL, -1},
};

static void test_base64_is_read(void)
{
	for (unsigned i = 0; i < N(base64); i++) {
		size_t len = strlen(base64[i].text), room = len / 4 * 3;
		static const char zero[16];
		uint8_t *out = guarded(zero, room);
		long n = base64_read(base64[i].text, out);
		if (n != base64[i].n)
			printf("# \"%s\": %ld, not %ld\n", base64[i].text, n, base64[i].n);
		CU_ASSERT_EQUAL(n, base64[i].n);
		CU_ASSERT(n < 0 || !memcmp(out, base64[i].bytes, (size_t)n));
		guarded_free(out, room);
	}
}

static const struct test tests[] = {
    TEST(test_roles_are_those_of_user_and_groups),	 TEST(test_roles_words_are_found),
    TEST(test_denials_of_a_flood_are_two_rows_a_minute), TEST(test_denials_tell_users_and_acts_apart),
    TEST(test_denials_of_many_users_are_bounded),	 TEST(test_base64_is_read),
};

HARNESS_MAIN("roles", tests)
