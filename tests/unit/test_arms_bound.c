/* Arms that differ by exactly what nobody notices: no difference, on both sides of the bound. */
#include "tests/unit/find_text.h"

#include "tools/find/arms.h"

/* Blocks of 2 us more than those times: the write and the way to the read. */
static struct arms arms_of(const char *bare, const char *mended)
{
	char text[200];
	struct arms arms;

	snprintf(text, sizeof(text),
		"client 1 10.0.0.1:143\n1: { w9(bare) r9~%s w9(mended) r9~%s } x20\n", bare,
		mended);
	struct run *run = trace_text(text);
	struct fold *fold = fold_run(run);
	arms_compare(fold, &arms);
	fold_free(fold);
	run_free(run);
	return arms;
}

static void three_percent_are_no_difference(void **state)
{
	struct arms slower = arms_of("98us", "101us"), faster = arms_of("101us", "98us");

	(void)state;
	assert_int_equal(slower.bare.p50, 100 * US);
	assert_int_equal(slower.mended.p50, 103 * US);
	assert_int_equal(slower.verdict, ARMS_EQUAL);
	assert_true(slower.z < -5);
	assert_false(slower.by_chance);
	assert_int_equal(faster.verdict, ARMS_EQUAL);
	assert_true(faster.z > 5);
	assert_false(faster.by_chance);
}

static void a_nanosecond_more_is_one(void **state)
{
	(void)state;
	assert_int_equal(arms_of("98us", "101001ns").verdict, ARMS_WORSE);
	assert_int_equal(arms_of("101001ns", "98us").verdict, ARMS_BETTER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_percent_are_no_difference),
		cmocka_unit_test(a_nanosecond_more_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
