/* Seconds that a thread's calls show to have been lost to Nagle, one call after the other: for who
 * wants a sum while they are made. Pure. The judges of tools/find know more, and other kinds. */
#ifndef SOCKFIX_READ_STALL_H
#define SOCKFIX_READ_STALL_H

#include "shim/trace_format.h"

/* Of one thread; begins as zeros. */
struct stall {
	uint32_t flow;	   /* whose write the kernel held back; 0: none */
	uint64_t wrote;	   /* ns: when its last write ended */
	uint64_t answered; /* ns: when data came back; 0: not yet */
};

/* Takes the thread's next event, of which nothing is believed. Returns the ns that are lost for
 * certain by now, and were not before: from a turn's last write to when the kernel sent what it had
 * held (EVENT_PROVEN, then PROBE), and no longer than the answer was waited for. A thread that
 * serves several connections at once has one such turn on its mind: the sum is a lower bound, and
 * never more than the thread's time. */
uint64_t stall_take(struct stall *stall, const struct trace_event *event);

#endif
