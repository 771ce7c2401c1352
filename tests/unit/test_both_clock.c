/* How two clocks stand to each other, from bytes that went both ways: the windows, what bounds
 * them, and when a new one begins. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "tools/base/memory.h"
#include "tools/both/both_parts.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)
#define S  INT64_C(1000000000)

static struct clock_sample *sample;
static size_t samples;
static struct clock_windows clock_of;

static void add(int64_t at, int64_t raw, bool back)
{
	sample = memory_grow(sample, samples, sizeof(*sample));
	sample[samples++] = (struct clock_sample){(uint64_t)at, raw, back};
}

/* There and back, by a clock that is so far ahead. */
static void ping(int64_t at, int64_t ahead, int64_t there, int64_t back)
{
	add(at, there + ahead, false);
	add(at + there + back, back - ahead, true);
}

static void take(void)
{
	clock_take(&clock_of, sample, samples);
}

static int tear_down(void **state)
{
	(void)state;
	free(sample);
	free(clock_of.window);
	sample = NULL;
	samples = 0;
	clock_of = (struct clock_windows){0};
	return 0;
}

static void the_fastest_of_each_way(void **state)
{
	(void)state;
	ping(5 * MS, 7 * S, 300 * US, 200 * US);
	ping(7 * MS, 7 * S, 150 * US, 900 * US);
	ping(1 * MS, 7 * S, 400 * US, 180 * US);
	take();
	assert_int_equal(clock_of.windows, 1);
	assert_int_equal(clock_of.jumps, 0);
	assert_int_equal(clock_of.window[0].from, 1 * MS);
	assert_int_equal(clock_of.window[0].raw[0], 7 * S + 150 * US);
	assert_int_equal(clock_of.window[0].raw[1], 180 * US - 7 * S);
}

static void none_and_one_way(void **state)
{
	(void)state;
	take();
	assert_int_equal(clock_of.windows, 0);
	assert_null(clock_at(&clock_of, 5));
	add(5, -3 * S, false);
	take();
	assert_int_equal(clock_of.windows, 1);
	assert_int_equal(clock_of.window[0].raw[0], -3 * S);
	assert_true(clock_of.window[0].raw[1] == CLOCK_UNKNOWN);
}

/* A jump either way makes some byte arrive before it was sent. */
static void a_jump_begins_another(void **state)
{
	static const int64_t jump[] = {30 * MS, -30 * MS, 5 * S, -3600 * S};

	(void)state;
	for (size_t i = 0; i < sizeof(jump) / sizeof(*jump); i++) {
		for (int n = 0; n < 40; n++)
			ping(n * MS, n < 20 ? 0 : jump[i], 100 * US, 100 * US);
		take();
		assert_int_equal(clock_of.windows, 2);
		assert_int_equal(clock_of.jumps, 1);
		assert_int_equal(clock_at(&clock_of, 5 * MS)->raw[0], 100 * US);
		assert_int_equal(clock_at(&clock_of, 30 * MS)->raw[0], 100 * US + jump[i]);
		assert_int_equal(clock_at(&clock_of, 30 * MS)->raw[1], 100 * US - jump[i]);
		tear_down(NULL);
	}
}

/* Two CPUs' clocks that are not quite one are no jump. */
static void a_little_apart_is_no_jump(void **state)
{
	(void)state;
	ping(1 * MS, 0, 5 * US, 5 * US);
	ping(2 * MS, 0, -25 * US, 5 * US);
	ping(3 * MS, 0, 5 * US, -20 * US);
	take();
	assert_int_equal(clock_of.windows, 1);
	assert_int_equal(clock_of.jumps, 0);
}

/* 50 ppm: after 1,000 s they are 50 ms apart, and each window knows. */
static void clocks_that_drift(void **state)
{
	(void)state;
	for (int64_t n = 0; n < 1000; n++)
		ping(n * S, n * 50 * US, 2 * MS, 2 * MS);
	take();
	assert_in_range(clock_of.windows, 50, 101);
	assert_int_equal(clock_of.jumps, 0);
	for (int64_t n = 0; n < 1000; n++) {
		const struct clock_window *window = clock_at(&clock_of, (uint64_t)(n * S));
		const int64_t late = 2 * MS + n * 50 * US - window->raw[0];
		assert_in_range(late, 0, 1 * MS);
	}
}

/* Few bytes an hour: a window waits for enough of them. */
static void a_window_waits_for_enough(void **state)
{
	(void)state;
	for (int64_t n = 0; n < 14; n++)
		ping(n * 60 * S, 0, 1 * MS, 1 * MS);
	take();
	assert_int_equal(clock_of.windows, 2);
	assert_int_equal(clock_of.window[1].from, 8 * 60 * S);
}

/* Damage: times of 2^62 on either side. */
static void numbers_that_no_clock_shows(void **state)
{
	(void)state;
	add(1, INT64_MAX - 1, false);
	add(2, INT64_MAX - 1, true);
	add(3, INT64_MIN, false);
	add(4, INT64_MIN, true);
	take();
	assert_in_range(clock_of.windows, 1, 4);
}

static void which_window(void **state)
{
	(void)state;
	for (int n = 0; n < 4; n++)
		ping(100 + n * 10 * MS, -n * S, 1 * US, 1 * US);
	take();
	assert_int_equal(clock_of.windows, 4);
	assert_null(clock_at(&clock_of, 99));
	assert_ptr_equal(clock_at(&clock_of, 100), &clock_of.window[0]);
	assert_ptr_equal(clock_at(&clock_of, 99 + 10 * MS), &clock_of.window[0]);
	assert_ptr_equal(clock_at(&clock_of, 100 + 10 * MS), &clock_of.window[1]);
	assert_ptr_equal(clock_at(&clock_of, UINT64_MAX), &clock_of.window[3]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(the_fastest_of_each_way, tear_down),
		cmocka_unit_test_teardown(none_and_one_way, tear_down),
		cmocka_unit_test_teardown(a_jump_begins_another, tear_down),
		cmocka_unit_test_teardown(a_little_apart_is_no_jump, tear_down),
		cmocka_unit_test_teardown(clocks_that_drift, tear_down),
		cmocka_unit_test_teardown(a_window_waits_for_enough, tear_down),
		cmocka_unit_test_teardown(numbers_that_no_clock_shows, tear_down),
		cmocka_unit_test_teardown(which_window, tear_down),
	};

	return cmocka_run_group_tests_name("both_clock", tests, NULL, NULL);
}
