/* The mark of a hold, and the turn logic's door; for flow*.c alone. */
#ifndef SOCKFIX_FLOW_HOLD_H
#define SOCKFIX_FLOW_HOLD_H

#include <stdint.h>

#include "arm.h"
#include "fdtab.h"
#include "thread.h"

/* One thread at a time in the turn logic; a signal handler that interrupts it, and every other
 * thread, writes through instead of waiting. */
static inline bool flow_enter(struct flow *flow)
{
	return atomic_exchange_explicit(&flow->busy, 1, memory_order_acquire) == 0;
}

static inline void flow_leave(struct flow *flow)
{
	atomic_store_explicit(&flow->busy, 0, memory_order_release);
}

static inline unsigned flow_mode(const struct flow *flow)
{
	return atomic_load_explicit(&flow->mode, memory_order_relaxed);
}

static inline bool follows_turns(unsigned mode)
{
	return mode == COALESCE_AUTO || mode == COALESCE_WATCH;
}

static inline void flow_mark_held(struct flow *flow)
{
	uint32_t next = (atomic_load(&flow->held) & ~HELD_BY) + HELD_NEXT;

	atomic_store(&flow->held, next | thread_number());
}

/* Takes the mark of that hold away, unless it is another's by now. */
static inline bool flow_unmark_held(struct flow *flow, uint32_t seen)
{
	return atomic_compare_exchange_strong(&flow->held, &seen, seen & ~HELD_BY);
}

/* A hold waited for `gap` nanoseconds without a successor. */
void flow_late(struct flow *flow, uint64_t gap);

/* A stream gets the program's own TCP_NODELAY, and so Nagle, until its thread waits. */
void flow_lend(struct flow *flow, int fd);

#endif
