/* Running COMMAND and ending like it. A signal from the terminal reaches the whole group anyway;
 * one that was sent to us alone is passed on. Must not touch COMMAND's stdin and stdout. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/launch/launch.h"
#include "tools/record/clock.h"
#include "tools/record/left.h"
#include "tools/record/progress.h"
#include "tools/record/record.h"
#include "tools/record/watch.h"
#include "tools/base/text.h"

static const int passed_on[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};
enum { PASSED_ON = sizeof(passed_on) / sizeof(*passed_on) };

static volatile sig_atomic_t child;
static struct sigaction before[PASSED_ON];

/* From the kernel is from the terminal, whose whole foreground group has got it (sigaction(2),
 * SI_KERNEL); but that the terminal is gone is told to the leader of the session alone. What
 * COMMAND sends itself, kill(0) for one, it has got. */
static bool has_got(int number, const siginfo_t *info)
{
	if (info->si_code == SI_KERNEL)
		return (number != SIGHUP || getsid(0) != getpid()) &&
		       getpgid((pid_t)child) == getpgrp();
	return info->si_pid == (pid_t)child;
}

static void pass_on(int number, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)context;
	if (child > 0 && !has_got(number, info)) {
		kill((pid_t)child, number);
		if (number == SIGHUP && info->si_code == SI_KERNEL)
			kill((pid_t)child, SIGCONT); /* as the kernel does for the leader */
	}
	errno = saved;
}

static void listen_to_signals(void)
{
	struct sigaction action = {.sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART};

	sigfillset(&action.sa_mask); /* they are passed on in their order */
	for (int i = 0; i < PASSED_ON; i++) {
		sigaction(passed_on[i], NULL, &before[i]);
		if (before[i].sa_handler != SIG_IGN)
			sigaction(passed_on[i], &action, NULL);
	}
}

void child_forget_signals(void)
{
	for (int i = 0; i < PASSED_ON; i++)
		sigaction(passed_on[i], &before[i], NULL);
}

/* The child's side: a byte in the pipe says that there is no COMMAND; its exec closes the pipe. */
_Noreturn static void become(char *const argv[], int failed)
{
	const int status = launch_exec(argv);

	if (write(failed, "", 1) != 1)
		_exit(125);
	_exit(status);
}

static uint64_t now_ms(void)
{
	return clock_read(CLOCK_MONOTONIC) / 1000000;
}

/* Who looks while it runs, and when it is to be asked next (ms, CLOCK_MONOTONIC). */
struct look {
	struct watch *watch;
	struct progress *progress;
	uint64_t watch_due, progress_due;
};

/* Asks those that are due. Returns the ms until the next one is. */
static int look_at(struct look *look, pid_t pid)
{
	uint64_t now = now_ms(), due;

	if (look->watch && now >= look->watch_due)
		look->watch_due = now + (uint64_t)watch_look(look->watch, pid);
	if (look->progress && now >= look->progress_due)
		look->progress_due = now + (uint64_t)progress_look(look->progress, pid);
	due = look->progress ? look->progress_due : look->watch_due;
	if (look->watch && look->watch_due < due)
		due = look->watch_due;
	now = now_ms();
	return due > now ? (int)(due - now) : 0;
}

/* Until it has ended; signals that are passed on meanwhile are no reason to look more often. */
static void watch_to_end(pid_t pid, struct look *look)
{
	struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	int got = 0;

	while (end.fd >= 0 && got <= 0)
		got = poll(&end, 1, look_at(look, pid));
	if (end.fd >= 0)
		close(end.fd);
}

/* Where descriptors are few, the one that says that we live goes first: without the mark nobody
 * takes the folder for one that was left. */
static bool make_pipe(struct record *record, int end[2])
{
	if (pipe2(end, O_CLOEXEC) == 0)
		return true;
	left_unmark(record);
	left_release(record);
	return pipe2(end, O_CLOEXEC) == 0;
}

int child_run(struct record *record, bool *started, struct watch *watch, struct progress *progress)
{
	struct look look = {.watch = watch, .progress = progress};
	struct sigaction chld;
	sigset_t all, mask;
	int status = 125 << 8, failed[2] = {-1, -1};
	char byte;
	pid_t pid;

	*started = false;
	if (!make_pipe(record, failed)) {
		say("cannot make a pipe: %s", strerror(errno));
		return CHILD_NONE;
	}
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &mask);
	sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_DFL}, &chld);
	listen_to_signals();
	pid = fork();
	if (pid == 0) {
		/* it may be the last descriptor that COMMAND's way needs */
		if (record->lock >= 0)
			close(record->lock);
		child_forget_signals();
		sigaction(SIGCHLD, &chld, NULL);
		sigprocmask(SIG_SETMASK, &mask, NULL);
		become(record->command, failed[1]);
	}
	child = pid;
	close(failed[1]);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (pid < 0) {
		say("cannot start a process: %s", strerror(errno));
		close(failed[0]);
		child_forget_signals();
		sigaction(SIGCHLD, &chld, NULL);
		return CHILD_NONE;
	}
	if (watch || progress)
		watch_to_end(pid, &look);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*started = read(failed[0], &byte, 1) != 1;
	close(failed[0]);
	child = 0;
	return status;
}

int child_end_like(int status)
{
	struct rlimit none = {0, 0};
	sigset_t one;

	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	setrlimit(RLIMIT_CORE, &none); /* the core is COMMAND's */
	signal(WTERMSIG(status), SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, WTERMSIG(status));
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	fflush(NULL);
	raise(WTERMSIG(status));
	return 128 + WTERMSIG(status);
}
