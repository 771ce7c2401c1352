/* What the writes of a flow were collected in, between who collects (collect.c) and who lets go
 * (buffer.c). */
#ifndef SOCKFIX_FLOW_BUFFER_H
#define SOCKFIX_FLOW_BUFFER_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "shim/table/buffer.h"
#include "shim/trace_format.h"

struct flow;

/* The socket that buffers are sent to. */
extern const struct sink flow_sink;

/* What buffer_send() gave: it goes when there is room. */
static inline bool buffer_wants_room(long got)
{
	return got == -EINPROGRESS || got == -EAGAIN;
}

/* Inside, or after -EDEADLK. Ends the collecting for good: what is pending goes, then writes go out
 * as they come. life: the flow's, when that was decided. */
void flow_buffer_give_up(
	struct flow *flow, struct buffer *buffer, int fd, enum trace_given_up why, uint16_t life);

#endif
