/* Messages at full speed are left to Nagle while data is unacknowledged, as they are bare;
 * questions never wait for it; and waits that are made in steps meanwhile end as the program asked.
 * All over a long way, where Nagle has something to join. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/counted.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"
#include "tests/helper/segments.h"
#include "tests/helper/wire.h"

#define MESSAGES      60000
#define MESSAGES_TEXT "60000"
#define BYTES	      50 /* of each */

/* Of the way, in ns: longer than the 5 ms for which the library looks at nothing. */
#define DELAY 10000000

static struct counted far_away(const char *verb, const char *messages)
{
	return (struct counted){.program = "nagle",
		.argument = {verb, messages},
		.mode = MODE_AUTO,
		.silent = true,
		.at = WIRE_NEAR,
		.to = WIRE_FAR};
}

enum { TRIES = 5 };

/* ---- segments ---- */

/* A machine that is busy elsewhere looks like a peer that waits, and then a thousand messages go
 * through: the best of a few runs counts. */
static void as_few_as_bare(const char *loop)
{
	const struct work work = {.program = "nagle",
		.argument = {loop, MESSAGES_TEXT},
		.bytes = MESSAGES * BYTES,
		.at = WIRE_NEAR,
		.to = WIRE_FAR,
		.one_way = true};
	uint32_t bare = segments_of(&work, MODE_BARE, NULL, NULL), with = UINT32_MAX;

	assert_in_range(bare, 1, MESSAGES / 10);
	for (int i = 0; i < TRIES && with > bare + bare / 10; i++)
		with = segments_of(&work, MODE_AUTO, NULL, NULL);
	if (with > bare + bare / 10)
		fail_msg("%u segments, bare %u", with, bare);
}

static void a_loop_around_poll(void **state)
{
	(void)state;
	as_few_as_bare("poll");
}

static void a_loop_around_epoll(void **state)
{
	(void)state;
	as_few_as_bare("epoll");
}

static void a_loop_around_select(void **state)
{
	(void)state;
	as_few_as_bare("select");
}

/* ---- who waits ---- */

static void it_is_counted(void **state)
{
	struct counted c = far_away("poll", MESSAGES_TEXT);

	(void)state;
	counted_play(&c);
	if (library_loads()) {
		assert_in_range(c.connection.nagle_kept, 1, 5);
		assert_int_equal(c.connection.holds, 0);
	}
	counted_free(&c);
}

/* All that was sent is acknowledged when the next one goes: there is nothing to join. */
static void questions_never_wait_for_it(void **state)
{
	struct counted c = far_away("questions", "20000");

	(void)state;
	c.at = c.to = NULL;
	c.silent = false;
	c.answer = BYTES;
	counted_play(&c);
	assert_int_equal(counted_note(&c.with, "#kept"), 0);
	assert_int_equal(c.connection.nagle_kept, 0);
	counted_free(&c);
}

/* The peer answers the last of so many messages, which is kept back when it is awaited. */
static void a_read_lets_go(void **state)
{
	struct counted c = far_away("then-question", "3000");

	(void)state;
	c.silent = false;
	c.answer = 3000 * BYTES;
	counted_play(&c);
	if (library_loads()) {
		assert_in_range(c.connection.nagle_kept, 1, 10);
		assert_in_range(c.connection.nagle_waited, 1, 10);
	}
	counted_free(&c);
}

/* ---- waits in steps ---- */

#define WAIT_CALLS "poll,ppoll,select,pselect6,epoll_wait,epoll_pwait,epoll_pwait2"
enum { WAITS = 6, WAIT_MS = 123 };

/* Its timeout in us; -1: for ever, or strace does not say. */
static long timeout_of(const struct call *call)
{
	const char *time = strstr(call->text, "{tv_sec="), *end = strstr(call->text, ", NULL, 8)");
	long seconds, nanoseconds;

	if (time && sscanf(time, "{tv_sec=%ld, tv_nsec=%ld}", &seconds, &nanoseconds) == 2)
		return seconds * 1000000 + nanoseconds / 1000;
	/* Or a number of ms, behind which there is a mask, or nothing more. */
	if (!end)
		end = strstr(call->text, " = ");
	while (end && end > call->text && strchr(" )", end[-1]))
		end--;
	while (end && end > call->text && end[-1] != ' ')
		end--;
	return end && sscanf(end, "%ld", &seconds) == 1 ? seconds * 1000 : -1;
}

