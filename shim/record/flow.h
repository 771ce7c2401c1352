/* What recording knows of a flow, beside the table of flows: processes that are not recorded have
 * nothing of it. */
#ifndef SOCKFIX_TRACE_FLOW_H
#define SOCKFIX_TRACE_FLOW_H

#include "shim/table/fdtab.h"
#include "shim/trace_format.h"

/* Valid while `id` is this process's. */
struct flow_trace {
	_Atomic uint32_t id;
	_Atomic uint32_t generation; /* of the flow that it is about */
	uint32_t number;	     /* of its connection */
	struct trace_connection *connection;
	uint64_t opened;	     /* when socket() returned; 0: not seen */
	uint64_t looked;	     /* when its listener was last asked for its queue */
	uint32_t backlog, passed_on; /* what listen() was asked for, and what the kernel was */
	_Atomic uint32_t writes;     /* since its last read */
	_Atomic bool nodelay;	     /* the program turned TCP_NODELAY on */
	_Atomic bool proven;	     /* the kernel held bytes back in this turn, and was asked */
	_Atomic uint8_t more;	     /* who keeps its last write: EVENT_MORE, EVENT_CORK, 0 */
	_Atomic bool connecting, fdopened;
	_Atomic uint8_t given_up; /* enum trace_given_up */
};

extern _Atomic(void *) trace_flow_chunk[FLOW_CHUNKS];

/* Where it is, what another thread has made empty for that flow is to be seen, too. */
static inline bool flow_trace_is_of(const struct flow_trace *trace, const struct flow *flow)
{
	return atomic_load_explicit(&trace->generation, memory_order_acquire) == flow->generation;
}

/* Never NULL: without memory, one that stands for nothing. */
struct flow_trace *trace_of_slow(const struct flow *flow);

static inline struct flow_trace *trace_of(const struct flow *flow)
{
	struct flow_trace *chunk = atomic_load_explicit(
		&trace_flow_chunk[flow->index >> FLOW_SHIFT], memory_order_acquire);
	struct flow_trace *trace = chunk ? &chunk[flow->index & FLOW_MASK] : NULL;

	if (__builtin_expect(trace && flow_trace_is_of(trace, flow), 1))
		return trace;
	return trace_of_slow(flow);
}

#endif
