/* How fast turns follow each other: which programs may be left to Nagle across waits, and what
 * `always` holds where turns have one write. Times are made up. */
#include "tests/unit/unit.h"

#include <string.h>

#include "shim/pure/turn.h"

#define US 1000u
#define MS 1000000u

struct program {
	struct learner learner;
	struct turn turn;
	uint64_t now, epoch;
	unsigned clocks;
};

static void start(struct program *p)
{
	memset(p, 0, sizeof(*p));
	p->now = 1000 * (uint64_t)MS;
	p->epoch = 1;
}

/* One event-loop round, as flow_ask() plays it: that many writes, and a wait. */
static void round_of(struct program *p, unsigned writes, uint64_t length)
{
	for (unsigned i = 0; i < writes; i++) {
		bool asks = turn_wants_clock(&p->turn, &p->learner, p->epoch);
		uint64_t now = asks ? p->now : 0;

		p->clocks += asks;
		if (p->turn.epoch != p->epoch) {
			turn_round(&p->turn, now);
			turn_open(&p->turn, &p->learner, p->epoch);
		}
		turn_next(&p->turn, now);
		turn_wrote(&p->turn, &p->learner, 10, 10);
	}
	p->now += length;
	turn_close(&p->turn, &p->learner, p->now, false);
	p->epoch++;
}

static void rounds(struct program *p, unsigned times, uint64_t length)
{
	while (times--)
		round_of(p, 1, length);
}

static void messages_at_full_speed_are_brisk(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	/* The first look finds no time to compare with; then it must be fast twice. */
	rounds(&p, 3 * BRISK_TURNS - 1, 50 * US);
	assert_false(turn_is_brisk(&p.turn));
	rounds(&p, 1, 50 * US);
	assert_true(turn_is_brisk(&p.turn));
}

static void that_costs_a_clock_once_in_so_many_turns(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	rounds(&p, 1000 * BRISK_TURNS, 50 * US);
	assert_int_equal(p.clocks, 1000);
}

static void a_question_a_millisecond_is_not_brisk(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	rounds(&p, 100 * BRISK_TURNS, BRISK_US / BRISK_TURNS * US + 10 * US);
	assert_false(turn_is_brisk(&p.turn));
}

static void one_slow_stretch_begins_it_anew(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (int i = 0; i < 50; i++) {
		rounds(&p, BRISK_TURNS, 50 * US);
		rounds(&p, BRISK_TURNS - 1, 50 * US);
		rounds(&p, 1, 30 * MS);
		assert_false(turn_is_brisk(&p.turn));
	}
}

/* What is known by count is held, and needs no Nagle. */
static void turns_that_can_be_held_are_not_left_to_nagle(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (unsigned i = 0; i < 10 * BRISK_TURNS; i++)
		round_of(&p, 2, 50 * US);
	assert_int_equal(p.turn.expect, 2);
	assert_false(turn_is_brisk(&p.turn));
}

static void a_rest_is_as_long_as_it_says(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	rounds(&p, 3 * BRISK_TURNS, 50 * US);
	assert_true(turn_is_brisk(&p.turn));
	turn_rest(&p.turn, 1000);
	rounds(&p, 1000, 50 * US);
	assert_int_equal(p.turn.rest, 0);
	assert_false(turn_is_brisk(&p.turn));
	rounds(&p, 3 * BRISK_TURNS - 1, 50 * US);
	assert_false(turn_is_brisk(&p.turn));
	rounds(&p, 1, 50 * US);
	assert_true(turn_is_brisk(&p.turn));
}

/* ---- always ---- */

/* A turn of so many writes under `always`; returns how many of them are held. */
static unsigned always(struct program *p, unsigned writes)
{
	unsigned held = 0;

	for (unsigned i = 0; i < writes; i++)
		held += turn_always(&p->turn, p->epoch) == VERDICT_HOLD;
	p->epoch++;
	return held;
}

static void always_holds_from_the_first_write_on(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (int i = 0; i < 100; i++)
		assert_int_equal(always(&p, 2), 2);
}

static void turns_of_one_write_are_held_four_times(void **state)
{
	struct program p;
	unsigned held = 0;

	(void)state;
	start(&p);
	for (int i = 0; i < 1000; i++)
		held += always(&p, 1);
	assert_int_equal(held, LONE_TURNS);
}

/* The second write of a turn is the first that shows it. */
static void a_second_write_begins_it_anew(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (int i = 0; i < 1000; i++)
		always(&p, 1);
	assert_int_equal(always(&p, 3), 2);
	for (int i = 0; i < 100; i++)
		assert_int_equal(always(&p, 3), 3);
}

static void a_few_turns_of_one_write_between_others_are_held(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (int i = 0; i < 100; i++) {
		for (unsigned lone = 1; lone < LONE_TURNS; lone++)
			assert_int_equal(always(&p, 1), 1);
		assert_int_equal(always(&p, 2), 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_at_full_speed_are_brisk),
		cmocka_unit_test(that_costs_a_clock_once_in_so_many_turns),
		cmocka_unit_test(a_question_a_millisecond_is_not_brisk),
		cmocka_unit_test(one_slow_stretch_begins_it_anew),
		cmocka_unit_test(turns_that_can_be_held_are_not_left_to_nagle),
		cmocka_unit_test(a_rest_is_as_long_as_it_says),
		cmocka_unit_test(always_holds_from_the_first_write_on),
		cmocka_unit_test(turns_of_one_write_are_held_four_times),
		cmocka_unit_test(a_second_write_begins_it_anew),
		cmocka_unit_test(a_few_turns_of_one_write_between_others_are_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
