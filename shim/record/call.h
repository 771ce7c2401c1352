/* One call of the program, from its begin to its event. A hook has it on its stack: call_begin()
 * stands before the real call, and one of the call_end...() after it makes the event. A call that
 * never comes back (cancelled, jumped out of) leaves none.
 *
 * Where nothing is recorded each of them is one branch. All keep errno and are async-signal-safe.
 * Times are CLOCK_MONOTONIC in nanoseconds. */
#ifndef SOCKFIX_CALL_H
#define SOCKFIX_CALL_H

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "shim/base/control.h"
#include "shim/base/pieces.h"
#include "shim/table/fdtab.h"
#include "shim/record/connection.h"

struct call {
	struct flow *flow; /* NULL: of none that we know */
	int fd;
	int flags;	/* MSG_ */
	uint8_t what;	/* enum trace_call */
	bool recorded;	/* what follows is valid, and an event is to be made */
	uint16_t extra; /* see trace_event */
	uint32_t generation,
		number; /* of the flow and its connection when it began; 0: of none, or not known */
	uint64_t start, end; /* end: of those that are over before it is known what they made */
};

/* The flow behind fd, without a look at what is not known. */
static inline struct flow *call_flow_of(int fd)
{
	uintptr_t slot = control_on() ? fdtab_get(fd) : SLOT_OTHER;

	return slot >= SLOT_FLOW ? fdtab_flow(slot) : NULL;
}

/* The flow may end while the call goes on, closed by a signal handler or another thread, and stand
 * for another connection when it returns: what it is then is not what the call is about. */
static inline bool call_is_over(const struct call *call)
{
	return call->generation !=
	       atomic_load_explicit(&call->flow->generation, memory_order_acquire);
}

void call_begin_recorded(struct call *call);

/* Before the real call. flow: which it is about, NULL for none; flags: MSG_. */
static inline void call_begin(
	struct call *call, unsigned what, struct flow *flow, int fd, int flags)
{
	call->flow = flow;
	call->fd = fd;
	call->flags = flags;
	call->what = (uint8_t)what;
	call->recorded = false;
	if (trace_is_on())
		call_begin_recorded(call);
}

/* The same of read(): of a regular file, too, whose bytes the thread may be about to send on. */
void call_file_recorded(struct call *call);

static inline void call_begin_read(struct call *call, struct flow *flow, int fd)
{
	call_begin(call, TRACE_READ, flow, fd, 0);
	if (trace_is_on() && !flow)
		call_file_recorded(call);
}

/* The buffer of a read or a write: the same address gives the same number. */
static inline void call_at(struct call *call, const void *buf)
{
	call->extra = (uint16_t)(((uintptr_t)buf >> 4) * 0x9e3779b1u >> 16);
}

/* ---- after it: got is what it returned ---- */

/* asked: the bytes that it was given room or bytes for. */
void call_read_recorded(const struct call *call, ssize_t got, size_t asked);
void call_write_recorded(const struct call *call, ssize_t got, size_t asked);

static inline void call_end_read(const struct call *call, ssize_t got, size_t asked)
{
	if (__builtin_expect(call->recorded, 0))
		call_read_recorded(call, got, asked);
}

static inline void call_end_write(const struct call *call, ssize_t got, size_t asked)
{
	if (__builtin_expect(call->recorded, 0))
		call_write_recorded(call, got, asked);
}

/* In pieces, which can be read once the kernel has read them: it has where it took some. */
static inline void call_end_readv(
	const struct call *call, ssize_t got, const struct iovec *piece, size_t pieces)
{
	if (__builtin_expect(call->recorded, 0))
		call_read_recorded(call, got, got >= 0 ? pieces_length(piece, pieces) : 0);
}

/* Any other call on a flow; result < 0: failed. asked, done: as trace_event has them. */
void call_other_recorded(const struct call *call, long result, uint64_t asked, uint64_t done);

static inline void call_end(const struct call *call, long result, uint64_t asked, uint64_t done)
{
	if (__builtin_expect(call->recorded, 0) && call->flow)
		call_other_recorded(call, result, asked, done);
}

/* ---- calls that make, name, set and end sockets ---- */

/* socket() and accept() come before anything is known of what they make. */
void call_making_recorded(struct call *call);

/* Right after the real call: when it was over. */
static inline void call_over(struct call *call)
{
	if (__builtin_expect(call->recorded, 0))
		call->end = trace_clock();
}

/* Once it is known what fd is; fd < 0: they failed. */
void call_opened_recorded(const struct call *call, int fd, int domain);
void call_accepted_recorded(const struct call *call, int fd);

static inline void call_begin_making(struct call *call, unsigned what, struct flow *flow, int fd)
{
	call_begin(call, what, flow, fd, 0);
	if (trace_is_on())
		call_making_recorded(call);
}

static inline void call_end_opened(const struct call *call, int fd, int domain)
{
	if (__builtin_expect(call->recorded, 0))
		call_opened_recorded(call, fd, domain);
}

static inline void call_end_accepted(const struct call *call, int fd)
{
	if (__builtin_expect(call->recorded, 0))
		call_accepted_recorded(call, fd);
}

void call_connecting_recorded(struct call *call);
void call_connected_recorded(const struct call *call, int result);

static inline void call_begin_connect(struct call *call, struct flow *flow, int fd)
{
	call_begin(call, TRACE_CONNECT, flow, fd, 0);
	if (__builtin_expect(call->recorded, 0))
		call_connecting_recorded(call);
}

static inline void call_end_connect(const struct call *call, int result)
{
	if (__builtin_expect(call->recorded, 0))
		call_connected_recorded(call, result);
}

void call_listens_recorded(const struct call *call, int result);

static inline void call_end_listen(const struct call *call, int result)
{
	if (__builtin_expect(call->recorded, 0))
		call_listens_recorded(call, result);
}

/* The flow of a close has ended when its event is made. */
void call_closed_recorded(const struct call *call, int result);

static inline void call_end_close(const struct call *call, int result)
{
	if (__builtin_expect(call->recorded, 0))
		call_closed_recorded(call, result);
}

/* value, length: of the option, which the kernel has read or written where result is 0. */
void call_option_recorded(const struct call *call, int result, int level, int name,
	const void *value, socklen_t length);

static inline void call_end_option(const struct call *call, int result, int level, int name,
	const void *value, socklen_t length)
{
	if (__builtin_expect(call->recorded, 0))
		call_option_recorded(call, result, level, name, value, length);
}

#endif
