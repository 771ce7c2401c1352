/* Asking the kernel for the time, and comparing the TSC with it meanwhile.
 *
 * Where comparing fails again and again (a hypervisor that traps the TSC's instruction), the TSC is
 * left alone. Must not learn anything by itself: ticks.c does. */
#include "shim/record/clock.h"

#include <string.h>

#include "shim/base/clock.h"
#include "shim/record/room.h"

#define TRIES  2   /* at once: the first may only have warmed the caches */
#define MISSES 64u /* in a row, in one thread */

bool trace_counters;
bool trace_ticks_on;
__thread struct ticks trace_ticks;

void trace_clock_start(void)
{
	trace_ticks_on = trace_budget->ticks;
}

void trace_clock_forked(void)
{
	memset(&trace_ticks, 0, sizeof(trace_ticks));
}

#if defined(__x86_64__)
static uint64_t ask_and_compare(void)
{
	uint64_t before, now, after;

	for (int tries = 0; tries < TRIES; tries++) {
		before = __builtin_ia32_rdtsc();
		now = clock_now();
		after = __builtin_ia32_rdtsc();
		if (ticks_compare(&trace_ticks, before, now, after)) {
			trace_ticks.misses = 0;
			return ticks_told(&trace_ticks, now);
		}
	}
	if (trace_ticks.misses++ >= MISSES)
		trace_ticks_on = false;
	return ticks_told(&trace_ticks, now);
}

uint64_t trace_clock_ask(void)
{
	return trace_ticks_on ? ask_and_compare() : clock_now();
}
#else
uint64_t trace_clock_ask(void)
{
	return clock_now();
}
#endif
