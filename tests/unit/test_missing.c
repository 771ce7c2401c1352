/* What stands in for names that a libc lacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <threads.h>
#include <unistd.h>

#include "shim/base/missing.h"

static void answers(void **state)
{
	(void)state;
	errno = 0;
	assert_int_equal(missing_failed(), -1);
	assert_int_equal(errno, ENOSYS);
	errno = EDOM;
	assert_int_equal(missing_number(), ENOSYS);
	assert_int_equal(missing_thread(), thrd_error);
	assert_null(missing_none());
	assert_int_equal(errno, EDOM);
}

static void closefrom_closes(void **state)
{
	int low = fcntl(0, F_DUPFD, 300), high = fcntl(0, F_DUPFD, 900);

	(void)state;
	assert_true(low >= 300 && high >= 900);
	errno = EDOM;
	missing_closefrom(low + 1);
	assert_int_equal(errno, EDOM);
	assert_int_equal(fcntl(high, F_GETFD), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(fcntl(low, F_GETFD), 0);
	close(low);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(closefrom_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
