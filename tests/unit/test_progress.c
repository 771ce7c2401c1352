/* The line of a run that goes on, what a thread's calls add to it, and how often it is made anew.
 */
#include "tests/unit/unit.h"

#include "tools/read/stall.h"
#include "tools/record/progress.h"

#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)

/* ---- the line ---- */

static void expect_line(uint64_t s, struct tail_sums sums, const char *line)
{
	char text[200];

	progress_text(text, sizeof(text), s * S, &sums);
	assert_string_equal(text, line);
}

static void the_line(void **state)
{
	(void)state;
	expect_line(5, (struct tail_sums){.calls = 0},
		"sockfix: 0:05  0 connections  0 calls  stalled 0.0 s");
	expect_line(3599, (struct tail_sums){1, 1, 310 * MS, false, false},
		"sockfix: 59:59  1 connection  1 call  stalled 0.31 s");
	expect_line(93784, (struct tail_sums){1234, 5000000, 2 * S, true, false},
		"sockfix: 26:03:04  1,234 connections  5,000,000 calls  stalled 2.0 s until the "
		"recording was full");
	expect_line(60, (struct tail_sums){12, 13, 0, false, true},
		"sockfix: 1:00  12+ connections  13+ calls  stalled 0.0 s");
}

static void a_narrow_terminal_cuts_it(void **state)
{
	char text[20];

	(void)state;
	progress_text(text, sizeof(text), 5 * S, &(struct tail_sums){.calls = 1});
	assert_string_equal(text, "sockfix: 0:05  0 co");
}

/* ---- when ---- */

static void once_a_second_and_a_hundredth_at_most(void **state)
{
	(void)state;
	assert_int_equal(progress_next(107 * S, 100 * S, 70 * MS), 108 * S);
	assert_int_equal(progress_next(107 * S, 100 * S, 80 * MS), 108 * S);
	assert_int_equal(progress_next(107 * S, 100 * S, 81 * MS), 108 * S + 100 * MS);
	assert_int_equal(progress_next(107 * S, 100 * S, 2 * S), 300 * S);
}

/* ---- what was lost ---- */

static struct stall stall;

/* Took a millisecond. */
static uint64_t take(unsigned call, uint32_t flow, unsigned flags, uint64_t ended_ms, uint32_t done)
{
	const struct trace_event event = {.call = (uint8_t)call,
		.flags = (uint8_t)flags,
		.duration = MS,
		.start = (ended_ms - 1) * MS,
		.flow = flow,
		.done = done};

	return stall_take(&stall, &event);
}

static uint64_t probe(uint32_t flow, uint64_t at_ms, uint32_t ago_ms)
{
	const struct trace_event event = {
		.call = TRACE_PROBE, .start = at_ms * MS, .flow = flow, .done = ago_ms};

	return stall_take(&stall, &event);
}

static int begin(void **state)
{
	(void)state;
	stall = (struct stall){.flow = 0};
	return 0;
}

static void from_the_last_write_to_when_it_was_sent(void **state)
{
	(void)state;
	take(TRACE_WRITE, 1, 0, 10, 5);
	take(TRACE_SEND, 1, EVENT_PROVEN, 20, 5);
	take(TRACE_SEND, 1, 0, 30, 5);
	take(TRACE_RECV, 1, 0, 100, 5);
	assert_int_equal(probe(1, 100, 30), 40 * MS);
	assert_int_equal(probe(1, 100, 30), 0);
}

static void no_longer_than_it_was_waited_for(void **state)
{
	(void)state;
	take(TRACE_WRITE, 1, EVENT_PROVEN, 20, 5);
	take(TRACE_READ, 1, 0, 50, 5);
	take(TRACE_READ, 1, 0, 70, 5);
	assert_int_equal(probe(1, 90, 0), 30 * MS);
}

static void what_was_sent_before_the_last_write_was_not_held(void **state)
{
	(void)state;
	take(TRACE_WRITE, 1, EVENT_PROVEN, 20, 5);
	take(TRACE_READ, 1, 0, 50, 5);
	assert_int_equal(probe(1, 50, 31), 0);
	take(TRACE_WRITE, 1, EVENT_PROVEN, 20, 5);
	take(TRACE_READ, 1, 0, 50, 5);
	assert_int_equal(probe(1, 50, UINT32_MAX), 0);
}

static void without_the_kernels_word_nothing_is_lost(void **state)
{
	(void)state;
	take(TRACE_WRITE, 1, 0, 20, 5);
	take(TRACE_READ, 1, 0, 60, 5);
	assert_int_equal(probe(1, 60, 1), 0);
	take(TRACE_WRITE, 1, EVENT_PROVEN, 70, 5);
	assert_int_equal(probe(1, 100, 1), 0); /* no answer yet */
	take(TRACE_READ, 1, EVENT_NONBLOCK, 101, 0);
	assert_int_equal(probe(1, 101, 1), 0); /* nor with an empty hand */
	take(TRACE_READ, 1, 0, 110, 5);
	take(TRACE_WRITE, 1, 0, 120, 5); /* the next turn, and nobody asked */
	assert_int_equal(probe(1, 160, 1), 0);
}

static void another_connection_is_another_matter(void **state)
{
	(void)state;
	take(TRACE_WRITE, 1, EVENT_PROVEN, 20, 5);
	take(TRACE_WRITE, 2, 0, 30, 5);
	take(TRACE_READ, 2, 0, 40, 5);
	assert_int_equal(probe(2, 41, 1), 0);
	take(TRACE_READ, 1, 0, 60, 5);
	assert_int_equal(probe(1, 60, 10), 30 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line),
		cmocka_unit_test(a_narrow_terminal_cuts_it),
		cmocka_unit_test(once_a_second_and_a_hundredth_at_most),
		cmocka_unit_test_setup(from_the_last_write_to_when_it_was_sent, begin),
		cmocka_unit_test_setup(no_longer_than_it_was_waited_for, begin),
		cmocka_unit_test_setup(what_was_sent_before_the_last_write_was_not_held, begin),
		cmocka_unit_test_setup(without_the_kernels_word_nothing_is_lost, begin),
		cmocka_unit_test_setup(another_connection_is_another_matter, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
