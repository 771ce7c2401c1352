/* Hooks of the calls that wait for time or for a signal: what is held goes before the thread
 * sleeps.
 */
#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/real.h"

EXPORT int nanosleep(const struct timespec *wanted, struct timespec *left)
{
	flow_wait();
	return real()->nanosleep(wanted, left);
}

EXPORT int clock_nanosleep(
	clockid_t clock, int flags, const struct timespec *wanted, struct timespec *left)
{
	flow_wait();
	return real()->clock_nanosleep(clock, flags, wanted, left);
}

EXPORT int usleep(useconds_t microseconds)
{
	flow_wait();
	return real()->usleep(microseconds);
}

EXPORT unsigned int sleep(unsigned int seconds)
{
	flow_wait();
	return real()->sleep(seconds);
}

EXPORT int pause(void)
{
	flow_wait();
	return real()->pause();
}

EXPORT int sigwait(const sigset_t *restrict set, int *restrict number)
{
	flow_wait();
	return real()->sigwait(set, number);
}

EXPORT int sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info)
{
	flow_wait();
	return real()->sigwaitinfo(set, info);
}

EXPORT int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
	const struct timespec *restrict timeout)
{
	flow_wait();
	return real()->sigtimedwait(set, info, timeout);
}

EXPORT int sigsuspend(const sigset_t *mask)
{
	flow_wait();
	return real()->sigsuspend(mask);
}
