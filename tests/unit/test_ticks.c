/* The TSC as a clock: what it tells between two comparisons, when it asks, and what a handler in
 * the middle of it may do. Both clocks are made up. */
#include "tests/unit/step.h"

#include <string.h>

#include "shim/pure/ticks.h"

#define US    1000u
#define MS    1000000u
#define NEVER 0u /* what ticks_time() says where the kernel is to be asked */

/* Two clocks of one time, which handlers let pass, too: the TSC goes `mhz` ticks a microsecond. */
static struct ticks ticks;
static uint64_t time_passed, clock_skew, tsc_skew;
static unsigned mhz;

static void begin(unsigned rate)
{
	memset(&ticks, 0, sizeof(ticks));
	time_passed = 0;
	clock_skew = 77 * (uint64_t)MS;
	tsc_skew = UINT64_C(1) << 40;
	mhz = rate;
}

static void pass(uint64_t ns)
{
	__atomic_fetch_add(&time_passed, ns, __ATOMIC_SEQ_CST);
}

static uint64_t clock_time(void)
{
	return __atomic_load_n(&time_passed, __ATOMIC_SEQ_CST) + clock_skew;
}

static uint64_t tsc(void)
{
	return __atomic_load_n(&time_passed, __ATOMIC_SEQ_CST) * mhz / 1000 + tsc_skew;
}

static bool compare(void)
{
	uint64_t before = tsc(), now = clock_time();

	return ticks_compare(&ticks, before, now, tsc());
}

static uint64_t told(void)
{
	return ticks_time(&ticks, tsc());
}

/* Until the rate is known; ends with a comparison. */
static void learn(void)
{
	compare();
	pass(TICKS_LEARN_NS);
	assert_true(compare());
}

static void expect_near(uint64_t time, uint64_t expected, uint64_t by)
{
	if (time + by < expected || time > expected + by)
		fail_msg("%lu instead of %lu", (unsigned long)time, (unsigned long)expected);
}

static void the_kernel_is_asked_until_the_rate_is_known(void **state)
{
	(void)state;
	begin(2500);
	assert_int_equal(told(), NEVER);
	for (int i = 0; i < 39; i++) {
		assert_true(compare());
		pass(TICKS_LEARN_NS / 40);
		assert_int_equal(told(), NEVER);
	}
	pass(TICKS_LEARN_NS / 40);
	assert_true(compare());
	assert_int_not_equal(told(), NEVER);
}

static void it_tells_the_kernels_time_for_a_millisecond(void **state)
{
	const unsigned rates[] = {100, 1000, 2495, 5000};

	(void)state;
	for (size_t r = 0; r < sizeof(rates) / sizeof(*rates); r++) {
		begin(rates[r]);
		learn();
		for (int i = 0; i < 99; i++) {
			pass(10 * US);
			expect_near(told(), clock_time(), 20);
		}
		pass(20 * US);
		assert_int_equal(told(), NEVER);
		assert_true(compare());
		expect_near(told(), clock_time(), 1);
	}
}

static void a_slow_comparison_says_nothing(void **state)
{
	struct ticks before;

	(void)state;
	begin(2500);
	learn();
	pass(2 * MS);
	before = ticks;
	assert_false(ticks_compare(&ticks, tsc(), clock_time(), tsc() + 100000));
	assert_memory_equal(&before, &ticks, sizeof(ticks));
}

static void a_rate_that_jumps_is_learnt_anew(void **state)
{
	(void)state;
	begin(2500);
	learn();
	mhz = 3000;
	pass(TICKS_LEARN_NS);
	assert_true(compare());
	assert_int_equal(told(), NEVER);
	pass(TICKS_LEARN_NS);
	assert_true(compare());
	pass(500 * US);
	expect_near(told(), clock_time(), 100);
}

static void a_rate_is_kept_over_a_long_sleep(void **state)
{
	(void)state;
	begin(2500);
	learn();
	pass(UINT64_C(3600000) * MS);
	assert_int_equal(told(), NEVER);
	assert_true(compare());
	pass(500 * US);
	expect_near(told(), clock_time(), 100);
}

