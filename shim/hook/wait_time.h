/* Times of waits that are made in steps; for the hooks of poll(), select() and epoll_wait(). */
#ifndef SOCKFIX_WAIT_TIME_H
#define SOCKFIX_WAIT_TIME_H

#include <limits.h>
#include <stdbool.h>
#include <time.h>

#include "shim/base/control.h"
#include "shim/base/memory.h"

static inline bool time_is_zero(const struct timespec *timeout)
{
	return control_on() && timeout && memory_readable(timeout, sizeof(*timeout)) &&
	       timeout->tv_sec == 0 && timeout->tv_nsec == 0;
}

/* The kernel would not refuse it (EINVAL, EFAULT). NULL is for ever. */
static inline bool time_is_valid(const struct timespec *timeout)
{
	return !timeout || (memory_readable(timeout, sizeof(*timeout)) && timeout->tv_sec >= 0 &&
				   timeout->tv_nsec >= 0 && timeout->tv_nsec < 1000000000);
}

/* For steps: -1 for ever; 0, and no steps, for what the kernel is to refuse. */
static inline int time_in_ms(const struct timespec *timeout)
{
	if (!timeout)
		return -1;
	if (!time_is_valid(timeout))
		return 0;
	if (timeout->tv_sec > INT_MAX / 1000 - 1)
		return INT_MAX;
	return (int)timeout->tv_sec * 1000 + (int)(timeout->tv_nsec / 1000000);
}

static inline struct timespec time_of_ms(int milliseconds)
{
	return (struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000L};
}

/* Less, after a step; for ever stays for ever. */
static inline void time_less_step(const struct timespec **timeout, struct timespec *left, int step)
{
	if (!*timeout)
		return;
	*left = **timeout;
	left->tv_nsec -= step * 1000000L;
	if (left->tv_nsec < 0) {
		left->tv_nsec += 1000000000;
		left->tv_sec--;
	}
	*timeout = left;
}

#endif
