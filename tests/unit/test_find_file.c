/* The finding about files that are copied to sockets. */
#include "tests/unit/find_text.h"

static void a_file_read_and_sent_is_f01(void **state)
{
	struct found found = find_text("server 1 8000\n1: r80~1ms { file8192~2us w8192~5us } "
				       "x10000 close\n");
	struct found small =
		find_text("server 1 8000\n1: r80~1ms { file8192~2us w8192~5us } x400 close\n");
	struct found few = find_text(
		"server 1 8000\n1: r80~1ms { file1048576~90us w1048576~90us } x60 close\n");
	struct found other = find_text("server 1 8000\n1: r80~1ms { w8192~5us } x10000 close\n");
	/* of other sizes, from elsewhere: framed, encrypted, compressed */
	struct found changed = find_text("server 1 8000\n1: r80~1ms { file8192~2us w8000~5us } "
					 "x10000 close\n");
	struct found part = find_text("server 1 8000\n1: r80~1ms { file8192(extra=7)~2us "
				      "w8000(extra=7)~5us } x10000 close\n");
	const struct finding *f01 =
		assert_found(&found, "F01", SURE_POSSIBLE, FIX_APP, 10000, 10000);

	(void)state;
	assert_string_equal(f01->what, "reads a file and sends it, 8 KB at a time: 81.9 MB");
	assert_int_equal(f01->lost_high, UINT64_C(81920000) * 370 / 1000);
	assert_int_equal(f01->saved_calls, 19999);
	assert_string_equal(f01->how,
		"81.9 MB at 0.37 ns a byte, what the copies cost over sendfile() on loopback; "
		"sendfile saves 19,999 calls");
	assert_string_equal(f01->mend.set, "");
	assert_string_equal(
		f01->no_rule, "no rule does without the copy: the program should use sendfile()");
	assert_mends(&f01->second, "f01-port-8000", "role = \"server\"; port = 8000;",
		"coalesce = \"buffer\"; accept_loss = true; coalesce_limit = \"256K\";", false);
	assert_not_found(&changed, "F01");
	assert_non_null(finding_of(&part, "F01"));
	find_end(changed);
	find_end(part);
	assert_not_found(&small, "F01");
	assert_not_found(&few, "F01");
	assert_not_found(&other, "F01");
	find_end(found);
	find_end(small);
	find_end(few);
	find_end(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_read_and_sent_is_f01),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
