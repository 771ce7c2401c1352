/* Calls that wait for a time, a signal, a child, a lock or a message, by name or by number; none
 * does for long. */
#include "tests/victims/spellings.h"

#include <linux/futex.h>
#include <mqueue.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/msg.h>
#include <sys/sem.h>

static const struct timespec moment = {0, 1000000}, long_time = {1000, 0};

/* ---- time, signals ---- */

static long by_sched_yield(void)
{
	return BY(sched_yield(), SYS_sched_yield);
}

static long by_nanosleep(void)
{
	return BY(nanosleep(&moment, NULL), SYS_nanosleep, &moment, NULL);
}

static long by_clock_nanosleep(void)
{
	return BY(clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL), SYS_clock_nanosleep,
		CLOCK_MONOTONIC, 0, &moment, NULL);
}

static long by_clock_nanosleep_until(void)
{
	return BY(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL),
		SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL);
}

/* The kernel's sigset_t is the first word of libc's. */
static sigset_t usr1_blocked(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	NEED(sigprocmask(SIG_BLOCK, &mask, NULL) == 0);
	return mask;
}

static long by_sigtimedwait(void)
{
	sigset_t mask = usr1_blocked();

	return BY(sigtimedwait(&mask, NULL, &moment), SYS_rt_sigtimedwait, &mask, NULL, &moment,
		MASK_SIZE);
}

static void catch_usr1(void)
{
	NEED(sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_signal}, NULL) == 0);
	usr1_blocked();
	raise(SIGUSR1);
}

static long by_sigsuspend(void)
{
	sigset_t none;

	sigemptyset(&none);
	return BY(sigsuspend(&none), SYS_rt_sigsuspend, &none, MASK_SIZE);
}

static long call_pause(void)
{
	return BY(pause(), SYS_pause);
}

static long by_pause(void)
{
	return interrupted(call_pause);
}

static long wait_nanosleep(void)
{
	return BY(nanosleep(&long_time, NULL), SYS_nanosleep, &long_time, NULL);
}

static long by_nanosleep_interrupted(void)
{
	return interrupted(wait_nanosleep);
}

/* The name returns what the number puts into errno. */
static long wait_clock_nanosleep(void)
{
	long result = BY(clock_nanosleep(CLOCK_MONOTONIC, 0, &long_time, NULL), SYS_clock_nanosleep,
		CLOCK_MONOTONIC, 0, &long_time, NULL);

	return result < 0 ? errno : result;
}

static long by_clock_nanosleep_interrupted(void)
{
	long error = interrupted(wait_clock_nanosleep);

	errno = 0;
	return error;
}

/* ---- processes, locks, messages: there is none of what they ask for ---- */

static long by_wait4(void)
{
	return BY(wait4(-1, NULL, WNOHANG, NULL), SYS_wait4, -1L, NULL, WNOHANG, NULL);
}

static long by_waitid(void)
{
	siginfo_t info;

	return BY(waitid(P_ALL, 0, &info, WEXITED | WNOHANG), SYS_waitid, P_ALL, 0, &info,
		WEXITED | WNOHANG, NULL);
}

static int file;

static void make_file(void)
{
	NEED((file = memfd_create("lock", 0)) >= 0);
}

static long by_flock(void)
{
	return BY(flock(file, LOCK_EX), SYS_flock, file, LOCK_EX);
}

static long by_msgrcv(void)
{
	char room[32];

	return BY(msgrcv(-1, room, 8, 0, IPC_NOWAIT), SYS_msgrcv, -1L, room, 8, 0L, IPC_NOWAIT);
}

static struct sembuf down = {0, -1, IPC_NOWAIT};

static long by_semop(void)
{
	return BY(semop(-1, &down, 1), SYS_semop, -1L, &down, 1);
}

static long by_semtimedop(void)
{
	return BY(semtimedop(-1, &down, 1, &moment), SYS_semtimedop, -1L, &down, 1, &moment);
}

static long by_mq_timedreceive(void)
{
	char room[32];

	return BY(mq_timedreceive(-1, room, 32, NULL, &moment), SYS_mq_timedreceive, -1L, room, 32,
		NULL, &moment);
}

/* ---- numbers without a name ---- */

static int word = 1;

static long by_futex_wait(void)
{
	return BY(NO_NAME, SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL);
}

static long by_futex_lock(void)
{
	return BY(NO_NAME, SYS_futex, nowhere, FUTEX_LOCK_PI_PRIVATE, 0, NULL);
}

static long by_futex_wake(void)
{
	return BY(NO_NAME, SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1);
}

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
static long by_futex_waitv(void)
{
	return BY(NO_NAME, SYS_futex_waitv, NULL, 0, 0, NULL, 0);
}

static long by_io_uring_enter(void)
{
	return BY(NO_NAME, SYS_io_uring_enter, -1L, 0, 1, 0, NULL, 0);
}

static long by_io_uring_submit(void)
{
	return BY(NO_NAME, SYS_io_uring_enter, -1L, 1, 0, 0, NULL, 0);
}

static const struct story stories[] = {
	{"sched_yield", by_sched_yield, 0, NULL, NULL},
	{"nanosleep", by_nanosleep, 0, NULL, NULL},
	{"clock_nanosleep", by_clock_nanosleep, 0, NULL, NULL},
	{"clock_nanosleep-until", by_clock_nanosleep_until, 0, NULL, NULL},
	{"sigtimedwait", by_sigtimedwait, 0, NULL, NULL},
	{"sigsuspend", by_sigsuspend, 0, NULL, catch_usr1},
	{"nanosleep-interrupted", by_nanosleep_interrupted, 0, catch_alarm, NULL},
	{"clock_nanosleep-interrupted", by_clock_nanosleep_interrupted, 0, catch_alarm, NULL},
	{"pause", by_pause, 0, catch_alarm, NULL},
	{"wait4", by_wait4, 0, NULL, NULL},
	{"waitid", by_waitid, 0, NULL, NULL},
	{"flock", by_flock, 0, make_file, NULL},
	{"msgrcv", by_msgrcv, 0, NULL, NULL},
	{"semop", by_semop, 0, NULL, NULL},
	{"semtimedop", by_semtimedop, 0, NULL, NULL},
	{"mq_timedreceive", by_mq_timedreceive, 0, NULL, NULL},
	{"futex-wait", by_futex_wait, 0, NULL, NULL},
	{"futex-lock", by_futex_lock, 0, NULL, NULL},
	{"futex-wake", by_futex_wake, 0, NULL, NULL},
	{"futex_waitv", by_futex_waitv, 0, NULL, NULL},
	{"io_uring_enter", by_io_uring_enter, 0, NULL, NULL},
	{"io_uring_submit", by_io_uring_submit, 0, NULL, NULL},
};

int main(int argc, char **argv)
{
	return run_story(stories, COUNT_OF(stories), argc, argv);
}
