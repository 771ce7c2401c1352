/* Random programs over many sockets answer the same and send the same bytes in all modes: with
 * seeds that are always the same, and with one from the clock, which is printed.
 *
 * SEED and STEPS (of each mode) in the environment: those instead, as `make soak` has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "game.h"
#include "tests/helper/launch.h"

/* Of each mode; all modes and both tests make 100,000. */
#define FIXED_SEED  1
#define FIXED_STEPS 12000
#define FRESH_STEPS 4800

static void play(uint64_t seed, uint64_t steps)
{
	struct series series = {.seed = seed, .steps = steps};
	unsigned failed = series_play(&series);

	printf("seeds from %llu: %llu steps, %llu holds recorded\n", (unsigned long long)seed,
		(unsigned long long)series.played, (unsigned long long)series.holds);
	assert_int_equal(failed, 0);
	/* Programs in which nothing is held would find nothing. */
	if (library_loads())
		assert_true(series.holds > steps / 10);
}

static void fixed_seeds(void **state)
{
	(void)state;
	play(FIXED_SEED, FIXED_STEPS);
}

static void fresh_seeds(void **state)
{
	(void)state;
	play((uint64_t)time(NULL) * 1000, FRESH_STEPS);
}

static void seeds_asked_for(void **state)
{
	const char *seed = getenv("SEED"), *steps = getenv("STEPS");

	(void)state;
	play(seed && *seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL) * 1000,
		strtoull(steps, NULL, 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_seeds), cmocka_unit_test(fresh_seeds)};
	const struct CMUnitTest asked[] = {cmocka_unit_test(seeds_asked_for)};

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (getenv("STEPS"))
		return cmocka_run_group_tests_name("soak", asked, NULL, NULL);
	return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
