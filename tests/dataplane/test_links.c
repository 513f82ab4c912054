/* SPDX-License-Identifier: BSD-3-Clause */
/* Links of a pair over veths in a network namespace of the test's own:
 *
 *     far0 ---- left | right ---- far1
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dataplane/dpdk/netif.h"
#include "dataplane/dpdk/port.h"
#include "tests/unit/harness.h"

enum { LEFT, RIGHT };
static const struct config_port cfgs[2] = {{.name = "left", .interface = "left", .propagate_link = true},
					   {.name = "right", .interface = "right", .propagate_link = true}};
static struct port ports[2];

static void sh(const char *command)
{
	if (system(command)) {
		printf("not ok links: %s\n", command);
		exit(1);
	}
}

static void set_up(void)
{
	static bool made;
	if (!made) {
		if (unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNET : CLONE_NEWNET))
			printf("not ok links: no network namespace may be made here\n"), exit(1);
		sh("ip link add left type veth peer name far0");
		sh("ip link add right type veth peer name far1");
		made = true;
	}
	for (unsigned i = 0; i < 2; i++)
		ports[i] = (struct port){.cfg = &cfgs[i],
					 .peer = (uint8_t)!i,
					 .kernel = true,
					 .link = true,
					 .patience = PORT_PATIENCE};
	sh("for i in left right far0 far1; do ip link set $i up; done");
	for (unsigned i = 0; i < 2; i++)
		while (!netif_has_carrier(cfgs[i].interface))
			usleep(1000);
	CU_ASSERT_EQUAL(ports_poll_links(ports, 2), 0);
}

/* The kernel tells of a carrier a moment after its cause. */
static void wait_carrier(unsigned port, bool there)
{
	while (netif_has_carrier(cfgs[port].interface) != there)
		usleep(1000);
}

static bool is_up(const char *name)
{
	char command[64];
	snprintf(command, sizeof(command), "ip link show %s | grep -q '[<,]UP[,>]'", name);
	return !system(command);
}

static void test_links_loss_and_return_pass_on(void)
{
	set_up();
	sh("ip link set far0 down");
	wait_carrier(LEFT, false);
	CU_ASSERT_EQUAL(ports_poll_links(ports, 2), 1u << LEFT);
	CU_ASSERT_TRUE(ports[RIGHT].held_down);
	CU_ASSERT_FALSE(is_up("right"));
	CU_ASSERT_EQUAL(ports_poll_links(ports, 2), 0);
	CU_ASSERT_TRUE(is_up("left"));
	sh("ip link set far0 up");
	wait_carrier(LEFT, true);
	CU_ASSERT_EQUAL(ports_poll_links(ports, 2), 1u << LEFT);
	CU_ASSERT_TRUE(is_up("right"));
}

/* As between NICs that take seconds to agree on a link. */
static void test_links_slow_to_return_do_not_take_each_other_down(void)
{
	set_up();
	sh("ip link set far0 down");
	wait_carrier(LEFT, false);
	ports_poll_links(ports, 2);
	sh("ip link set far1 down"); /* it is up to its far end when the right comes back */
	sh("ip link set far0 up");
	wait_carrier(LEFT, true);
	ports_poll_links(ports, 2);
	CU_ASSERT_TRUE(is_up("right"));
	for (unsigned i = 0; i < PORT_PATIENCE - 1; i++) {
		CU_ASSERT_EQUAL(ports_poll_links(ports, 2), 0);
		CU_ASSERT_FALSE(ports[LEFT].held_down);
	}
	sh("ip link set far1 up");
	wait_carrier(RIGHT, true);
	CU_ASSERT_EQUAL(ports_poll_links(ports, 2), 0);
	CU_ASSERT_FALSE(ports[LEFT].held_down || ports[RIGHT].held_down);
	sh("ip link set far1 down"); /* now it is a loss */
	wait_carrier(RIGHT, false);
	CU_ASSERT_EQUAL(ports_poll_links(ports, 2), 1u << RIGHT);
	CU_ASSERT_TRUE(ports[LEFT].held_down);
}

static void test_links_that_never_return_are_lost_in_the_end(void)
{
	set_up();
	sh("ip link set far1 down");
	ports[RIGHT].patience = PORT_PATIENCE;
	wait_carrier(RIGHT, false);
	uint32_t changed = 0;
	for (unsigned i = 0; i < PORT_PATIENCE; i++)
		changed |= ports_poll_links(ports, 2);
	CU_ASSERT_EQUAL(changed, 1u << RIGHT);
	CU_ASSERT_TRUE(ports[LEFT].held_down);
	ports_release(ports, 2);
	CU_ASSERT_TRUE(is_up("left"));
}

/* Somebody took the interface away while we held it: what could not be done is done later. */
static void test_links_held_are_let_go_however_late(void)
{
	set_up();
	sh("ip link set far0 down");
	wait_carrier(LEFT, false);
	ports_poll_links(ports, 2);
	sh("ip link set right name away");
	sh("ip link set far0 up");
	wait_carrier(LEFT, true);
	ports_poll_links(ports, 2);
	CU_ASSERT_TRUE(ports[RIGHT].held_down);
	sh("ip link set away name right");
	ports_poll_links(ports, 2);
	CU_ASSERT_FALSE(ports[RIGHT].held_down);
	CU_ASSERT_TRUE(is_up("right"));
}

static const struct test tests[] = {
    TEST(test_links_loss_and_return_pass_on),
    TEST(test_links_slow_to_return_do_not_take_each_other_down),
    TEST(test_links_that_never_return_are_lost_in_the_end),
    TEST(test_links_held_are_let_go_however_late),
};

HARNESS_MAIN("links", tests)