/* A wait of the program's, by its calls. */
struct wait {
	long sum; /* of their times, in us */
	unsigned calls, steps, interrupts;
	bool ends_so;  /* by an interruption */
	bool has_time; /* the last call, at least: of a wait for ever that is a step */
};

/* All of them, each between two marks. */
static void waits_of(const struct calls *calls, struct wait *waits, unsigned count)
{
	size_t at = 0;

	for (unsigned k = 0; k < count; k++) {
		struct wait *wait = &waits[k];
		size_t i = calls_find(calls, at, "getpgid", NULL);

		*wait = (struct wait){0, 0, 0, 0, false, false};
		at = calls_find(calls, i + 1, "getpgid", NULL);
		assert_true(at < calls->count);
		for (i++; i < at; i++) {
			const struct call *call = &calls->call[i];
			long time = timeout_of(call);

			wait->sum += time;
			wait->calls++;
			wait->steps += time > 0 && time <= 5000;
			wait->ends_so =
				strstr(call->text, "EINTR") || strstr(call->text, "ERESTART");
			wait->interrupts += wait->ends_so;
			wait->has_time = time >= 0;
		}
		at++;
	}
}

static unsigned in_steps(const struct wait *waits, unsigned count)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < count; i++)
		sum += waits[i].steps > 0;
	return sum;
}

/* Returns how many of the waits were made in steps: a busy machine may be too slow for full speed
 * now and then, and the wait behind that has none. */
static unsigned steps_are_as_long(void)
{
	struct counted c = far_away("timeouts", "5000");
	struct wait bare[WAITS], with[WAITS];

	c.watch = "getpgid," WAIT_CALLS;
	counted_play(&c);
	waits_of(&c.bare_calls, bare, WAITS);
	waits_of(&c.with_calls, with, WAITS);
	for (int i = 0; i < WAITS; i++) {
		assert_int_equal(bare[i].calls, 1);
		assert_int_equal(bare[i].sum, WAIT_MS * 1000);
		assert_int_equal(with[i].sum, WAIT_MS * 1000);
	}
	counted_free(&c);
	return in_steps(with, WAITS);
}

static void steps_are_together_as_long_as_the_wait(void **state)
{
	unsigned most = 0;

	(void)state;
	for (int i = 0; i < TRIES && most < WAITS; i++) {
		unsigned now = steps_are_as_long();

		most = now > most ? now : most;
		if (!library_loads())
			return;
	}
	assert_int_equal(most, WAITS);
}

/* By the first one, whichever step it comes in. What they return is compared with the bare run.
 * Marks the kinds of wait that were interrupted in a step. */
static void first_signal_ends(bool in_step[WAITS])
{
	struct counted c = far_away("signals", "5000");
	struct wait bare[2 * WAITS], with[2 * WAITS];

	c.watch = "getpgid," WAIT_CALLS;
	counted_play(&c);
	waits_of(&c.bare_calls, bare, 2 * WAITS);
	waits_of(&c.with_calls, with, 2 * WAITS);
	for (int i = 0; i < 2 * WAITS; i++) {
		assert_true(bare[i].calls == 1 && bare[i].ends_so);
		assert_true(with[i].interrupts == 1 && with[i].ends_so);
		in_step[i / 2] |= i % 2 && with[i].has_time;
	}
	counted_free(&c);
}

static void a_signal_ends_a_wait_in_steps(void **state)
{
	bool in_step[WAITS] = {false};
	int all = 0;

	(void)state;
	for (int i = 0; i < TRIES && all < WAITS; i++) {
		first_signal_ends(in_step);
		all = 0;
		for (int k = 0; k < WAITS; k++)
			all += in_step[k];
		if (!library_loads())
			return;
	}
	assert_int_equal(all, WAITS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loop_around_poll),
		cmocka_unit_test(a_loop_around_epoll),
		cmocka_unit_test(a_loop_around_select),
		cmocka_unit_test(it_is_counted),
		cmocka_unit_test(questions_never_wait_for_it),
		cmocka_unit_test(a_read_lets_go),
		cmocka_unit_test(steps_are_together_as_long_as_the_wait),
		cmocka_unit_test(a_signal_ends_a_wait_in_steps),
	};
	struct wire *wire;
	int failed;

	need_for_all("namespaces");
	own_network();
	wire = wire_start_of(DELAY);
	failed = cmocka_run_group_tests_name("nagle", tests, NULL, NULL);
	wire_stop(wire);
	return failed;
}
