/* Answers in two small writes, of which the second waits for our own delayed ACK of the first: that
 * is learnt, and ended; where the peer takes so long by itself it is given up; and answers of one
 * part cost nothing. Counted by the library's own account of it and by calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shim/pure/acks.h"
#include "tests/helper/counted.h"

#define TURNS	   60
#define TURNS_TEXT "60"

/* Some parts are late, or not late, because the machine is busy. A way to go wrong must show in all
 * runs, and what is right in one. */
enum { TRIES = 3 };

static size_t quickacks(const struct calls *calls)
{
	return calls_count(calls, 0, calls->count, "setsockopt", "TCP_QUICKACK");
}

/* Linux acknowledges the first few of a connection at once by itself; then two teach. */
#define LEARNING 30

static void the_second_part_waits_no_more(void **state)
{
	bool right = !library_loads();

	(void)state;
	for (int i = 0; i < TRIES && !right; i++) {
		struct counted c = {.program = "answers",
			.argument = {"two-parts", TURNS_TEXT},
			.mode = MODE_AUTO};

		counted_play(&c);
		print_message("    learnt %u, dropped %u, won %u of %u\n", c.connection.acks_learnt,
			c.connection.acks_dropped, (unsigned)c.connection.acks_won, TURNS);
		right = c.connection.acks_learnt == 1 && c.connection.acks_dropped == 0 &&
			c.connection.acks_won >= TURNS - LEARNING;
		counted_free(&c);
	}
	assert_true(right);
}

static void it_is_said_at_info(void **state)
{
	struct counted c = {.program = "answers",
		.argument = {"two-parts", TURNS_TEXT},
		.mode = MODE_AUTO,
		.log = "stderr:info"};

	(void)state;
	counted_play(&c);
	if (library_loads() && c.connection.acks_learnt)
		assert_non_null(strstr(c.with.err,
			": the rest of answers waits for our ACK: it is sent at once here\n"));
	counted_free(&c);
}

/* Each part after that one has TCP_QUICKACK armed behind it: twice a turn, and never before; but
 * where the rest has come when the first part is read, that is none. */
static void it_is_armed_after_each_part(void **state)
{
	struct counted c = {.program = "answers",
		.argument = {"two-parts", TURNS_TEXT},
		.mode = MODE_AUTO,
		.watch = "setsockopt,recvfrom,write,ioctl"};

	(void)state;
	counted_play(&c);
	assert_int_equal(quickacks(&c.bare_calls), 0);
	if (library_loads()) {
		size_t count = c.with_calls.count;
		size_t first = calls_find(&c.with_calls, 0, "setsockopt", "TCP_QUICKACK");
		size_t parts = 1 + calls_count(&c.with_calls, first, count, "recvfrom", " = ");

		assert_in_range(quickacks(&c.with_calls), TURNS - LEARNING, 2 * TURNS);
		assert_int_equal(calls_count(&c.with_calls, 0, first, "ioctl", "FIONREAD"), 0);
		parts -= calls_count(&c.with_calls, first, count, "ioctl", "FIONREAD, [3]");
		assert_in_range(parts, quickacks(&c.with_calls), quickacks(&c.with_calls));
	}
	counted_free(&c);
}

/* A part is what has come, not what a read takes of it: answers that come whole end it, however
 * they are read. Each costs one setsockopt until then, and two questions; nothing behind that. */
#define WHOLE	   1200
#define WHOLE_TEXT "1200"

static bool whole_answers_end_it(const struct counted *c)
{
	const struct calls *calls = &c->with_calls;
	size_t whole = calls_find(calls, 0, "getpgid", NULL);
	size_t end = calls_find(calls, whole + 1, "getpgid", NULL);
	size_t first = calls_find(calls, 0, "setsockopt", "TCP_QUICKACK");
	size_t sent = calls_count(calls, whole, end, "setsockopt", "TCP_QUICKACK");
	size_t asked = calls_count(calls, whole, end, "ioctl", "FIONREAD");

	print_message("    learnt %u, dropped %u, won %u of %u; then %zu ACKs, %zu questions\n",
		c->connection.acks_learnt, c->connection.acks_dropped,
		(unsigned)c->connection.acks_won, TURNS, sent, asked);
	return first < whole && c->connection.acks_learnt == 1 && c->connection.acks_won <= TURNS &&
	       sent > 0 && sent <= ACKS_LONE && asked <= 2 * sent &&
	       calls_count(calls, 0, first, "ioctl", "FIONREAD") == 0;
}

