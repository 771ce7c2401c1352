/* Findings about waiting that is a protocol's own: one question at a time, and '100 Continue'. */
#include "tests/unit/find_text.h"

static void one_question_at_a_time_is_r04(void **state)
{
	struct found found = find_text("client 1 10.0.0.9:6379 tcp.min_rtt_us=20000\n"
				       "1: { w20 r20~21ms } x300 close\n");
	struct found few = find_text("client 1 10.0.0.9:6379 tcp.min_rtt_us=20000\n"
				     "1: { w20 r20~21ms } x150 close\n");
	struct found thinks = find_text("client 1 10.0.0.9:6379 tcp.min_rtt_us=20000\n"
					"1: { w20 r20~21ms +9ms } x300 close\n");
	struct found peer = find_text("client 1 10.0.0.9:6379 tcp.min_rtt_us=200\n"
				      "1: { w20 r20~21ms } x300 close\n");
	const struct finding *r04 = assert_found(&found, "R04", SURE_POSSIBLE, FIX_APP, 298, 300);

	(void)state;
	assert_string_equal(r04->what, "one question at a time, back to back: 298 of 300 turns");
	assert_int_equal(r04->lost_high, 298 * (20 * MS * 7 / 8));
	assert_string_equal(r04->no_rule,
		"no rule mends this: the program should ask for several things at once");
	assert_int_equal(found.fold->split.stalled, 0);
	assert_not_found(&few, "R04");
	assert_not_found(&thinks, "R04");
	assert_not_found(&peer, "R04");
	find_end(found);
	find_end(few);
	find_end(thinks);
	find_end(peer);
}

static void a_second_before_the_body_is_r05(void **state)
{
	struct found found = find_text("client 1 10.0.0.9:80\n1: connect~0.2ms w200 "
				       "poll(covers=1,extra=1000)~1001ms w50000 r20~2ms close\n");
	struct found longer = find_text("client 1 10.0.0.9:80\n1: connect~0.2ms w200 "
					"poll(covers=1,extra=2000)~2001ms w50000 r20~2ms close\n");
	/* it sleeps between two lines, and waits for nobody */
	struct found sleeps = find_text("client 1 10.0.0.9:80\n1: connect~0.2ms { w200 "
					"nanosleep~1s } x6 r20~2ms close\n");
	struct found works = find_text("client 1 10.0.0.9:80\n1: connect~0.2ms { w200 "
				       "+1s } x6 r20~2ms close\n");
	const struct finding *r05 = assert_found(&found, "R05", SURE_LIKELY, FIX_APP, 1, 1);

	(void)state;
	assert_near(r05->lost_high, 1001 * MS);
	assert_near(r05->lost_low, 901 * MS);
	assert_string_equal(r05->what, "waits 1 s before it sends the body: 1 of 1");
	assert_string_equal(r05->no_rule,
		"no rule mends this: the peer ignores 'Expect: 100-continue'; the program should "
		"not send it (curl -H 'Expect:')");
	assert_false(r05->minor);
	assert_near(found.fold->split.stalled, 1001 * MS);
	assert_not_found(&longer, "R05");
	assert_not_found(&sleeps, "R05");
	assert_not_found(&works, "R05");
	find_end(sleeps);
	find_end(works);
	find_end(found);
	find_end(longer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_question_at_a_time_is_r04),
		cmocka_unit_test(a_second_before_the_body_is_r05),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
