/* Each system call that the library makes for itself fails in turn, in programs that make it: what
 * they answer and send is as bare. With SOAK in the environment each errno, and the first, the
 * second, the last and each call; and each call once late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "faults.h"
#include "tests/helper/need.h"

/* Always the same: what is reached is known of these. */
#define SEED 1

static struct census *census;

static int take_census(void **state)
{
	(void)state;
	census = census_take(SEED);
	return 0;
}

static int drop_census(void **state)
{
	(void)state;
	census_free(census);
	return 0;
}

static void each_place_is_known_and_reached(void **state)
{
	(void)state;
	assert_false(census->differs);
	if (!library_loads())
		return;
	/* who becomes another user comes to places of its own */
	need("root");
	assert_true(census->points > 100);
	assert_int_equal(census_holes(census), 0);
}

/* That a last call was not made again is no failure, but a soak of these alone would be one. */
static void play(struct fault_jobs *jobs, const char *what)
{
	unsigned right, wrong, missed, missed_last = 0;

	/* Without one, no call is its own. */
	if (!library_loads())
		return;
	faults_play(census, jobs);
	right = jobs->ended[FAULT_RIGHT];
	wrong = jobs->ended[FAULT_WRONG];
	missed = jobs->ended[FAULT_MISSED];
	for (unsigned i = 0; i < jobs->count; i++)
		missed_last += jobs->job[i].state == FAULT_MISSED && jobs->job[i].time == 0;
	printf("seeds from %d: %u %s of %u places, %u not as bare, %u not reached again\n", SEED,
		right + wrong, what, census->points, wrong, missed);
	faults_free(jobs);
	assert_int_equal(wrong, 0);
	assert_int_equal(missed, missed_last);
	assert_true(right > 4 * missed_last);
}

static void each_call_fails(void **state)
{
	struct fault_jobs jobs = {0};

	(void)state;
	faults_plan(census, getenv("SOAK") != NULL, &jobs);
	play(&jobs, "failures");
}

static void each_call_is_late(void **state)
{
	struct fault_jobs jobs = {0};

	(void)state;
	faults_plan_late(census, &jobs);
	play(&jobs, "late calls");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_place_is_known_and_reached),
		cmocka_unit_test(each_call_fails), cmocka_unit_test(each_call_is_late)};
	const size_t count = sizeof(tests) / sizeof(*tests) - (getenv("SOAK") ? 0 : 1);

	setvbuf(stdout, NULL, _IOLBF, 0);
	return _cmocka_run_group_tests("faults", tests, count, take_census, drop_census);
}
