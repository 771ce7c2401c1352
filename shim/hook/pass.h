/* Around a call that sends by itself: it is one write, and takes along what is held. */
#ifndef SOCKFIX_PASS_H
#define SOCKFIX_PASS_H

#include "shim/flow/flow.h"
#include "shim/record/call.h"

/* flow: NULL for what is none of ours. */
static inline void pass_begin(
	struct call *call, unsigned what, struct flow *flow, int fd, int flags)
{
	flow_pass_begin(flow, fd);
	call_begin(call, what, flow, fd, flags);
}

/* Returns got. */
static inline ssize_t pass_end(const struct call *call, ssize_t got, size_t asked)
{
	call_end_write(call, got, asked);
	flow_pass_end(call->flow, call->fd, got);
	return got;
}

#endif
