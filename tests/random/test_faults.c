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

/* Always the same: what is reached is known of these. */
#define SEED 1

static struct census census;

static int take_census(void **state)
{
	(void)state;
	return census_take(&census, SEED) ? 0 : -1;
}

static int drop_census(void **state)
{
	(void)state;
	census_free(&census);
	return 0;
}

static void each_place_is_known_and_reached(void **state)
{
	(void)state;
	assert_true(census.points > 100);
	assert_int_equal(census_holes(&census), 0);
}

static void play(struct fault_jobs *jobs, const char *what)
{
	unsigned lost = 0;

	faults_play(&census, jobs);
	for (unsigned i = 0; i < jobs->count; i++)
		lost += !jobs->job[i].done || jobs->job[i].failed;
	printf("seeds from %d: %u %s of %u places, %u not as bare, %u not reached again\n", SEED,
		jobs->played, what, census.points, jobs->failed, jobs->missed);
	faults_free(jobs);
	assert_int_equal(lost, 0);
}

static void each_call_fails(void **state)
{
	struct fault_jobs jobs = {0};

	(void)state;
	faults_plan(&census, getenv("SOAK") != NULL, &jobs);
	play(&jobs, "failures");
}

static void each_call_is_late(void **state)
{
	struct fault_jobs jobs = {0};

	(void)state;
	faults_plan_late(&census, &jobs);
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
