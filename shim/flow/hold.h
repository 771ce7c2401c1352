/* The mark of a hold, and the turn logic's door; for flow*.c alone. */
#ifndef SOCKFIX_FLOW_HOLD_H
#define SOCKFIX_FLOW_HOLD_H

#include <stdint.h>

#include "shim/pure/account.h"
#include "shim/settle/proof.h"
#include "shim/table/fdtab.h"
#include "shim/flow/thread.h"

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

static inline bool is_held_by_me(const struct flow *flow)
{
	return flow_holder(flow) == thread_number();
}

static inline bool follows_turns(unsigned mode)
{
	return mode == COALESCE_AUTO || mode == COALESCE_WATCH;
}

/* hold.c's own, here for flow/hot.h. */
extern struct account flow_account HIDDEN;

/* shared: zeroed memory for what the account of this process shares with the children of its forks.
 * NULL: nothing is held. */
#define FLOW_HOLD_SHARED 64 /* bytes, at least */
void flow_hold_start(void *shared);

/* In the child of a fork. */
void flow_hold_forked(void);

/* Marks the flow as held by this thread: step is HELD_TRY before the write that is to be held,
 * HELD_NEXT once the kernel has it. In auto mode that takes a chance. False: there is none, and the
 * flow is not to be held. */
bool flow_mark_held(struct flow *flow, uint64_t step);

/* The kernel took bytes without MSG_MORE, and with them all that was held. held: flow->held before
 * the call. */
void flow_released(struct flow *flow, uint64_t held);

/* A write comes that ends the hold or goes on with it, `waited` ns after the one before. */
void flow_hold_waited(struct flow *flow, uint64_t waited);

/* Another thread holds, and this one has read what the peer sent since: if that is long ago, nobody
 * saw what the holder waited for. */
void flow_hold_overtaken(struct flow *flow);

/* What the program has held back itself goes; its TCP_CORK stays as it is. */
void flow_uncork(struct flow *flow);

/* The flow ends. */
void flow_hold_drop(struct flow *flow);

/* A stream gets the program's own TCP_NODELAY, and so Nagle, until its thread waits. */
void flow_nagle_back(struct flow *flow, int fd);

#endif
