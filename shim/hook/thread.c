/* Hooks of the calls that wait for another thread: what is held goes before the thread sleeps, or
 * gives the processor to others until it finds what it waits for. Locks are not among them; they
 * are meant to be short.
 */
#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/real.h"

EXPORT int pthread_cond_wait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex)
{
	flow_wait();
	return real()->pthread_cond_wait(condition, mutex);
}

EXPORT int pthread_cond_timedwait(pthread_cond_t *restrict condition,
	pthread_mutex_t *restrict mutex, const struct timespec *restrict limit)
{
	flow_wait();
	return real()->pthread_cond_timedwait(condition, mutex, limit);
}

EXPORT int pthread_cond_clockwait(pthread_cond_t *restrict condition,
	pthread_mutex_t *restrict mutex, clockid_t clock, const struct timespec *restrict limit)
{
	flow_wait();
	return real()->pthread_cond_clockwait(condition, mutex, clock, limit);
}

EXPORT int pthread_join(pthread_t other, void **result)
{
	flow_wait();
	return real()->pthread_join(other, result);
}

EXPORT int pthread_timedjoin_np(pthread_t other, void **result, const struct timespec *limit)
{
	flow_wait();
	return real()->pthread_timedjoin_np(other, result, limit);
}

EXPORT int pthread_clockjoin_np(
	pthread_t other, void **result, clockid_t clock, const struct timespec *limit)
{
	flow_wait();
	return real()->pthread_clockjoin_np(other, result, clock, limit);
}

EXPORT int cnd_wait(cnd_t *condition, mtx_t *mutex)
{
	flow_wait();
	return real()->cnd_wait(condition, mutex);
}

EXPORT int cnd_timedwait(
	cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict limit)
{
	flow_wait();
	return real()->cnd_timedwait(condition, mutex, limit);
}

EXPORT int thrd_join(thrd_t other, int *result)
{
	flow_wait();
	return real()->thrd_join(other, result);
}

EXPORT int thrd_sleep(const struct timespec *wanted, struct timespec *left)
{
	flow_wait();
	return real()->thrd_sleep(wanted, left);
}

EXPORT int sem_wait(sem_t *semaphore)
{
	flow_wait();
	return real()->sem_wait(semaphore);
}

EXPORT int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict limit)
{
	flow_wait();
	return real()->sem_timedwait(semaphore, limit);
}

EXPORT int sem_clockwait(
	sem_t *restrict semaphore, clockid_t clock, const struct timespec *restrict limit)
{
	flow_wait();
	return real()->sem_clockwait(semaphore, clock, limit);
}

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
