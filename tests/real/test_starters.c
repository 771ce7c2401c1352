/* Programs that start others in an environment of their own, with the lines that `explain` prints
 * for each: those that are quick to play. tests/real/starters has them all, and `make
 * test-starters` plays them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/need.h"

static void play(const char *name)
{
	struct capture capture = {.env = capture_clean};

	capture_run(&capture,
		(const char *[]){"python3", "tests/real/starters/starters.py", name, NULL});
	if (capture.status)
		fail_msg("%s%s", capture.out, capture.err);
	capture_free(&capture);
}

static void env(void **state)
{
	(void)state;
	play("env");
}

static void su(void **state)
{
	(void)state;
	play("su");
}

static void sudo(void **state)
{
	(void)state;
	play("sudo");
}

static void tmux(void **state)
{
	(void)state;
	play("tmux");
}

static void cron(void **state)
{
	(void)state;
	play("cron");
}

static void at(void **state)
{
	(void)state;
	play("at");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(env),
		cmocka_unit_test(su),
		cmocka_unit_test(sudo),
		cmocka_unit_test(tmux),
		cmocka_unit_test(cron),
		cmocka_unit_test(at),
	};

	need_for_all("root");
	need_for_all("namespaces");
	need_for_all("mounts");
	return cmocka_run_group_tests_name("starters", tests, NULL, NULL);
}
