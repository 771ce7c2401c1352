/* Hooks of the calls that are a wait and nothing else: what is held goes before the thread sleeps,
 * or gives the processor to others until it finds what it waits for.
 */
#include <linux/futex.h>

#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/flow/keep.h"
#include "shim/hook/raw.h"

#ifndef FUTEX_LOCK_PI2 /* Linux 5.14 */
#define FUTEX_LOCK_PI2 13
#endif

#define WAIT(type, name, parameters, arguments)                                                    \
	EXPORT type name parameters                                                                \
	{                                                                                          \
		flow_wait();                                                                       \
		return real()->name arguments;                                                     \
	}
#include "shim/hook/waits.h"
#undef WAIT

static void keep_sleeps(void)
{
	if (thread.kept)
		flow_keep_sleep();
}

int raw_waits_whole(const struct raw *raw)
{
	keep_sleeps();
	return (int)raw_call(raw);
}

long raw_wait(const struct raw *raw)
{
	flow_wait();
	return raw_call(raw);
}

/* ---- waits of every kind, whose time is not looked at ---- */

#ifdef __i386__
#define WAIT(type, name, parameters, arguments)                                                    \
	EXPORT type name parameters                                                                \
	{                                                                                          \
		flow_wait();                                                                       \
		keep_sleeps();                                                                     \
		return real()->name arguments;                                                     \
	}
#include "shim/hook/waits64.h"
#undef WAIT

long raw_wait_untimed(const struct raw *raw)
{
	flow_wait();
	return raw_waits_whole(raw);
}
#endif

/* ---- waits by number, that may be none ---- */

long raw_futex(const struct raw *raw)
{
	long operation = raw->a[1] & FUTEX_CMD_MASK;
	bool waits = operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET ||
		     operation == FUTEX_WAIT_REQUEUE_PI || operation == FUTEX_LOCK_PI ||
		     operation == FUTEX_LOCK_PI2;

	return waits ? raw_wait(raw) : raw_call(raw);
}

long raw_io_uring_enter(const struct raw *raw)
{
	return raw->a[2] > 0 ? raw_wait(raw) : raw_call(raw);
}

/* ---- waits in small steps ---- */

EXPORT int sched_yield(void)
{
	flow_probe();
	return real()->sched_yield();
}

EXPORT void thrd_yield(void)
{
	flow_probe();
	real()->thrd_yield();
}

long raw_probe(const struct raw *raw)
{
	flow_probe();
	return raw_call(raw);
}

/* ---- waits for what they start, which may write ---- */

EXPORT int system(const char *command)
{
	flow_wait();
	flow_spawning(false);
	return real()->system(command);
}

EXPORT FILE *popen(const char *command, const char *mode)
{
	flow_wait();
	flow_spawning(false);
	return real()->popen(command, mode);
}
