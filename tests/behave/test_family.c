/* Starting a process does nothing for each connection that there is: fork, vfork, posix_spawn and
 * exec make as many system calls, and take about as many instructions in user space, with 5,000
 * connections as with 5. Instructions are counted one by one, by ptrace(2). */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/calls.h"
#include "tests/helper/must.h"
#include "tests/helper/run.h"

#define FEW	    5
#define MANY	    5000
#define BOTH_ENDS   2
#define MANY_TRACED 1000 /* strace takes its time to open them */

/* The last two with connections that are not closed on exec. */
static const char *const actions[] = {
	"fork", "vfork", "spawn", "exec", "vfork-inherited", "spawn-inherited"};

#define ACTIONS (sizeof(actions) / sizeof(*actions))

/* ---- instructions ---- */

/* The next one; signals that come meanwhile are the victim's. */
static void step(pid_t pid)
{
	static int signal_number;
	int status;

	MUST(ptrace(PTRACE_SINGLESTEP, pid, NULL, (void *)(intptr_t)signal_number) == 0);
	MUST(waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status));
	signal_number = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
}

static long count_steps(pid_t pid, struct page *page)
{
	long steps = 0;

	while (atomic_load(&page->written) < 1)
		step(pid);
	for (; atomic_load(&page->written) < 2; steps++)
		step(pid);
	return steps;
}

static long instructions(const char *action, enum mode mode, int connections)
{
	char number[16];
	struct launch launch = {.program = "family", .argument = {action, number}, .mode = mode};
	struct page *page = page_make(&launch.page);
	struct outcome outcome;
	struct run *run;
	long steps;
	int status;

	snprintf(number, sizeof(number), "%d", connections);
	run = run_start(&launch);
	close(launch.page);
	assert_string_equal(run_mark(run), "ready");
	MUST(ptrace(PTRACE_SEIZE, run_pid(run), NULL, NULL) == 0);
	MUST(ptrace(PTRACE_INTERRUPT, run_pid(run), NULL, NULL) == 0);
	MUST(waitpid(run_pid(run), &status, __WALL) == run_pid(run) && WIFSTOPPED(status));
	run_go(run);
	steps = count_steps(run_pid(run), page);
	MUST(ptrace(PTRACE_DETACH, run_pid(run), NULL, NULL) == 0);
	run_finish(run, &outcome);
	assert_string_equal(outcome.out, "ready\ndone\n");
	assert_int_equal(outcome.status, 0);
	outcome_free(&outcome);
	munmap(page, sizeof(*page));
	return steps;
}

/* Less than one for each descriptor of a connection: any look at one is ten or more. */
static void as_few_instructions(enum mode mode)
{
	for (size_t i = 0; i < ACTIONS; i++) {
		long few = instructions(actions[i], mode, FEW);
		long many = instructions(actions[i], mode, MANY);

		print_message("%s [%s]: %ld instructions with %d connections, %ld with %d\n",
			actions[i], mode_name[mode], few, FEW, many, MANY);
		if (many > few + MANY * BOTH_ENDS)
			fail_msg("%s looks at each connection", actions[i]);
	}
}

static void instructions_bare(void **state)
{
	(void)state;
	as_few_instructions(MODE_BARE);
}

static void instructions_auto(void **state)
{
	(void)state;
	as_few_instructions(MODE_AUTO);
}

/* ---- system calls ---- */

struct span {
	struct calls calls;
	size_t from, to;
};

static void trace(const char *action, enum mode mode, int connections, struct span *span)
{
	char number[16], *path = calls_path();
	struct launch launch = {
		.program = "family", .argument = {action, number}, .mode = mode, .trace = path};
	struct page *page = page_make(&launch.page);
	struct outcome outcome;
	struct run *run;

	snprintf(number, sizeof(number), "%d", connections);
	run = run_start(&launch);
	close(launch.page);
	assert_string_equal(run_mark(run), "ready");
	run_go(run);
	run_finish(run, &outcome);
	assert_string_equal(outcome.out, "ready\ndone\n");
	calls_read(path, &span->calls);
	span->from = calls_find(&span->calls, 0, "getppid", NULL);
	span->to = calls_find(&span->calls, span->from + 1, "getppid", NULL);
	assert_true(span->to < span->calls.count);
	free(path);
	outcome_free(&outcome);
	munmap(page, sizeof(*page));
}

static void as_few_calls(enum mode mode)
{
	for (size_t i = 0; i < ACTIONS; i++) {
		struct span few, many;

		trace(actions[i], mode, FEW, &few);
		trace(actions[i], mode, MANY_TRACED, &many);
		assert_in_range(few.to - few.from, 2, 200);
		assert_same_calls(
			&few.calls, few.from, few.to, &many.calls, many.from, many.to, "");
		calls_free(&few.calls);
		calls_free(&many.calls);
	}
}

static void calls_bare(void **state)
{
	(void)state;
	as_few_calls(MODE_BARE);
}

static void calls_auto(void **state)
{
	(void)state;
	as_few_calls(MODE_AUTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instructions_bare),
		cmocka_unit_test(instructions_auto),
		cmocka_unit_test(calls_bare),
		cmocka_unit_test(calls_auto),
	};

	return cmocka_run_group_tests_name("family", tests, NULL, NULL);
}
