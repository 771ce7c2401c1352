/* How many segments with data reach the peer, on loopback and on veth: the figures that sockfix is
 * for, each compared with a bare run. One-way streams are in test_link_streams and test_nagle:
 * without a round trip, it is the kernel that joins what TCP_NODELAY lets go (tcp_autocorking), so
 * a count tells nothing about Nagle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/segments.h"

static struct netns wire;

/* A victim that loses its CPU in the middle of a turn has its tail let go by the tick, which is as
 * it should be: on a busy machine the best of a few runs counts. */
static void at_most(const struct work *work, enum mode mode, bool veth, uint32_t most)
{
	uint32_t count = UINT32_MAX;

	for (int tries = 0; tries < 5 && count > most; tries++) {
		count = segments_of(work, mode, veth ? &wire : NULL, NULL);
		if (!library_loads())
			return;
	}
	if (count > most)
		fail_msg("%u segments; at most %u were expected", count, most);
}

/* 60 turns of 100 writes of two bytes, each turn answered. */
static const struct work hundred = {"turns", {"60", "100", "2"}, .bytes = 12000, .answer = 200};

static void hundred_always(void **state)
{
	(void)state;
	segments_of(&hundred, MODE_BARE, NULL, NULL);
	at_most(&hundred, MODE_ALWAYS, false, 70);
}

static void hundred_auto(void **state)
{
	(void)state;
	at_most(&hundred, MODE_AUTO, false, 300);
}

static void hundred_veth(void **state)
{
	(void)state;
	netns_make(&wire);
	at_most(&hundred, MODE_ALWAYS, true, 70);
	at_most(&hundred, MODE_AUTO, true, 300);
	netns_free(&wire);
}

/* More flows than a thread's list of open turns has places, in one round: all are joined. */
static void a_crowd_of_flows(void **state)
{
	static const struct work work = {
		"turns", {"crowd", "60", "40"}, .bytes = 12000, .answer = 200};

	(void)state;
	segments_of(&work, MODE_BARE, NULL, NULL);
	at_most(&work, MODE_AUTO, false, 75);
}

/* Turns that go out as they come until their count is believed (TURN_BELIEVED), and the first one,
 * which has no times. */
#define LEARNING (6 + 1 + 3)

static void write_write_read(void **state)
{
	static const struct work pairs = {"turns", {"200", "2", "10"}, .bytes = 4000, .answer = 20};

	(void)state;
	at_most(&pairs, MODE_AUTO, false, 200 + LEARNING);
	at_most(&pairs, MODE_ALWAYS, false, 200 + 10);
}

static void write_write_read_select(void **state)
{
	static const struct work pairs = {
		"turns", {"200", "2", "10", "select"}, .bytes = 4000, .answer = 20};

	(void)state;
	at_most(&pairs, MODE_AUTO, false, 200 + LEARNING);
	at_most(&pairs, MODE_ALWAYS, false, 200 + 10);
}

static void imap_append(void **state)
{
	static const struct work appends = {
		"turns", {"alternate", "200"}, .bytes = 200 * (24 + 702)};

	(void)state;
	at_most(&appends, MODE_AUTO, false, 2 * 200 + LEARNING);
	at_most(&appends, MODE_ALWAYS, false, 2 * 200 + 10);
}

static void one_write(void **state)
{
	static const struct work single = {
		"turns", {"200", "1", "10"}, .bytes = 2000, .answer = 10};

	(void)state;
	assert_int_equal(segments_of(&single, MODE_BARE, NULL, NULL), 200);
	assert_int_equal(segments_of(&single, MODE_AUTO, NULL, NULL), 200);
	assert_int_equal(segments_of(&single, MODE_ALWAYS, NULL, NULL), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hundred_always),
		cmocka_unit_test(hundred_auto),
		cmocka_unit_test(hundred_veth),
		cmocka_unit_test(a_crowd_of_flows),
		cmocka_unit_test(write_write_read),
		cmocka_unit_test(write_write_read_select),
		cmocka_unit_test(imap_append),
		cmocka_unit_test(one_write),
	};

	return cmocka_run_group_tests_name("segments", tests, NULL, NULL);
}
