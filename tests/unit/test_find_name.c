/* Findings about name lookups. */
#include "tests/unit/find_text.h"

#define CLIENT "client 1 10.0.0.1:80\n1: w20 r20~1ms\n"

static void the_same_name_over_and_over_is_d01(void **state)
{
	struct found found = find_text(CLIENT "0: { getaddrinfo(asked=7)~20ms } x40\n");
	struct found names =
		find_text(CLIENT "0: { getaddrinfo(asked=1)~20ms getaddrinfo(asked=2)~20ms "
				 "getaddrinfo(asked=3)~20ms getaddrinfo(asked=4)~20ms } x9\n");
	struct found seldom = find_text(CLIENT "0: { getaddrinfo(asked=7)~20ms +10s } x40\n");
	struct found addresses = find_text(CLIENT "0: { getaddrinfo(asked=0)~20ms } x40\n");
	const struct finding *d01 = assert_found(&found, "D01", SURE_LIKELY, FIX_APP, 39, 40);

	(void)state;
	assert_string_equal(d01->what, "looks up a name again and again: 39 of 40");
	assert_int_equal(d01->lost_high, 39 * 20 * MS);
	assert_int_equal(d01->lost_low, 39 * 18 * MS);
	assert_int_equal(d01->endpoint, UINT32_MAX);
	assert_string_equal(d01->mend.set, "");
	assert_string_equal(d01->no_rule, "no rule mends this: keep the address, or run a cache "
					  "(nscd, systemd-resolved)");
	assert_not_found(&names, "D01");
	assert_string_equal(
		why_not(&names, "why not names"), "36 lookups, 0.72 s in all, the longest 20.0 ms");
	assert_not_found(&seldom, "D01");
	assert_not_found(&addresses, "D01");
	find_end(addresses);
	find_end(found);
	find_end(names);
	find_end(seldom);
}

static void the_resolvers_timeout_is_d02(void **state)
{
	struct found found =
		find_text(CLIENT "0: getaddrinfo(asked=7)~5005ms getaddrinfo(asked=8)~10010ms\n");
	struct found slow =
		find_text(CLIENT "0: getaddrinfo(asked=7)~4500ms getaddrinfo(asked=8)~5500ms\n");
	/* options timeout:2 */
	struct found sooner = find_text(CLIENT "0: getaddrinfo(asked=7)~2004ms\n");
	const struct finding *d02 = assert_found(&found, "D02", SURE_LIKELY, FIX_SYSTEM, 2, 2);

	(void)state;
	assert_string_equal(d02->what, "lookups of 5 s, the resolver's timeout: 2 of 2");
	assert_int_equal(d02->lost_high, 15015 * MS);
	assert_string_equal(d02->no_rule,
		"no rule mends this: in resolv.conf, options timeout:1 single-request-reopen, or "
		"another name server");
	assert_false(d02->minor);
	assert_not_found(&slow, "D02");
	assert_string_equal(assert_found(&sooner, "D02", SURE_LIKELY, FIX_SYSTEM, 1, 1)->what,
		"lookups of 2 s, the resolver's timeout: 1 of 1");
	assert_true(sooner.findings->bound < 10 * MS); /* no rule wins what names take */
	find_end(sooner);
	find_end(found);
	find_end(slow);
}

static void lookups_that_take_long_are_d03(void **state)
{
	struct found found = find_text(
		CLIENT "0: getaddrinfo(asked=1)~300ms getaddrinfo(asked=2)~350ms +1s\n1: r0~1us\n");
	struct found little = find_text(
		CLIENT "0: getaddrinfo(asked=1)~300ms getaddrinfo(asked=2)~350ms +7s\n1: r0~1us\n");
	struct found quick = find_text(CLIENT "0: { getaddrinfo(asked=1)~99ms +1s } x2\n");
	const struct finding *d03 = assert_found(&found, "D03", SURE_LIKELY, FIX_SYSTEM, 2, 2);

	(void)state;
	assert_int_equal(d03->lost_high, 650 * MS);
	assert_int_equal(d03->lost_low, 0);
	assert_string_equal(d03->what, "lookups of 0.1 s and more: 2 of 2");
	assert_false(d03->minor);
	assert_string_equal(why_not(&found, "why not names"), "");
	assert_not_found(&little, "D03");
	assert_not_found(&quick, "D03");
	find_end(found);
	find_end(little);
	find_end(quick);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_name_over_and_over_is_d01),
		cmocka_unit_test(the_resolvers_timeout_is_d02),
		cmocka_unit_test(lookups_that_take_long_are_d03),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
