/* What a signal handler, or another thread, may find in the middle of a function: a child is
 * stepped through it, and the handler runs after each of its instructions in turn, a life for each.
 */
#ifndef SOCKFIX_STEP_H
#define SOCKFIX_STEP_H

#include "tests/unit/unit.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/* Set by the handler or by the functions of a story: this life went wrong. */
static volatile sig_atomic_t failed;

struct story {
	void (*before)(void);
	void (*stepped)(void); /* the handler comes in here */
	void (*after)(void);
	void (*handler)(int);
};

static _Noreturn inline void live(const struct story *story)
{
	signal(SIGUSR1, story->handler);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	story->before();
	kill(getpid(), SIGSTOP);
	story->stepped();
	kill(getpid(), SIGSTOP);
	story->after();
	_exit(failed ? 1 : 0);
}

static inline int next_stop(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSTOPPED(status))
		fail_msg("the child ended with status %#x", (unsigned)status);
	return WSTOPSIG(status);
}

/* One life, with the handler after `steps` instructions. False: the story was over before. */
static inline bool interrupted_after(const struct story *story, int steps)
{
	int status, signal = SIGTRAP;
	pid_t pid = fork();

	if (pid == 0)
		live(story);
	assert_int_equal(next_stop(pid), SIGSTOP);
	for (int i = 0; i < steps && signal == SIGTRAP; i++) {
		assert_int_equal(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
		signal = next_stop(pid);
	}
	if (signal == SIGTRAP) {
		assert_int_equal(ptrace(PTRACE_CONT, pid, NULL, (void *)(uintptr_t)SIGUSR1), 0);
		assert_int_equal(next_stop(pid), SIGSTOP);
		assert_int_equal(ptrace(PTRACE_CONT, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status != 0)
			fail_msg("after %d steps: the story went wrong, or the child crashed: %#x",
				steps, (unsigned)status);
		return true;
	}
	assert_int_equal(signal, SIGSTOP);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return false;
}

/* ThreadSanitizer puts signals off until it is safe, and multiplies the instructions: a few lives
 * show that the story runs there. */
#ifdef __SANITIZE_THREAD__
#define LIVES 20
#else
#define LIVES 100000
#endif
/* AddressSanitizer makes several instructions of one, and a story's time grows by the square: it
 * looks at memory, for which every eleventh will do. Without it, it is each. */
#ifdef __SANITIZE_ADDRESS__
#define STRIDE 11
#else
#define STRIDE 1
#endif

static inline void interrupt_everywhere(const struct story *story)
{
	int steps = 0;

	while (steps < LIVES && interrupted_after(story, steps))
		steps += STRIDE;
	print_message("    a handler after each %d. of %d instructions\n", STRIDE, steps);
	assert_true(steps > 10);
}

#endif
