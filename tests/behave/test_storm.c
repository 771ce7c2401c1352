/* Many threads, many connections, and writes from signal handlers: every connection's bytes are
 * its own, whole, and in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/peer.h"
#include "tests/helper/run.h"

#define THREADS 4
#define ROUNDS	8

static void check_connection(struct peer *peer, int index, unsigned char seen[THREADS][ROUNDS])
{
	char want[512];
	int thread, round, used = 0;
	const char *bytes;
	size_t length;

	assert_int_equal(peer_wait_end(peer, index), PEER_EOF);
	bytes = peer_bytes(peer, index, &length);
	if (sscanf(bytes, "thread %d round %d ", &thread, &round) != 2)
		fail_msg("connection %d begins with '%.40s'", index, bytes);
	assert_in_range(thread, 0, THREADS - 1);
	assert_in_range(round, 0, ROUNDS - 1);
	assert_int_equal(seen[thread][round]++, 0);
	for (int i = 0; i < 4; i++)
		used += snprintf(want + used, sizeof(want) - (size_t)used,
			"thread %d round %d line %d\n", thread, round, i);
	assert_string_equal(bytes, want);
}

static void storm(enum mode mode, const char *children)
{
	unsigned char seen[THREADS][ROUNDS] = {{0}};
	struct peer_plan plan = {.answer_lines = true};
	struct peer *peer = peer_start(&plan);
	char threads[8], rounds[8];
	struct launch launch = {.program = "storm",
		.argument = {threads, rounds, children},
		.mode = mode,
		.port = peer_port(peer)};
	struct outcome outcome;

	snprintf(threads, sizeof(threads), "%d", THREADS);
	snprintf(rounds, sizeof(rounds), "%d", ROUNDS);
	run_whole(&launch, &outcome);
	assert_string_equal(outcome.err, "");
	assert_int_equal(outcome.status, 0);
	for (int i = 0; i < THREADS * ROUNDS; i++)
		check_connection(peer, i, seen);
	outcome_free(&outcome);
	peer_stop(peer);
}

static void storm_bare(void **state)
{
	(void)state;
	storm(MODE_BARE, NULL);
}

static void storm_of_children_bare(void **state)
{
	(void)state;
	storm(MODE_BARE, "fork");
}

static void storm_auto(void **state)
{
	(void)state;
	storm(MODE_AUTO, NULL);
}

static void storm_of_children_auto(void **state)
{
	(void)state;
	storm(MODE_AUTO, "fork");
}

static void storm_always(void **state)
{
	(void)state;
	storm(MODE_ALWAYS, NULL);
}

static void storm_of_children_always(void **state)
{
	(void)state;
	storm(MODE_ALWAYS, "fork");
}

/* Dots apart, what came must be the numbers from 0 to 2,999. */
static void handler_writes(enum mode mode)
{
	struct peer_plan plan = {.answer_lines = true};
	struct peer *peer = peer_start(&plan);
	struct launch launch = {.program = "life",
		.argument = {"handler-writes"},
		.mode = mode,
		.port = peer_port(peer)};
	struct outcome outcome;
	const char *bytes;
	char want[16];
	size_t length;

	run_whole(&launch, &outcome);
	assert_string_equal(outcome.err, "");
	assert_int_equal(outcome.status, 0);
	assert_int_equal(peer_wait_end(peer, 0), PEER_EOF);
	bytes = peer_bytes(peer, 0, &length);
	for (int i = 0; i < 3000; i++) {
		snprintf(want, sizeof(want), "%d%c", i, i % 100 == 99 ? '\n' : ' ');
		bytes += strspn(bytes, ".");
		if (strncmp(bytes, want, strlen(want)) != 0)
			fail_msg("'%.20s' stands where '%s' should", bytes, want);
		bytes += strlen(want);
	}
	assert_string_equal(bytes + strspn(bytes, "."), "");
	outcome_free(&outcome);
	peer_stop(peer);
}

static void handler_writes_bare(void **state)
{
	(void)state;
	handler_writes(MODE_BARE);
}

static void handler_writes_auto(void **state)
{
	(void)state;
	handler_writes(MODE_AUTO);
}

static void handler_writes_always(void **state)
{
	(void)state;
	handler_writes(MODE_ALWAYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(storm_bare),
		cmocka_unit_test(storm_of_children_bare),
		cmocka_unit_test(storm_auto),
		cmocka_unit_test(storm_of_children_auto),
		cmocka_unit_test(storm_always),
		cmocka_unit_test(storm_of_children_always),
		cmocka_unit_test(handler_writes_bare),
		cmocka_unit_test(handler_writes_auto),
		cmocka_unit_test(handler_writes_always),
	};

	return cmocka_run_group_tests_name("storm", tests, NULL, NULL);
}
