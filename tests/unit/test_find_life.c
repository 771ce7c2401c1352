/* Findings about how connections live and end. */
#include "tests/unit/find_text.h"

static void a_long_silence_without_keepalives_is_l01(void **state)
{
#define SILENT(keys, time)                                                                         \
	"client 1 10.0.0.7:3306 " keys "\n1: { w20 r20~1ms } x5 +" time " w20 r20~1ms close\n"
	struct found found = find_text(SILENT("", "400s"));
	struct found kept = find_text(SILENT("opt.keepalive=1", "400s"));
	struct found lively = find_text(SILENT("", "200s"));
	const struct finding *l01 = assert_found(&found, "L01", SURE_POSSIBLE, FIX_RULE, 1, 1);

	(void)state;
	assert_string_equal(l01->what, "silent for 400 s without keepalives: 1 of 1 connection");
	assert_int_equal(l01->lost_high, 0);
	assert_true(l01->minor);
	assert_mends(&l01->mend, "l01-10-0-0-7-3306",
		"role = \"client\"; peer = \"10.0.0.7\"; port = 3306;",
		"so_keepalive = true; tcp_keepidle = \"60s\"; tcp_keepintvl = \"10s\"; tcp_keepcnt "
		"= 6;",
		false);
	assert_not_found(&kept, "L01");
	assert_not_found(&lively, "L01");
	find_end(found);
	find_end(kept);
	find_end(lively);
}

static void a_close_that_resets_is_l03(void **state)
{
#define ENDS(keys) "client 1 10.0.0.7:9999 " keys "\n1: { w20 r20~1ms } x5 close\n"
	struct found linger = find_text(ENDS("opt.linger=0"));
	struct found unread = find_text(ENDS("unread=10"));
	struct found lost = find_text(ENDS("opt.linger=0 unsent=10"));
	struct found patient = find_text(ENDS("opt.linger=5 unsent=10"));
	const struct finding *l03 = assert_found(&linger, "L03", SURE_POSSIBLE, FIX_APP, 1, 1);

	(void)state;
	assert_string_equal(l03->what, "closed with SO_LINGER 0, which resets: 1 of 1 connection");
	assert_int_equal(l03->lost_high, 0);
	assert_false(l03->minor);
	assert_string_equal(l03->no_rule,
		"no rule mends this safely: the program should read to the end, or shutdown() "
		"first");
	l03 = assert_found(&unread, "L03", SURE_POSSIBLE, FIX_APP, 1, 1);
	assert_string_equal(l03->what, "closed with unread data, which resets: 1 of 1 connection");
	assert_true(l03->minor);
	l03 = assert_found(&lost, "L03", SURE_PROVEN, FIX_APP, 1, 1);
	assert_string_equal(l03->what, "SO_LINGER 0 threw unsent bytes away in 1 close of 1");
	assert_not_found(&patient, "L03");
	find_end(linger);
	find_end(unread);
	find_end(lost);
	find_end(patient);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_silence_without_keepalives_is_l01),
		cmocka_unit_test(a_close_that_resets_is_l03),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
