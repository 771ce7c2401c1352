/* Around one call on a flow: its begin, its end, and what both together say. */
#ifndef SOCKFIX_TRACE_IO_H
#define SOCKFIX_TRACE_IO_H

#include <errno.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "shim/base/control.h"
#include "shim/table/fdtab.h"
#include "shim/record/connection.h"

struct trace_io {
	struct flow *flow; /* NULL: the call is none of ours */
	int fd;
	int flags;	/* MSG_ */
	uint8_t call;	/* enum trace_call */
	uint16_t extra; /* see trace_event */
	uint32_t generation,
		number; /* of the flow and its connection when it began; 0: of none, or not known */
	uint64_t start;
};

static inline struct flow *trace_flow_of(int fd)
{
	uint32_t slot = control_on() ? fdtab_get(fd) : SLOT_OTHER;

	return slot >= SLOT_FLOW ? fdtab_flow(slot) : NULL;
}

/* The flow may end while the call goes on, closed by a signal handler or another thread, and stand
 * for another connection when it returns: what it is then is not what the call is about. */
static inline bool trace_io_is_over(const struct trace_io *io)
{
	return io->generation != atomic_load_explicit(&io->flow->generation, memory_order_acquire);
}

/* Few are killed in a write: to note each costs more than it tells. */
static inline bool trace_io_may_last(unsigned call)
{
	return (call >= TRACE_READ && call <= TRACE_RECVMMSG) || call == TRACE_ACCEPT ||
	       call == TRACE_ACCEPT4;
}

/* Of a call that may last: notes its connection, and that it has begun. */
void trace_io_lasts(struct trace_io *io);

/* Always inline: call is a constant where it stands, and what it may do is then known. */
static inline __attribute__((always_inline)) struct trace_io trace_io_begin(
	unsigned call, int fd, int flags)
{
	struct trace_io io = {
		.flow = trace_flow_of(fd), .fd = fd, .flags = flags, .call = (uint8_t)call};

	if (io.flow) {
		io.generation = atomic_load_explicit(&io.flow->generation, memory_order_acquire);
		io.start = trace_clock();
		if (trace_io_may_last(call))
			trace_io_lasts(&io);
	}
	return io;
}

static inline uint16_t trace_hash_of(const void *buf)
{
	return (uint16_t)(((uintptr_t)buf >> 4) * 0x9e3779b1u >> 16);
}

/* After it: got is what it returned, asked the bytes that it was given room or bytes for. Both
 * return got. */
ssize_t trace_io_read(const struct trace_io *io, ssize_t got, size_t asked);
ssize_t trace_io_write(const struct trace_io *io, ssize_t got, size_t asked);

/* Any other call on a flow; result < 0: failed. */
void trace_io_other(const struct trace_io *io, int result, uint64_t asked, uint64_t done);

#endif
