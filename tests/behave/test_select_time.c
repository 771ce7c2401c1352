/* The time that select() leaves in its timeval is what is left, also where the library makes the
 * wait in steps: a program may have it for its timer. What the victim accounts for by the clock it
 * shares with select() is looked at, never how long anything took here. Over a long way, where a
 * flow at full speed is left to Nagle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/helper/counted.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"
#include "tests/helper/wire.h"

/* Of the way, in ns: longer than the 5 ms for which the library looks at nothing. */
#define DELAY 10000000

/* Of the victim's waits. */
#define WAITS	20
#define WAIT_US 3000

/* A machine that is busy elsewhere comes between the clock and the call, and such a program is not
 * at full speed then: what is right must show in one run, with a wait in steps in it. */
enum { TRIES = 5 };

struct times {
	int calls, passed, took, worst;
};

static struct times times_of(const struct outcome *outcome)
{
	struct times times = {
		.calls = counted_note(outcome, "#calls"),
		.passed = counted_note(outcome, "#passed"),
		.took = counted_note(outcome, "#took"),
		.worst = counted_note(outcome, "#worst"),
	};

	print_message("    %d calls, %d us passed, %d us taken off, %d us too few at most\n",
		times.calls, times.passed, times.took, times.worst);
	return times;
}

static struct counted far_away(const char *verb, const char *messages)
{
	return (struct counted){.program = "select_time",
		.argument = {verb, messages},
		.mode = MODE_AUTO,
		.silent = true,
		.at = WIRE_NEAR,
		.to = WIRE_FAR};
}

/* Whether each wait was taken off, and at least some were made in steps. */
static bool is_taken_off(const char *verb)
{
	struct counted c = far_away(verb, "2000");
	struct times with;
	bool right;

	counted_play(&c);
	with = times_of(&c.with);
	assert_int_equal(with.calls, WAITS);
	right = with.worst < WAIT_US / 3 && with.passed >= WAITS * WAIT_US / 2;
	right = right && (!library_loads() || c.connection.nagle_kept > 0);
	counted_free(&c);
	return right;
}

static void what_ends_a_wait_early_takes_off_what_has_passed(void **state)
{
	bool right = false;

	(void)state;
	for (int i = 0; i < TRIES && !right; i++)
		right = is_taken_off("ready");
	assert_true(right);
}

static void a_signal_does_too(void **state)
{
	bool right = false;

	(void)state;
	for (int i = 0; i < TRIES && !right; i++)
		right = is_taken_off("interrupted");
	assert_true(right);
}

/* Of calls that each wait for some hundred us. */
static void a_timer_that_goes_by_it_fires(void **state)
{
	bool right = false;

	(void)state;
	for (int i = 0; i < TRIES && !right; i++) {
		struct counted c = far_away("relay", "4000");
		struct times bare, with;

		counted_play(&c);
		bare = times_of(&c.bare);
		with = times_of(&c.with);
		right = with.passed - with.took < with.passed / 10 &&
			with.calls < bare.calls + bare.calls / 4;
		right = right && (!library_loads() || c.connection.nagle_kept > 0);
		counted_free(&c);
	}
	assert_true(right);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_ends_a_wait_early_takes_off_what_has_passed),
		cmocka_unit_test(a_signal_does_too),
		cmocka_unit_test(a_timer_that_goes_by_it_fires),
	};
	struct wire *wire;
	int failed;

	need_for_all("namespaces");
	own_network();
	wire = wire_start_of(DELAY);
	failed = cmocka_run_group_tests_name("select_time", tests, NULL, NULL);
	wire_stop(wire);
	return failed;
}
