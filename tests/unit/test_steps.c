/* Which bytes a write is said to have come from: those of the file that its thread read before it,
 * and of nothing else that looks like one. And the order of steps where it is not that of the file.
 */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "tests/unit/helper/trace_text.h"
#include "tools/fold/fold.h"

/* Which steps of the first flow sent what a file's read had brought, as "0 1". */
static void assert_files(const char *text, const char *expected)
{
	struct run *run = trace_text(text);
	struct fold *fold = fold_run(run);
	struct step step[16];
	const size_t steps = steps_list(&fold->flow[0], 0, step, 16);
	char line[200] = "";
	size_t used = 0;

	assert_int_equal(steps, fold->flow[0].steps);
	for (size_t i = 0; i < steps; i++)
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%u", i ? " " : "",
			(unsigned)step[i].fed);
	assert_string_equal(line, expected);
	fold_free(fold);
	run_free(run);
}

static void what_came_from_a_peer_is_no_file(void **state)
{
	(void)state;
	assert_files("client 1 10.0.0.1:80\n1: r100~1ms w100 w50\n", "0 0 0");
}

static void a_write_of_a_file_reads_none(void **state)
{
	(void)state;
	assert_files("client 1 10.0.0.1:80\n1: write(file,flow=0,asked=300,done=300) w100\n", "0");
}

static void a_read_of_a_file_that_fails_feeds_nothing(void **state)
{
	(void)state;
	assert_files("client 1 10.0.0.1:80\n"
		     "1: file8192 read(file,flow=0,asked=9,error=5) w100 file70 w70\n",
		"0 1");
}

static void the_last_read_counts_and_only_for_the_next_write(void **state)
{
	(void)state;
	assert_files("client 1 10.0.0.1:80\n1: file8192 file400 r7~1ms w400 w5\n", "0 1 0");
}

static void the_end_of_a_file_feeds_nothing(void **state)
{
	(void)state;
	assert_files("client 1 10.0.0.1:80\n"
		     "1: file8192 w8192 read(file,flow=0,asked=9) write(asked=0) w7\n",
		"1 0 0");
}

static void a_thread_writes_what_it_read_itself(void **state)
{
	(void)state;
	assert_files("client 1 10.0.0.1:80\n1: file8192\nthread 2\n1: w8192\n", "0");
}

/* A write of 20 ms, in whose signal handlers so many turns of another connection were made: these
 * are recorded first. The answer that another thread read meanwhile comes behind the write. */
static void assert_order(unsigned handled)
{
	char text[300];

	snprintf(text, sizeof(text),
		"client 1 10.0.0.1:80\n"
		"client 2 10.0.0.1:80\n"
		"2: @11ms { w20 r6~0.1ms } x%u\n"
		"1: @10ms write(asked=1000,done=1000)~20ms\n"
		"thread 2\n"
		"1: @9ms r82~1.5ms\n",
		handled);
	struct run *run = trace_text(text);
	struct fold *fold = fold_run(run);
	assert_int_equal(fold->flow[0].turns, 1);
	assert_int_equal(turn_at(&fold->flow[0], 0)->bytes_out, 1000);
	assert_int_equal(turn_at(&fold->flow[0], 0)->bytes_in, 82);
	assert_int_equal(fold->flow[1].turns, handled);
	fold_free(fold);
	run_free(run);
}

static void calls_of_signal_handlers_come_after_the_call_they_came_in(void **state)
{
	(void)state;
	assert_order(1);
	assert_order(7);
	assert_order(8);
	assert_order(9);
	assert_order(60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_from_a_peer_is_no_file),
		cmocka_unit_test(a_write_of_a_file_reads_none),
		cmocka_unit_test(a_read_of_a_file_that_fails_feeds_nothing),
		cmocka_unit_test(the_last_read_counts_and_only_for_the_next_write),
		cmocka_unit_test(the_end_of_a_file_feeds_nothing),
		cmocka_unit_test(a_thread_writes_what_it_read_itself),
		cmocka_unit_test(calls_of_signal_handlers_come_after_the_call_they_came_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
