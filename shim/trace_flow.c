/* Makes the places of trace_flow.h, and empties one for the next flow that has its index. Must not
 * look at what is in them. */
#include "trace_flow.h"

#include <string.h>

_Atomic(void *) trace_flow_chunk[FLOW_CHUNKS];

struct flow_trace *trace_of_slow(const struct flow *flow)
{
	static struct flow_trace nothing;
	struct flow_trace *chunk = pool_chunk(
		&trace_flow_chunk[flow->index >> FLOW_SHIFT], sizeof(*chunk) << FLOW_SHIFT);
	struct flow_trace *trace = chunk ? &chunk[flow->index & FLOW_MASK] : &nothing;

	if (trace->generation != flow->generation) {
		memset(trace, 0, sizeof(*trace));
		trace->generation = flow->generation;
	}
	return trace;
}
