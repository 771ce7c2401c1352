/* Findings about loops that wait for nothing. */
#include "tests/unit/find_text.h"

static void polls_that_do_not_wait_are_e01(void **state)
{
	struct found found = find_text("client 1 10.0.0.1:80\n1: w20 "
				       "{ poll(covers=1,extra=0)~20us } x2000 r20 close\n");
	struct found waits = find_text("client 1 10.0.0.1:80\n1: w20 "
				       "{ poll(covers=1,extra=100)~20us } x2000 r20 close\n");
	/* a timeout of 1 ms is slept */
	struct found sleeps = find_text("client 1 10.0.0.1:80\n1: w20 "
					"{ poll(covers=1,extra=1)~1060us } x2000 r20 close\n");
	struct found seldom = find_text("client 1 10.0.0.1:80\n1: w20 "
					"{ poll(covers=1,extra=0)~20us +3ms } x2000 r20 close\n");
	struct found useful = find_text("client 1 10.0.0.1:80\n1: { w20 "
					"poll(covers=1,extra=0,done=1)~20us r20 } x2000 close\n");
	const struct finding *e01 = assert_found(&found, "E01", SURE_LIKELY, FIX_APP, 2000, 2000);

	(void)state;
	assert_string_equal(e01->what, "polls without waiting, and finds nothing: 2,000 of 2,000");
	assert_int_equal(e01->lost_high, 40 * MS);
	assert_int_equal(e01->lost_low, 0);
	assert_string_equal(e01->no_rule,
		"no rule mends this: the program should give its wait a longer timeout");
	assert_false(e01->minor);
	assert_not_found(&waits, "E01");
	assert_not_found(&sleeps, "E01");
	assert_not_found(&seldom, "E01");
	find_end(sleeps);
	assert_not_found(&useful, "E01");
	find_end(found);
	find_end(waits);
	find_end(seldom);
	find_end(useful);
}

static void several_threads_that_spin_are_one_finding(void **state)
{
	struct found found = find_text("client 1 10.0.0.1:80\n1: w20 "
				       "{ poll(covers=1,extra=0)~20us } x600\nthread 9\n1: { "
				       "poll(covers=1,extra=0)~20us } x600 r20 close\n");

	size_t reports = 0;

	(void)state;
	assert_found(&found, "E01", SURE_LIKELY, FIX_APP, 1200, 1200);
	for (size_t i = 0; i < found.findings->count; i++)
		reports += strcmp(found.findings->finding[i].code->name, "E01") == 0;
	assert_int_equal(reports, 1);
	find_end(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(polls_that_do_not_wait_are_e01),
		cmocka_unit_test(several_threads_that_spin_are_one_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
