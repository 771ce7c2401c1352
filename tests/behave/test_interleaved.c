/* Two connections whose requests are written in turns: each has its own hold, and what the thread
 * does after the last write of a turn is not what that hold has waited for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"

/* A machine that is busy makes a hold late now and then; what is wrong does so each time. */
enum { TRIES = 3 };

/* More turns than an account has before several flows may hold at the same time. */
#define TURNS "3000"
#define BUSY  "40"

static bool says_late(struct capture *capture)
{
	char *victim = build_path("victims/interleaved"), *sockfix = build_path("sockfix");
	const char *const argv[] = {sockfix, "run", "--", victim, TURNS, BUSY, NULL};

	capture_run(capture, argv);
	assert_int_equal(capture->status, 0);
	free(victim);
	free(sockfix);
	return strstr(capture->err, " late; nothing is held");
}

static void work_after_the_last_write_makes_no_hold_late(void **state)
{
	static const char *const env[] = {"SOCKFIX_LOG=stderr:warn", NULL};
	struct capture capture = {.env = env};
	int late = 0;

	(void)state;
	for (int i = 0; i < TRIES && late == i; i++)
		late += says_late(&capture);
	assert_in_range(late, 0, TRIES - 1);
	capture_free(&capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(work_after_the_last_write_makes_no_hold_late)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
