/* Time for the turn logic: CLOCK_MONOTONIC, in nanoseconds, by way of the vDSO. */
#ifndef SOCKFIX_CLOCK_H
#define SOCKFIX_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline __attribute__((always_inline)) uint64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif
