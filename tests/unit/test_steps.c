/* Which bytes a write is said to have come from: those of the file that its thread read before it,
 * and of nothing else that looks like one. */
#include "tests/unit/unit.h"

#include "tests/unit/trace_text.h"
#include "tools/trace/fold.h"

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

static void a_thread_writes_what_it_read_itself(void **state)
{
	(void)state;
	assert_files("client 1 10.0.0.1:80\n1: file8192\nthread 2\n1: w8192\n", "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_from_a_peer_is_no_file),
		cmocka_unit_test(a_write_of_a_file_reads_none),
		cmocka_unit_test(a_read_of_a_file_that_fails_feeds_nothing),
		cmocka_unit_test(the_last_read_counts_and_only_for_the_next_write),
		cmocka_unit_test(a_thread_writes_what_it_read_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
