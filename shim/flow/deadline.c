/* The only thread that the library ever makes, and only for `coalesce = "always"`.
 *
 * Flows that hold are pushed on a lock-free stack; the thread takes them all once a tick, lets go
 * what it met in the tick before, and keeps the rest. Its signals are blocked by pthread_sigmask
 * alone: the C library's own, which setuid() needs, must come through (nptl(7)). */
#include "shim/flow/deadline.h"

#include <errno.h>
#include <signal.h>
#include <linux/futex.h>
#include <stddef.h>
#include <time.h>

#include "shim/base/fault.h"
#include "shim/table/fdtab.h"
#include "shim/flow/flow.h"
#include "shim/base/kernel.h"
#include "shim/base/control.h"
#include "shim/base/log.h"
#include "shim/base/threads.h"
#include "shim/real.h"
#include "shim/settle/settle.h"

#define SECOND	   1000000000u
#define STACK_SIZE (256u * 1024) /* static TLS of the program's libraries lies in it, too */

/* STARTING and STOPPING belong to one thread of the program, which moves on to the next. */
enum { ABSENT, STARTING, RUNNING, ENDED, STOPPING, IMPOSSIBLE };

static _Atomic int state = ABSENT;
static _Atomic uint32_t stopping; /* futex: 1 when the thread is to end */
static _Atomic uint32_t watched;  /* head of the stack: flow index + 1 */
static _Atomic uint32_t asleep;	  /* futex: 1 while the thread has nothing to do */
static pthread_t handle;
static _Atomic int tid;

/* While *word is `value`, for at most so long. */
static void sleep_while(_Atomic uint32_t *word, uint32_t value, uint64_t nanoseconds)
{
	struct timespec limit = {
		.tv_sec = (time_t)(nanoseconds / SECOND), .tv_nsec = (long)(nanoseconds % SECOND)};

	kernel_call(SYS_futex, word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, value, &limit);
}

static void wake(_Atomic uint32_t *word)
{
	kernel_call(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
}

static void wake_up(void)
{
	if (atomic_exchange(&asleep, 0))
		wake(&asleep);
}

/* Returns whether it was not watched before. */
static bool watch_begin(struct flow *flow)
{
	if (atomic_load(&flow->watched) || atomic_exchange(&flow->watched, true))
		return false;
	atomic_fetch_add(&flow_watched, 1);
	return true;
}

static void watch_end(struct flow *flow)
{
	atomic_fetch_sub(&flow_watched, 1);
	atomic_store(&flow->watched, false);
}

static void stack_push(struct flow *flow)
{
	uint32_t head = atomic_load(&watched);

	do
		flow->watch_next = head;
	while (!atomic_compare_exchange_weak(&watched, &head, flow->index + 1));
}

/* Lets go of the flows whose hold is the one of the tick before; returns what is still held. */
static uint32_t look_at(uint32_t list)
{
	uint32_t keep = 0, next;

	for (; list; list = next) {
		struct flow *flow = flow_at(list - 1);

		next = flow->watch_next;
		if (flow->watch_seen)
			flow_push_some(flow);
		flow->watch_seen = flow_holder(flow) != 0;
		if (flow->watch_seen) {
			flow->watch_next = keep;
			keep = list;
			continue;
		}
		watch_end(flow);
		/* A hold that began since: its watcher saw `watched` and left it to us. */
		if (flow_holder(flow) && watch_begin(flow)) {
			flow->watch_next = keep;
			keep = list;
		}
	}
	return keep;
}

static uint32_t joined(uint32_t first, uint32_t second)
{
	uint32_t last = first;

	if (!first)
		return second;
	while (flow_at(last - 1)->watch_next)
		last = flow_at(last - 1)->watch_next;
	flow_at(last - 1)->watch_next = second;
	return first;
}

/* Nothing was held for a second: end, unless somebody began to hold just now. */
static bool may_end(void)
{
	int running = RUNNING, ended = ENDED;

	if (!atomic_compare_exchange_strong(&state, &running, ENDED) || !atomic_load(&watched))
		return true;
	return !atomic_compare_exchange_strong(&state, &ended, RUNNING);
}

/* Of one to two ticks a hold then lasts; the thread may be woken late. */
static void rest(void)
{
	sleep_while(&stopping, 0, settle_delay() / 5 * 2);
}

/* What this thread leaves behind is the next one's. */
static void leave(uint32_t list)
{
	uint32_t next;

	for (; list; list = next) {
		next = flow_at(list - 1)->watch_next;
		flow_push_some(flow_at(list - 1));
		stack_push(flow_at(list - 1));
	}
}

static void *deadline_run(void *unused)
{
	uint32_t list = 0;
	bool idle = false;

	(void)unused;
	atomic_store(&tid, (int)kernel_call(SYS_gettid));
	kernel_call(SYS_prctl, PR_SET_NAME, "sockfix");
	while (!atomic_load(&stopping)) {
		list = look_at(joined(atomic_exchange(&watched, 0), list));
		if (list) {
			idle = false;
			rest();
			continue;
		}
		if (idle && may_end())
			return NULL;
		atomic_store(&asleep, 1);
		if (!atomic_load(&watched) && !atomic_load(&stopping))
			sleep_while(&asleep, 1, SECOND);
		idle = atomic_exchange(&asleep, 0) == 1 && !atomic_load(&watched);
	}
	leave(list);
	return NULL;
}

/* pthread_create() and pthread_join() are or may hide cancellation points; a thread that were
 * cancelled in them would leave the state half-way. */
static int thread_create(void)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	int error;

	if (!threads.pthread_create || !threads.pthread_attr_setstacksize ||
		!threads.pthread_sigmask)
		return ENOSYS;
	sigfillset(&all);
	threads.pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attributes);
	threads.pthread_attr_setstacksize(&attributes, STACK_SIZE);
	error = OURS_THREAD(threads.pthread_create(&handle, &attributes, deadline_run, NULL));
	pthread_attr_destroy(&attributes);
	threads.pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

