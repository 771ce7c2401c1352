/* Where nothing may be held for a while: what is predicted then. Times are
 * made up. */
#include "tests/unit/unit.h"

#include <string.h>

#include "shim/pure/turn.h"

#define US 1000u

static struct learner learner;
static struct turn turn;
static uint64_t now, epoch;

static int set_up(void **state)
{
	(void)state;
	memset(&learner, 0, sizeof(learner));
	memset(&turn, 0, sizeof(turn));
	now = 1000000000;
	epoch = 1;
	return 0;
}

static void write_one(void)
{
	now += 5 * US;
	if (turn.epoch != epoch)
		turn_open(&turn, &learner, epoch);
	turn_next(&turn, turn_wants_clock(&turn, &learner, epoch) ? now : 0);
	turn_wrote(&turn, &learner, 10, 10);
}

static void turns_of(unsigned writes, unsigned times)
{
	while (times--) {
		for (unsigned i = 0; i < writes; i++)
			write_one();
		now += 5 * US;
		turn_close(&turn, &learner, now, false);
		epoch++;
	}
}

static void a_long_turn_is_still_left_to_nagle(void **state)
{
	(void)state;
	turns_of(TURN_STREAM, 30);
	write_one();
	assert_int_equal(turn_get(&turn, expect), TURN_STREAM);
	turns_of(TURN_STREAM - 1, 1);
	atomic_store(&learner.benched, 10);
	write_one();
	assert_int_equal(turn_get(&turn, expect), 0);
	assert_true(turn.predicted_stream);
}

static void a_short_turn_is_not(void **state)
{
	(void)state;
	turns_of(2, 30);
	atomic_store(&learner.benched, 10);
	write_one();
	assert_int_equal(turn_get(&turn, expect), 0);
	assert_false(turn.predicted_stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_long_turn_is_still_left_to_nagle, set_up),
		cmocka_unit_test_setup(a_short_turn_is_not, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
