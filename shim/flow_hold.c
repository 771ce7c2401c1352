/* Letting go: what is held in the kernel or collected in the shim leaves, and what was lent to a
 * stream comes back. A hold that came too late is a strike against its endpoint.
 *
 * Must not decide what to hold. */
#include "flow_hold.h"

#include "buffer.h"
#include "control.h"
#include "flow.h"
#include "life.h"
#include "log.h"
#include "sockopt.h"
#include "trace_connection.h"

/* The mark goes last: a thread that finds none may sleep. */
static void let_go(struct flow *flow, bool wait)
{
	uint32_t seen = atomic_load(&flow->held);
	bool collected = flow->buffer && buffer_pending(flow->buffer);

	if (!(seen & HELD_BY || collected) || !control_on())
		return;
	if (collected)
		flow_flush(flow, wait);
	else
		control_refused(-sockopt_push(flow->held_fd));
	if (!flow->buffer || !buffer_pending(flow->buffer))
		flow_unmark_held(flow, seen);
}

void flow_push(struct flow *flow)
{
	let_go(flow, true);
}

void flow_push_some(struct flow *flow)
{
	let_go(flow, false);
}

void flow_late(struct flow *flow, uint64_t gap)
{
	if (gap <= TURN_LATE_NS || gap <= sockopt_min_rtt(flow->held_fd) / 4)
		return;
	trace_held(flow, true);
	if (learner_strike(flow->learner))
		log_info("port %u: held writes came too late, no holding for %d turns", flow->port,
			STRIKE_PENALTY);
}

void flow_lend(struct flow *flow, int fd)
{
	if (!flow_is(flow, FLOW_NODELAY) || flow_is(flow, FLOW_STREAM))
		return;
	flow_mark(flow, FLOW_STREAM);
	flow->held_fd = fd;
	control_refused(-sockopt_nodelay(fd, 0));
}

/* Ours again; that pushes, too (tcp(7), TCP_NODELAY). */
void flow_unlend(struct flow *flow)
{
	if (!flow_is(flow, FLOW_STREAM) || !control_on())
		return;
	flow_unmark(flow, FLOW_STREAM);
	control_refused(-sockopt_nodelay(flow->held_fd, 1));
}

void flow_push_all(void)
{
	uint32_t count = flow_count();

	if (life_in_vfork_child()) /* the flows are its parent's, the descriptors are not */
		return;
	for (uint32_t i = 0; i < count; i++) {
		struct flow *flow = flow_at(i);

		if (atomic_load(&flow->refs) == 0)
			continue;
		flow_buffer_end(flow, "the program forks, starts another or ends");
		if (flow_holder(flow))
			flow_push(flow);
		flow_unlend(flow);
	}
}