/* There may be no room for what a new thread takes. */
static bool on_signal_stack(void)
{
	stack_t stack = {.ss_flags = 0};

	return kernel_call(SYS_sigaltstack, NULL, &stack) == 0 && stack.ss_flags & SS_ONSTACK;
}

/* From ABSENT or ENDED to RUNNING, by one thread; others go on meanwhile. */
static bool thread_start(void)
{
	int seen = atomic_load(&state), saved, cancel, error;

	if (seen == RUNNING || seen == STARTING)
		return true;
	saved = errno;
	if (seen == STOPPING || seen == IMPOSSIBLE || on_signal_stack())
		return false;
	if (!atomic_compare_exchange_strong(&state, &seen, STARTING))
		return true;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	if (seen == ENDED)
		OURS_THREAD(libc()->pthread_join(handle, NULL));
	error = thread_create();
	pthread_setcancelstate(cancel, NULL);
	if (error)
		log_error("no thread for the deadline (errno %d): coalesce = \"always\" learns "
			  "instead, as \"auto\"",
			error);
	atomic_store(&state, error ? IMPOSSIBLE : RUNNING);
	errno = saved;
	return !error;
}

bool deadline_is_impossible(void)
{
	return atomic_load(&state) == IMPOSSIBLE;
}

bool deadline_watch(struct flow *flow)
{
	if (!control_on())
		return false;
	control_check_fork();
	/* A thread that has the flow on its list does not sleep for good. */
	if (watch_begin(flow)) {
		stack_push(flow);
		wake_up();
	}
	return thread_start();
}

/* Makes the thread's end ours alone. Another thread that is starting or stopping it is waited for,
 * but not for ever: it may be what our signal handler has interrupted. The last thread of a program
 * runs the exit handlers, and may be this one, which cannot wait for itself. */
static bool claim_end(void)
{
	for (int tries = 0; tries < 1000; tries++) {
		int seen = atomic_load(&state);

		if (seen == ABSENT || seen == IMPOSSIBLE ||
			kernel_call(SYS_gettid) == atomic_load(&tid))
			return false;
		if ((seen == RUNNING || seen == ENDED) &&
			atomic_compare_exchange_strong(&state, &seen, STOPPING))
			return true;
		kernel_call(SYS_sched_yield);
	}
	return false;
}

/* pthread_join() returns when the thread has let go of its memory (set_tid_address(2)), a little
 * before the process has one thread less; unshare(2) and setns(2) count. */
static void wait_until_gone(void)
{
	long process = kernel_call(SYS_getpid);

	for (int tries = 0; tries < 1000000; tries++) {
		if (kernel_call(SYS_tgkill, process, atomic_load(&tid), 0) == -ESRCH)
			return;
		kernel_call(SYS_sched_yield);
	}
}

void deadline_stop(void)
{
	int saved = errno, cancel;

	control_check_fork();
	if (!claim_end())
		return;
	atomic_store(&stopping, 1);
	wake(&stopping);
	wake_up();
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	OURS_THREAD(libc()->pthread_join(handle, NULL));
	pthread_setcancelstate(cancel, NULL);
	wait_until_gone();
	atomic_store(&tid, 0);
	atomic_store(&stopping, 0);
	atomic_store(&state, ABSENT);
	errno = saved;
}

void deadline_bar(void)
{
	int absent = ABSENT;

	deadline_stop();
	atomic_compare_exchange_strong(&state, &absent, IMPOSSIBLE);
}

void deadline_forget(void)
{
	if (atomic_load(&state) == ABSENT)
		return;
	atomic_store(&state, ABSENT);
	atomic_store(&tid, 0);
	atomic_store(&stopping, 0);
	atomic_store(&asleep, 0);
	atomic_store(&watched, 0);
	atomic_store(&flow_watched, 0);
	for (uint32_t i = 0; i < flow_count(); i++)
		atomic_store(&flow_at(i)->watched, false);
}
