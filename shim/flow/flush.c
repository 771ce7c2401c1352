/* What was collected goes: to the socket, at a wait, at the limit and at the tick. A flush that
 * nobody asked for never waits; what it meets is kept for the next write. */
#include "shim/flow/flush.h"

#include <poll.h>

#include "shim/base/kernel.h"
#include "shim/base/log.h"
#include "shim/flow/flow.h"
#include "shim/flow/room.h"
#include "shim/settle/collect.h"
#include "shim/settle/settle.h"
#include "shim/settle/sockopt.h"

/* Longest that a close() waits for the peer of a non-blocking flow, in ms. */
#define LAST_WAIT 1000

/* libc's sendmsg() is a cancellation point, and a flush may be in the middle of fork(). */
static long sink_send(int fd, struct iovec *piece, int pieces, int flags)
{
	struct msghdr message = {.msg_iov = piece, .msg_iovlen = (size_t)pieces};

	return kernel_call(SYS_sendmsg, fd, &message, flags);
}

/* Milliseconds; -1: for ever. */
static bool can_send(int fd, int timeout)
{
	struct pollfd room = {.fd = fd, .events = POLLOUT};
	struct timespec limit = {.tv_sec = timeout / 1000, .tv_nsec = timeout % 1000 * 1000000L};
	struct timespec *until = timeout < 0 ? NULL : &limit; /* the kernel counts it down */
	long ready;

	do
		ready = kernel_call(SYS_ppoll, &room, 1, until, NULL, 8);
	while (ready == -EINTR);
	return ready == 1;
}

static bool sink_wait(int fd)
{
	return can_send(fd, LAST_WAIT);
}

const struct sink flow_sink = {.send = sink_send, .wait = sink_wait, .taken = collect_taken};

/* ---- letting go ---- */

/* Until nothing is pending, or only waiting would help and the caller does not want to. */
static void flush_inside(struct flow *flow, struct buffer *buffer, int fd, bool wait)
{
	uint64_t cookie = sockopt_cookie(fd);
	long got;

	/* One that cannot be read is not another. */
	if (cookie && flow->cookie && cookie != flow->cookie) {
		log_error("port %u: a descriptor was closed behind our back; %u collected bytes "
			  "are lost",
			flow->port, buffer_pending(buffer));
		buffer_reset(buffer, buffer->limit);
		return;
	}
	do {
		got = buffer_send(buffer, &flow_sink, fd, NULL, 0, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (got == -EAGAIN && wait)
			wait = can_send(fd, flow_is(flow, FLOW_NONBLOCK) ? LAST_WAIT : -1);
	} while (got == -EINPROGRESS || (got == -EAGAIN && wait));
	if (buffer_wants_room(got))
		buffer->room = 0; /* nothing is added before it is gone */
	if (got == -ENODATA || got == -ENOLINK || !room_error_lasts(got))
		return;
	buffer_reset(buffer, buffer->limit);
	atomic_store(&buffer->error, (int)-got);
}

/* Ends the collecting for good: what is pending goes, then writes go out as they come. */
void flow_buffer_give_up(
	struct flow *flow, struct buffer *buffer, int fd, enum trace_given_up why, uint16_t life)
{
	buffer_end(buffer, &flow_sink, fd);
	settle_resign_buffer(flow, fd, why, life);
}

void flow_flush(struct flow *flow, bool wait)
{
	struct buffer *buffer = flow->buffer;
	int inside;

	thread_begin();
	inside = buffer_enter(buffer, thread_number(), wait);
	if (inside == -EDEADLK)
		flow_buffer_give_up(flow, buffer, flow->held_fd, GIVEN_UP_SIGNAL, flow->life);
	if (inside != 0)
		return;
	if (buffer_pending(buffer))
		flush_inside(flow, buffer, flow->held_fd, wait);
	buffer_leave(buffer);
}

/* Another thread may close the connection while this one waits its turn, and make the next one in
 * its place: that one is let be. */
void flow_buffer_end(struct flow *flow, enum trace_given_up why)
{
	struct buffer *buffer = flow->buffer;
	uint16_t life = flow->life;
	int inside;

	if (atomic_load(&flow->mode) != COALESCE_BUFFER)
		return;
	thread_begin();
	inside = buffer_enter(buffer, thread_number(), true);
	if (flow->life == life) {
		if (inside == 0 && buffer_pending(buffer))
			flush_inside(flow, buffer, flow->held_fd, true);
		flow_buffer_give_up(flow, buffer, flow->held_fd, why, life);
	}
	if (inside == 0)
		buffer_leave(buffer);
}
