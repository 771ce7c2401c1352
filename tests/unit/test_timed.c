/* Which time is a turn's, of a client and of a server. */
#include "tests/unit/unit.h"

#include "shim/pure/timed.h"

static void a_clients_turn_ends_with_its_answers_last_byte(void **state)
{
	struct timed timed = {0};

	(void)state;
	assert_true(timed_wants_clock(&timed, false));
	assert_int_equal(timed_write(&timed, false, 100), 0);
	assert_false(timed_wants_clock(&timed, false)); /* the second write of the turn */
	assert_int_equal(timed_read(&timed, false, 140), 0);
	assert_int_equal(timed_read(&timed, false, 150), 0);
	assert_true(timed_wants_clock(&timed, false));
	assert_int_equal(timed_write(&timed, false, 1000), 50);
	assert_int_equal(timed_read(&timed, false, 1007), 0);
	assert_int_equal(timed_end(&timed), 7);
	assert_int_equal(timed_end(&timed), 0);
}

static void a_greeting_is_no_turn_of_a_client(void **state)
{
	struct timed timed = {0};

	(void)state;
	assert_int_equal(timed_read(&timed, false, 10), 0);
	assert_int_equal(timed_write(&timed, false, 20), 0);
	assert_int_equal(timed_end(&timed), 0); /* nobody answered */
}

static void a_servers_turn_goes_from_request_to_request(void **state)
{
	struct timed timed = {0};

	(void)state;
	assert_false(timed_wants_clock(&timed, true)); /* its greeting */
	assert_int_equal(timed_read(&timed, true, 100), 0);
	assert_int_equal(timed_read(&timed, true, 105), 0); /* the rest of the request */
	assert_true(timed_wants_clock(&timed, true));
	assert_int_equal(timed_write(&timed, true, 110), 0);
	assert_int_equal(timed_write(&timed, true, 112), 0);
	assert_int_equal(timed_read(&timed, true, 160), 60);
	assert_int_equal(timed_write(&timed, true, 170), 0);
	assert_int_equal(timed_end(&timed), 10); /* the last answer ends the last turn */
}

static void a_clock_that_stands_still_counts_nothing(void **state)
{
	struct timed timed = {0};

	(void)state;
	timed_write(&timed, false, 100);
	timed_read(&timed, false, 100);
	assert_int_equal(timed_write(&timed, false, 200), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clients_turn_ends_with_its_answers_last_byte),
		cmocka_unit_test(a_greeting_is_no_turn_of_a_client),
		cmocka_unit_test(a_servers_turn_goes_from_request_to_request),
		cmocka_unit_test(a_clock_that_stands_still_counts_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
