/* Times of a recording: nanoseconds, as its traces have them. */
#ifndef SOCKFIX_RECORD_CLOCK_H
#define SOCKFIX_RECORD_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_read(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

#endif
