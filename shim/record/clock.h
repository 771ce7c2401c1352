/* The time that events are given. Keeps errno, is async-signal-safe. */
#ifndef SOCKFIX_TRACE_CLOCK_H
#define SOCKFIX_TRACE_CLOCK_H

#include "shim/pure/ticks.h"

/* The run is recorded without events and clock. */
extern bool trace_counters;

/* The TSC says the time between two questions to the kernel. */
extern bool trace_ticks_on;
extern __thread struct ticks trace_ticks;

/* Looks at what `record` found out about the kernel's clock. */
void trace_clock_start(void);

/* In the child of a fork, which may live in another time namespace. */
void trace_clock_forked(void);

uint64_t trace_clock_ask(void);

/* CLOCK_MONOTONIC in nanoseconds, and never back within the thread; 0 without events. */
static inline uint64_t trace_clock(void)
{
	if (trace_counters)
		return 0;
#if defined(__x86_64__)
	if (trace_ticks_on) {
		uint64_t now = ticks_time(&trace_ticks, __builtin_ia32_rdtsc());

		if (__builtin_expect(now != 0, 1))
			return now;
	}
#endif
	return trace_clock_ask();
}

#endif