static void a_tsc_that_stands_or_goes_back_is_no_clock(void **state)
{
	(void)state;
	begin(2500);
	learn();
	clock_skew += TICKS_LEARN_NS;
	assert_true(compare());
	assert_int_equal(told(), NEVER);
	begin(2500);
	learn();
	clock_skew += TICKS_LEARN_NS;
	tsc_skew -= 5000;
	assert_int_equal(told(), NEVER);
	assert_true(compare());
	assert_int_equal(told(), NEVER);
}

/* A comparison may show that we were some nanoseconds ahead. */
static void time_stands_rather_than_going_back(void **state)
{
	uint64_t last;

	(void)state;
	begin(2500);
	learn();
	pass(900 * US);
	last = told();
	clock_skew -= 40;
	assert_true(compare());
	assert_int_equal(told(), last);
	assert_int_equal(ticks_told(&ticks, clock_time()), last);
	pass(100);
	assert_true(told() > last);
}

/* Not so where the kernel's own clock is another one: a time namespace. */
static void a_clock_that_was_set_back_is_believed(void **state)
{
	(void)state;
	begin(2500);
	learn();
	expect_near(told(), clock_time(), 1);
	clock_skew -= 50 * MS;
	pass(10 * MS);
	assert_true(compare());
	expect_near(told(), clock_time(), 1);
}

/* ---- handlers ---- */

static volatile uint64_t first, second;

/* What trace_clock() does: never NEVER. */
static uint64_t read_clock(void)
{
	uint64_t time;

	pass(100);
	time = told();
	if (time)
		return time;
	compare();
	return ticks_told(&ticks, clock_time());
}

static void is_known(void)
{
	begin(2500);
	learn();
	pass(300 * US);
}

static void is_worn_out(void)
{
	is_known();
	pass(2 * MS);
}

static void read_twice(void)
{
	first = read_clock();
	second = read_clock();
}

/* A handler may pass for a part of a comparison, if it is short. */
#define SHORT 400u

static void check(void)
{
	uint64_t now = clock_time();

	if (second < first || second > now + SHORT)
		failed = 1;
	pass(100 * US);
	read_twice();
	now = clock_time();
	if (second < first || second > now + SHORT || second + SHORT < now)
		failed = 1;
}

static void read_rightly(void)
{
	uint64_t time = read_clock(), now = clock_time();

	if (time > now + SHORT || time + SHORT < now)
		failed = 1;
}

static void handler_reads(int signal)
{
	(void)signal;
	read_rightly();
	read_rightly();
}

static void handler_compares(int signal)
{
	(void)signal;
	pass(300 * US);
	compare();
	read_rightly();
}

static void a_handler_reads_while_the_time_is_read(void **state)
{
	(void)state;
	interrupt_everywhere(&(struct story){is_known, read_twice, check, handler_reads});
}

static void a_handler_compares_while_the_time_is_read(void **state)
{
	(void)state;
	interrupt_everywhere(&(struct story){is_known, read_twice, check, handler_compares});
}

static void a_handler_reads_while_clocks_are_compared(void **state)
{
	(void)state;
	interrupt_everywhere(&(struct story){is_worn_out, read_twice, check, handler_reads});
}

static void a_handler_compares_while_clocks_are_compared(void **state)
{
	(void)state;
	interrupt_everywhere(&(struct story){is_worn_out, read_twice, check, handler_compares});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_is_asked_until_the_rate_is_known),
		cmocka_unit_test(it_tells_the_kernels_time_for_a_millisecond),
		cmocka_unit_test(a_slow_comparison_says_nothing),
		cmocka_unit_test(a_rate_that_jumps_is_learnt_anew),
		cmocka_unit_test(a_rate_is_kept_over_a_long_sleep),
		cmocka_unit_test(a_tsc_that_stands_or_goes_back_is_no_clock),
		cmocka_unit_test(time_stands_rather_than_going_back),
		cmocka_unit_test(a_clock_that_was_set_back_is_believed),
		cmocka_unit_test(a_handler_reads_while_the_time_is_read),
		cmocka_unit_test(a_handler_compares_while_the_time_is_read),
		cmocka_unit_test(a_handler_reads_while_clocks_are_compared),
		cmocka_unit_test(a_handler_compares_while_clocks_are_compared),
	};

	return cmocka_run_group_tests_name("ticks", tests, NULL, NULL);
}
