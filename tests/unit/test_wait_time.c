/* Times of waits that are made in steps: what the program asked for, no more and no less. */
#include "tests/unit/unit.h"

#include <sys/mman.h>

#include "shim/hook/wait_time.h"

#define SECOND 1000000000L

static int ms(time_t seconds, long nanoseconds)
{
	const struct timespec time = {seconds, nanoseconds};

	return time_in_ms(&time);
}

static void milliseconds(void **state)
{
	(void)state;
	assert_int_equal(time_in_ms(NULL), -1);
	assert_int_equal(ms(0, 0), 0);
	assert_int_equal(ms(0, 999999), 0);
	assert_int_equal(ms(0, 1000000), 1);
	assert_int_equal(ms(2, 3000000), 2003);
	assert_int_equal(ms(1, SECOND - 1), 1999);
	assert_int_equal(ms(INT_MAX / 1000 - 1, SECOND - 1), (INT_MAX / 1000 - 1) * 1000 + 999);
	assert_int_equal(ms(INT_MAX / 1000, 0), INT_MAX);
	assert_int_equal(ms(INT_MAX, 0), INT_MAX);
}

static void what_the_kernel_is_to_refuse_is_no_step(void **state)
{
	void *gone = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_int_equal(ms(-1, 0), 0);
	assert_int_equal(ms(5, -1), 0);
	assert_int_equal(ms(5, SECOND), 0);
	assert_int_equal(time_in_ms(gone), 0);
	munmap(gone, 4096);
}

static void zero_is_zero_while_we_are_on(void **state)
{
	const struct timespec zero = {0, 0}, second = {1, 0}, nanosecond = {0, 1};
	void *gone = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	atomic_store(&control.on, 1);
	assert_true(time_is_zero(&zero));
	assert_false(time_is_zero(&second));
	assert_false(time_is_zero(&nanosecond));
	assert_false(time_is_zero(NULL));
	assert_false(time_is_zero(gone));
	atomic_store(&control.on, 0);
	assert_false(time_is_zero(&zero));
	munmap(gone, 4096);
}

static void and_back(void **state)
{
	const struct timespec time = time_of_ms(2003);

	(void)state;
	assert_int_equal(time.tv_sec, 2);
	assert_int_equal(time.tv_nsec, 3000000);
	for (int i = 0; i < 5000; i += 7)
		assert_int_equal(
			time_in_ms(&(struct timespec){time_of_ms(i).tv_sec, time_of_ms(i).tv_nsec}),
			i);
}

static void a_step_takes_its_time_off(void **state)
{
	const struct timespec asked = {2, 3000000}, *timeout = &asked, *forever = NULL;
	struct timespec left = {7, 7};

	(void)state;
	time_less_step(&forever, &left, 5);
	assert_null(forever);
	assert_int_equal(left.tv_sec, 7);
	time_less_step(&timeout, &left, 3);
	assert_ptr_equal(timeout, &left);
	assert_int_equal(left.tv_sec, 2);
	assert_int_equal(left.tv_nsec, 0);
	time_less_step(&timeout, &left, 1);
	assert_int_equal(left.tv_sec, 1);
	assert_int_equal(left.tv_nsec, 999000000);
	assert_int_equal(asked.tv_sec, 2);
	assert_int_equal(asked.tv_nsec, 3000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(milliseconds),
		cmocka_unit_test(what_the_kernel_is_to_refuse_is_no_step),
		cmocka_unit_test(zero_is_zero_while_we_are_on),
		cmocka_unit_test(and_back),
		cmocka_unit_test(a_step_takes_its_time_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
