/* Makes the places of record/flow.h, and empties one for the next flow that has its index. Must not
 * look at what is in them. */
#include "shim/record/flow.h"

#include <stddef.h>
#include <string.h>

_Atomic(void *) trace_flow_chunk[FLOW_CHUNKS];

/* The generation last: others look at nothing before. */
static void make_empty(struct flow_trace *trace, uint32_t generation)
{
	const size_t from = offsetof(struct flow_trace, number);

	atomic_store(&trace->id, 0);
	memset((char *)trace + from, 0, sizeof(*trace) - from);
	atomic_store_explicit(&trace->generation, generation, memory_order_release);
}

struct flow_trace *trace_of_slow(const struct flow *flow)
{
	static struct flow_trace nothing;
	struct flow_trace *chunk = pool_chunk(
		&trace_flow_chunk[flow->index >> FLOW_SHIFT], sizeof(*chunk) << FLOW_SHIFT);
	struct flow_trace *trace = chunk ? &chunk[flow->index & FLOW_MASK] : &nothing;

	if (!flow_trace_is_of(trace, flow))
		make_empty(trace, flow->generation);
	return trace;
}
