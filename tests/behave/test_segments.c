/* How many segments with data reach the peer, on loopback and on veth: the figures that sockfix is
 * for, and that one-way streams get no more of them. Each count is compared with a bare run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/netns.h"
#include "tests/helper/peer.h"
#include "tests/helper/run.h"

struct work {
	const char *argument[LAUNCH_ARGUMENTS];
	size_t bytes;  /* that the peer must get */
	size_t answer; /* an answer for each so many bytes; 0: for each line */
	bool one_way;
};

static struct netns wire;

/* Runs the victim and returns the segments that the peer counted. All bytes were checked. */
static uint32_t segments(const struct work *work, enum mode mode, bool veth)
{
	struct peer_plan plan = {.pattern = work->answer > 0 || work->one_way,
		.answer_every = work->answer,
		.answer_lines = !work->answer && !work->one_way};
	struct launch launch = {.program = "turns", .mode = mode};
	struct outcome outcome;
	struct peer *peer;
	uint32_t count;
	bool right;

	/* The tick as users have it, not the long one that stories need. */
	if (mode == MODE_ALWAYS)
		launch.rules = "1:+t@role=any@:coalesce=2+=1";
	memcpy(launch.argument, work->argument, sizeof(launch.argument));
	if (veth) {
		launch.netns = wire.client;
		plan.netns = wire.server;
		plan.address = launch.address = NETNS_SERVER_ADDRESS;
	}
	peer = peer_start(&plan);
	launch.port = peer_port(peer);
	run_whole(&launch, &outcome);
	assert_string_equal(outcome.err, "");
	assert_int_equal(outcome.status, 0);
	assert_int_equal(peer_wait_end(peer, 0), PEER_EOF);
	assert_int_equal(peer_received(peer, 0, &right), work->bytes);
	assert_true(right);
	count = peer_segments(peer, 0);
	peer_stop(peer);
	outcome_free(&outcome);
	print_message("    %s%s: %u segments\n", mode_name[mode], veth ? " on veth" : "", count);
	return count;
}

/* A victim that loses its CPU in the middle of a turn has its tail let go by the tick, which is as
 * it should be: on a busy machine the best of a few runs counts. */
static void at_most(const struct work *work, enum mode mode, bool veth, uint32_t most)
{
	uint32_t count = UINT32_MAX;

	for (int tries = 0; tries < 5 && count > most; tries++) {
		count = segments(work, mode, veth);
		if (!library_loads())
			return;
	}
	if (count > most)
		fail_msg("%u segments; at most %u were expected", count, most);
}

/* 60 turns of 100 writes of two bytes, each turn answered. */
static const struct work hundred = {{"60", "100", "2"}, 12000, 200, false};

static void hundred_always(void **state)
{
	(void)state;
	segments(&hundred, MODE_BARE, false);
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

#define ROUNDS_LEAST 3
#define ROUNDS_MOST  15

static int by_size(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static uint32_t median(const uint32_t *count, int rounds)
{
	uint32_t sorted[ROUNDS_MOST];

	memcpy(sorted, count, (size_t)rounds * sizeof(*count));
	qsort(sorted, (size_t)rounds, sizeof(*sorted), by_size);
	return sorted[rounds / 2];
}

/* How many segments a stream takes depends on who runs when: bare runs of one minute differ by a
 * factor. So the runs are in turns, medians are compared, and doubt asks for more rounds. */
static void one_way(bool veth)
{
	static const struct work million = {{"stream", "1000000", "50"}, 50000000, 0, true};
	static const struct work fifth = {{"stream", "200000", "50"}, 10000000, 0, true};
	const struct work *work = veth ? &fifth : &million;
	uint32_t bare[ROUNDS_MOST], with[ROUNDS_MOST];
	int rounds = 0;

	while (rounds < ROUNDS_MOST) {
		bare[rounds] = segments(work, MODE_BARE, veth);
		with[rounds] = segments(work, MODE_AUTO, veth);
		rounds++;
		if (rounds >= ROUNDS_LEAST &&
			median(with, rounds) * 10ull <= median(bare, rounds) * 11ull)
			return;
	}
	if (library_loads())
		fail_msg("a stream takes %u segments, bare %u", median(with, rounds),
			median(bare, rounds));
}

static void one_way_loopback(void **state)
{
	(void)state;
	one_way(false);
}

static void one_way_veth(void **state)
{
	(void)state;
	netns_make(&wire);
	one_way(true);
	netns_free(&wire);
}

static void write_write_read(void **state)
{
	static const struct work pairs = {{"200", "2", "10"}, 4000, 20, false};

	(void)state;
	at_most(&pairs, MODE_AUTO, false, 200 + 10);
	at_most(&pairs, MODE_ALWAYS, false, 200 + 10);
}

static void write_write_read_select(void **state)
{
	static const struct work pairs = {{"200", "2", "10", "select"}, 4000, 20, false};

	(void)state;
	at_most(&pairs, MODE_AUTO, false, 200 + 10);
	at_most(&pairs, MODE_ALWAYS, false, 200 + 10);
}

static void imap_append(void **state)
{
	static const struct work appends = {{"alternate", "200"}, 200 * (24 + 702), 0, false};

	(void)state;
	at_most(&appends, MODE_AUTO, false, 2 * 200 + 10);
	at_most(&appends, MODE_ALWAYS, false, 2 * 200 + 10);
}

static void one_write(void **state)
{
	static const struct work single = {{"200", "1", "10"}, 2000, 10, false};

	(void)state;
	assert_int_equal(segments(&single, MODE_BARE, false), 200);
	assert_int_equal(segments(&single, MODE_AUTO, false), 200);
	assert_int_equal(segments(&single, MODE_ALWAYS, false), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hundred_always),
		cmocka_unit_test(hundred_auto),
		cmocka_unit_test(hundred_veth),
		cmocka_unit_test(one_way_loopback),
		cmocka_unit_test(one_way_veth),
		cmocka_unit_test(write_write_read),
		cmocka_unit_test(write_write_read_select),
		cmocka_unit_test(imap_append),
		cmocka_unit_test(one_write),
	};

	return cmocka_run_group_tests_name("segments", tests, NULL, NULL);
}
