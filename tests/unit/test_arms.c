/* Both arms of a proof: which turns belong to which, what a block is, and when one arm is called
 * the better one. Times are written down in the texts, so every figure is known. */
#include "tests/unit/find_text.h"

#include "tools/find/arms.h"

static struct arms arms_of(const char *text)
{
	struct run *run = trace_text(text);
	struct fold *fold = fold_run(run);
	struct arms arms;

	arms_compare(fold, &arms);
	fold_free(fold);
	run_free(run);
	return arms;
}

static void blocks_alternate_on_a_connection(void **state)
{
	struct arms arms = arms_of(
		"client 1 10.0.0.1:143\n"
		"1: { { w9(bare) w2(bare,proven) r9~40ms } x4 { w9(mended) r9~1ms } x3 } x6\n");

	(void)state;
	assert_int_equal(arms.bare.turns, 24);
	assert_int_equal(arms.mended.turns, 18);
	assert_int_equal(arms.bare.blocks, 6);
	assert_int_equal(arms.mended.blocks, 6);
	assert_int_equal(arms.bare.proven, 24);
	assert_int_equal(arms.mended.proven, 0);
	/* From the first write's begin: it, the second, the read, and 1 us before each of these. */
	assert_int_equal(arms.bare.p50, 40 * MS + 4 * US);
	assert_int_equal(arms.mended.p50, MS + 2 * US);
	assert_int_equal(arms.mended.max, MS + 2 * US);
	assert_near((uint64_t)arms.bare.mean, 40 * MS);
	assert_int_equal(arms.verdict, ARMS_BETTER);
	assert_true(arms.z > 2.8); /* all 36 pairs, of 6 and 6: 18 / sqrt(39) */
}

static void slower_with_the_rules_is_worse(void **state)
{
	struct arms arms = arms_of("client 1 10.0.0.1:143\n"
				   "1: { { w9(mended) r9~3ms } x2 { w9(bare) r9~2ms } x2 } x5\n");

	(void)state;
	assert_int_equal(arms.verdict, ARMS_WORSE);
	assert_true(arms.z < -2.5);
}

static void what_chance_explains_is_no_difference(void **state)
{
	struct arms arms = arms_of(
		"client 1 10.0.0.1:143\n"
		"1: { w9(bare) r9~2ms w9(mended) r9~3ms w9(bare) r9~4ms w9(mended) r9~1ms } x5\n");

	(void)state;
	assert_int_equal(arms.bare.blocks, 10);
	assert_int_equal(arms.verdict, ARMS_EQUAL);
	assert_true(arms.by_chance);
}

/* Ranks are sure of it, and nobody would notice: 2 %. */
static void a_sure_trifle_is_no_difference(void **state)
{
	struct arms arms = arms_of("client 1 10.0.0.1:143\n"
				   "1: { w9(bare) r9~1020us w9(mended) r9~1000us } x20\n");

	(void)state;
	assert_true(arms.z > 5);
	assert_int_equal(arms.verdict, ARMS_EQUAL);
	assert_false(arms.by_chance);
}

/* A window that the rules made small: the first bytes come as early, the last much later. */
static void an_answer_is_there_when_all_of_it_is(void **state)
{
	struct arms arms =
		arms_of("client 1 10.0.0.1:143\n"
			"1: { w9(bare) r9~1ms r9~1ms w9(mended) r9~1ms r9~30ms r9~5ms } x10\n");

	(void)state;
	assert_int_equal(arms.bare.p50, 2 * MS + 3 * US);
	assert_int_equal(arms.mended.p50, 36 * MS + 4 * US);
	assert_int_equal(arms.verdict, ARMS_WORSE);
}

/* Where the lot gives one arm two blocks in a row they stay two; a few turns too many are none. */
static void blocks_in_a_row_are_several(void **state)
{
	struct arms arms = arms_of("client 1 10.0.0.1:143\n"
				   "1: { w9(bare) r9 } x41 { w9(mended) r9 } x20\n"
				   "1: { w9(bare) r9 } x29 { w9(mended) r9 } x5\n");

	(void)state;
	assert_int_equal(arms.bare.turns, 70);
	assert_int_equal(arms.bare.blocks, 3);
	assert_int_equal(arms.mended.blocks, 2);
}

static void four_blocks_are_too_few(void **state)
{
	struct arms arms =
		arms_of("client 1 10.0.0.1:143\n"
			"1: { w9(bare) r9~40ms w9(mended) r9~1ms } x4 w9(bare) r9~40ms\n");

	(void)state;
	assert_int_equal(arms.bare.blocks, 5);
	assert_int_equal(arms.mended.blocks, 4);
	assert_int_equal(arms.verdict, ARMS_UNKNOWN);
}

static void connections_alternate_and_their_connect_counts(void **state)
{
	char text[2048] = "";

	(void)state;
	for (int i = 1; i <= 10; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			"client %d 10.0.0.1:80\n%d: connect~%dms w9(%s) r9~1ms close\n", i, i,
			i % 2 ? 30 : 5, i % 2 ? "bare" : "mended");
	const struct arms arms = arms_of(text);
	assert_int_equal(arms.bare.blocks, 5);
	assert_int_equal(arms.bare.p50, 31 * MS + 2 * US);
	assert_int_equal(arms.mended.p50, 6 * MS + 2 * US);
	assert_int_equal(arms.verdict, ARMS_BETTER);
}

static void turns_of_no_arm_are_nobodys(void **state)
{
	struct arms arms = arms_of("client 1 10.0.0.1:143\n1: { w9 r9~40ms } x50\n");

	(void)state;
	assert_int_equal(arms.bare.turns + arms.mended.turns, 0);
	assert_int_equal(arms.verdict, ARMS_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_alternate_on_a_connection),
		cmocka_unit_test(slower_with_the_rules_is_worse),
		cmocka_unit_test(what_chance_explains_is_no_difference),
		cmocka_unit_test(a_sure_trifle_is_no_difference),
		cmocka_unit_test(an_answer_is_there_when_all_of_it_is),
		cmocka_unit_test(blocks_in_a_row_are_several),
		cmocka_unit_test(four_blocks_are_too_few),
		cmocka_unit_test(connections_alternate_and_their_connect_counts),
		cmocka_unit_test(turns_of_no_arm_are_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
