/* A program that writes once and reads makes the same system calls with the library as without;
 * only the connection is settled, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/calls.h"
#include "tests/helper/peer.h"
#include "tests/helper/run.h"

#define MANY 10000
#define SOME 500

/* What settling a flow may cost, in calls, once. */
#define SETTLING      "setsockopt getsockopt getsockname getpeername geteuid mmap"
#define SETTLING_MOST 8

static void trace(const char *work, enum mode mode, int turns, struct calls *calls)
{
	char number[16];
	struct peer_plan plan = {.answer_lines = true};
	struct peer *peer = peer_start(&plan);
	char *path = calls_path();
	struct launch launch = {.program = "turns",
		.argument = {work, number},
		.mode = mode,
		.port = peer_port(peer),
		.trace = path};
	struct outcome outcome;

	snprintf(number, sizeof(number), "%d", turns);
	run_whole(&launch, &outcome);
	assert_string_equal(outcome.err, "");
	assert_int_equal(outcome.status, 0);
	calls_read(path, calls);
	free(path);
	outcome_free(&outcome);
	peer_stop(peer);
}

struct span {
	size_t socket, connected, end;
};

static struct span span_of(const struct calls *calls)
{
	struct span span;

	span.socket = calls_find(calls, 0, "socket", "SOCK_STREAM");
	span.connected = calls_find(calls, span.socket, "getppid", NULL);
	span.end = calls_find(calls, span.connected + 1, "getppid", NULL);
	assert_true(span.end < calls->count);
	return span;
}

/* The same turns bare and in that mode, compared call by call. */
static void compare(enum mode mode, int turns)
{
	static const char *const settling[] = {
		"setsockopt", "getsockopt", "getsockname", "getpeername", "geteuid", "mmap"};
	struct calls bare, with;
	struct span a, b;
	size_t extra = 0;

	trace("steady", MODE_BARE, turns, &bare);
	a = span_of(&bare);
	assert_int_equal(calls_count(&bare, a.connected, a.end, "write", "one line"), turns);
	trace("steady", mode, turns, &with);
	b = span_of(&with);
	/* Not one call more or fewer once the connection stands, but for a look at whether all is
	 * acknowledged, the fifth after 9,000 turns at full speed: flow_keep.c. */
	assert_same_calls(&bare, a.connected, a.end, &with, b.connected, b.end, "ioctl");
	assert_in_range(
		calls_count(&with, b.connected, b.end, "ioctl", NULL), 0, (unsigned)turns / 2000);
	/* Before that, settling alone. */
	assert_same_calls(&bare, a.socket, a.connected, &with, b.socket, b.connected, SETTLING);
	for (size_t i = 0; i < sizeof(settling) / sizeof(*settling); i++)
		extra += calls_count(&with, b.socket, b.connected, settling[i], NULL) -
			 calls_count(&bare, a.socket, a.connected, settling[i], NULL);
	assert_in_range(extra, 0, SETTLING_MOST);
	/* And at the end: what is closed by exit needs nothing. */
	assert_same_calls(&bare, a.end, bare.count, &with, b.end, with.count, "");
	calls_free(&with);
	calls_free(&bare);
}

static void one_write_one_read_10000_times_auto(void **state)
{
	(void)state;
	compare(MODE_AUTO, MANY);
}

static void one_write_one_read_off(void **state)
{
	(void)state;
	compare(MODE_OFF, SOME);
}

/* With `always` each turn is held and pushed: one call more a turn, and no other; the deadline may
 * push at the same moment, since strace makes each turn as long as a tick. */
static void always_pushes_once(void **state)
{
	struct calls with;
	struct span span;

	(void)state;
	trace("steady", MODE_ALWAYS, SOME, &with);
	span = span_of(&with);
	assert_in_range(
		calls_count(&with, span.connected, span.end, "setsockopt", NULL), 1, 2 * SOME);
	assert_int_equal(calls_count(&with, span.connected, span.end, "recvfrom", NULL), SOME);
	calls_free(&with);
}

/* Learning to join what imaplib writes costs a few calls at first: at most one in twenty. */
static void appends_cost_no_calls(void **state)
{
	struct calls bare, with;
	size_t bare_count, with_count;

	(void)state;
	trace("alternate", MODE_BARE, 200, &bare);
	trace("alternate", MODE_AUTO, 200, &with);
	bare_count = bare.count - calls_find(&bare, 0, "connect", NULL);
	with_count = with.count - calls_find(&with, 0, "connect", NULL);
	assert_true(bare_count > 200 * 5);
	if (with_count > bare_count + bare_count / 20)
		fail_msg("%zu calls, bare %zu", with_count, bare_count);
	calls_free(&bare);
	calls_free(&with);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_write_one_read_10000_times_auto),
		cmocka_unit_test(one_write_one_read_off),
		cmocka_unit_test(always_pushes_once),
		cmocka_unit_test(appends_cost_no_calls),
	};

	return cmocka_run_group_tests_name("syscalls", tests, NULL, NULL);
}
