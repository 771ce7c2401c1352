/* Answers that come in parts, and the ACKs that they wait for; for flow*.c alone. */
#ifndef SOCKFIX_FLOW_ANSWER_H
#define SOCKFIX_FLOW_ANSWER_H

#include "shim/table/fdtab.h"

/* Before a read: whether flow_answer_part() is to hear of it. */
static inline bool flow_answer_reads(struct flow *flow)
{
	return flow_is(flow, FLOW_ACKS) && !flow_is(flow, FLOW_LENT | FLOW_BARE) &&
	       acks_reads(&flow->learner->acks, &flow->answer);
}

/* After a read that brought so many bytes, more than none. */
void flow_answer_part(struct flow *flow, int fd, size_t got);

/* Before a write. */
void flow_answer_over_slow(struct flow *flow);
static inline void flow_answer_over(struct flow *flow)
{
	if (atomic_load_explicit(&flow->answer.reads, memory_order_relaxed))
		flow_answer_over_slow(flow);
}

#endif
