/* A program below ThreadSanitizer, UBSan, helgrind or memcheck ends as it does without the library,
 * and hears nothing more: no race of ours, no thread that nobody joined, no call that valgrind does
 * not know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/compile.h"
#include "tests/helper/must.h"
#include "tests/helper/run.h"
#include "tests/helper/trace.h"

/* Status 5 is the program's, 9 valgrind's. recorded: by its name in the environment. */
static void expect_clean(struct launch *launch, const char *recorded)
{
	struct outcome outcome;

	launch->variable[0] = recorded;
	run_whole(launch, &outcome);
	if (outcome.status != 5 << 8 || *outcome.err)
		fail_msg("in mode %s%s: status %#x, and it said:\n%s", mode_name[launch->mode],
			recorded ? ", recorded" : "", (unsigned)outcome.status, outcome.err);
	assert_string_equal(outcome.out, "30 turns\n");
	outcome_free(&outcome);
}

static void in_every_mode(struct launch *launch)
{
	char *folder = traces_new("/dev/shm", 64 << 20), *recorded;

	recorded = must_print("SOCKFIX_TRACE=%s", folder);
	for (launch->mode = MODE_BARE; launch->mode < MODE_COUNT; launch->mode++) {
		expect_clean(launch, NULL);
		if (launch->mode == MODE_OFF || mode_holds(launch->mode))
			expect_clean(launch, recorded);
	}
	traces_remove(folder);
	free(recorded);
}

static void thread_sanitizer(void **state)
{
	char *program =
		compile("checked_tsan", "tests/victims/checked.c", "-g -fsanitize=thread -pthread");
	struct launch launch = {.program = program};

	(void)state;
	in_every_mode(&launch);
	free(program);
}

/* -fno-sanitize-recover: its first finding is its end. */
static void undefined_behaviour(void **state)
{
	char *program = compile("checked_ubsan", "tests/victims/checked.c",
		"-g -fsanitize=undefined -fno-sanitize-recover=all -pthread");
	struct launch launch = {.program = program};

	(void)state;
	in_every_mode(&launch);
	free(program);
}

static void below_valgrind(const char *tool)
{
	char *program = build_path("victims/checked");
	struct launch launch = {.program = "PATH:valgrind",
		.argument = {"-q", tool, "--error-exitcode=9", program}};

	in_every_mode(&launch);
	free(program);
}

static void memcheck(void **state)
{
	(void)state;
	below_valgrind("--tool=memcheck");
}

static void helgrind(void **state)
{
	(void)state;
	below_valgrind("--tool=helgrind");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thread_sanitizer),
		cmocka_unit_test(undefined_behaviour),
		cmocka_unit_test(memcheck),
		cmocka_unit_test(helgrind),
	};

	return cmocka_run_group_tests_name("checkers", tests, NULL, NULL);
}