static void what_comes_whole_ends_it_however_it_is_read(void **state)
{
	bool right = !library_loads();

	(void)state;
	for (int i = 0; i < TRIES && !right; i++) {
		struct counted c = {.program = "answers",
			.argument = {"byte-by-byte", TURNS_TEXT, WHOLE_TEXT},
			.mode = MODE_AUTO,
			.watch = "getpgid,setsockopt,ioctl"};

		counted_play(&c);
		assert_int_equal(quickacks(&c.bare_calls), 0);
		right = whole_answers_end_it(&c);
		counted_free(&c);
	}
	assert_true(right);
}

static void the_next_connection_need_not_learn(void **state)
{
	struct counted c = {.program = "answers",
		.argument = {"two-connections", TURNS_TEXT, "20"},
		.mode = MODE_AUTO,
		.watch = "connect,setsockopt"};

	(void)state;
	counted_play(&c);
	if (library_loads()) {
		size_t first = calls_find(&c.with_calls, 0, "connect", "AF_INET");
		size_t next = calls_find(&c.with_calls, first + 1, "connect", "AF_INET");

		assert_true(next < c.with_calls.count);
		assert_in_range(calls_count(&c.with_calls, next, c.with_calls.count, "setsockopt",
					"TCP_QUICKACK"),
			20, 2 * 20);
	}
	counted_free(&c);
}

/* It looks the same until an ACK that is sent at once changes nothing, twice. */
static void a_peer_that_takes_so_long_itself_is_given_up(void **state)
{
	bool right = !library_loads();

	(void)state;
	for (int i = 0; i < TRIES && !right; i++) {
		struct counted c = {.program = "answers",
			.argument = {"two-parts", TURNS_TEXT},
			.mode = MODE_AUTO,
			.pause_us = 40000};

		counted_play(&c);
		print_message("    learnt %u, dropped %u, won %u\n", c.connection.acks_learnt,
			c.connection.acks_dropped, (unsigned)c.connection.acks_won);
		/* And not tried again in what is left of the turns. */
		right = c.connection.acks_learnt == 1 && c.connection.acks_dropped == 1;
		counted_free(&c);
	}
	assert_true(right);
}

static void answers_of_one_part_cost_nothing(void **state)
{
	struct counted c = {.program = "answers",
		.argument = {"one-part", "2000"},
		.mode = MODE_AUTO,
		.watch = "setsockopt,getsockopt,connect,recvfrom"};

	(void)state;
	counted_play(&c);
	if (library_loads()) {
		size_t from = calls_find(&c.with_calls, 0, "recvfrom", NULL);

		assert_int_equal(
			calls_count(&c.with_calls, from, c.with_calls.count, "setsockopt", NULL),
			0);
		assert_int_equal(c.connection.acks_learnt + c.connection.acks_won, 0);
	}
	counted_free(&c);
}

static void who_sets_quickack_itself_is_left_alone(void **state)
{
	struct counted c = {.program = "answers",
		.argument = {"own-quickack", TURNS_TEXT},
		.mode = MODE_AUTO,
		.watch = "setsockopt"};

	(void)state;
	counted_play(&c);
	assert_int_equal(quickacks(&c.bare_calls), 1);
	assert_int_equal(quickacks(&c.with_calls), 1);
	assert_int_equal(c.connection.acks_learnt, 0);
	counted_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_second_part_waits_no_more),
		cmocka_unit_test(it_is_said_at_info),
		cmocka_unit_test(it_is_armed_after_each_part),
		cmocka_unit_test(what_comes_whole_ends_it_however_it_is_read),
		cmocka_unit_test(the_next_connection_need_not_learn),
		cmocka_unit_test(a_peer_that_takes_so_long_itself_is_given_up),
		cmocka_unit_test(answers_of_one_part_cost_nothing),
		cmocka_unit_test(who_sets_quickack_itself_is_left_alone),
	};

	return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
