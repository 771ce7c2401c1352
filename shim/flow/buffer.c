/* Writes under coalesce = "buffer": collected in user space, sent at a wait, at the limit and at
 * the tick.
 *
 * buffer.c keeps the bytes; here is what a call of the program means for them, and the socket
 * behind them. A flush that nobody asked for never waits; what it meets is kept for the next write.
 * A write that has to wait does so outside (flow/room.c).
 */
#include <errno.h>
#include <netinet/in.h>
#include <linux/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "shim/pure/buffer.h"
#include "shim/flow/deadline.h"
#include "shim/flow/flow.h"
#include "shim/flow/room.h"
#include "shim/base/kernel.h"
#include "shim/base/log.h"
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

/* False on a kernel that does not count bytes (before Linux 4.19). */
static bool read_info(int fd, struct tcp_info *info)
{
	socklen_t length = sizeof(*info);

	return kernel_call(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, info, &length) == 0 &&
	       length >= offsetof(struct tcp_info, tcpi_bytes_retrans) + sizeof(uint64_t);
}

/* tcpi_bytes_sent counts what was sent again, too (include/uapi/linux/tcp.h). */
static int64_t sink_taken(int fd)
{
	struct tcp_info info;

	if (!read_info(fd, &info))
		return -1;
	return (int64_t)(info.tcpi_bytes_sent - info.tcpi_bytes_retrans + info.tcpi_notsent_bytes);
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

static const struct sink sink = {.send = sink_send, .wait = sink_wait, .taken = sink_taken};

/* Where a signal handler ends a flush in its middle, only the socket's count tells what has gone:
 * without it bytes would go twice. And one that comes from elsewhere may have been shut for writing
 * there; the kernel is to say so. The states by their numbers in include/net/tcp_states.h:
 * FIN_WAIT1 and 2, LAST_ACK, CLOSING. */
static bool may_collect(int fd)
{
	struct tcp_info info;

	return read_info(fd, &info) &&
	       !(1u << info.tcpi_state & (1u << 4 | 1u << 5 | 1u << 9 | 1u << 11));
}

bool flow_buffer_begin(struct flow *flow, int fd, uint32_t limit)
{
	struct buffer *buffer = flow->buffer;
	uint64_t cookie = sockopt_cookie(fd);

	/* Without a cookie a second name of it would be another connection. */
	if (!cookie || !may_collect(fd))
		return false;
	if (!buffer || buffer->size < limit)
		buffer = buffer_new(limit);
	if (!buffer)
		return false;
	buffer_reset(buffer, limit);
	atomic_store(&buffer->writers, 0);
	flow->buffer = buffer;
	flow->held_fd = fd;
	flow_set_cookie(flow, cookie);
	flow_mark(flow, FLOW_COLLECTS);
	return true;
}

/* ---- letting go ---- */

static bool wants_room(long got)
{
	return got == -EINPROGRESS || got == -EAGAIN;
}

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
		got = buffer_send(buffer, &sink, fd, NULL, 0, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (got == -EAGAIN && wait)
			wait = can_send(fd, flow_is(flow, FLOW_NONBLOCK) ? LAST_WAIT : -1);
	} while (got == -EINPROGRESS || (got == -EAGAIN && wait));
	if (wants_room(got))
		buffer->room = 0; /* nothing is added before it is gone */
	if (got == -ENODATA || got == -ENOLINK || !room_error_lasts(got))
		return;
	buffer_reset(buffer, buffer->limit);
	atomic_store(&buffer->error, (int)-got);
}

/* Ends the collecting for good: what is pending goes, then writes go out as they come. */
static void give_up(
	struct flow *flow, struct buffer *buffer, int fd, enum trace_given_up why, uint16_t life)
{
	buffer_end(buffer, &sink, fd);
	settle_resign_buffer(flow, fd, why, life);
}

void flow_flush(struct flow *flow, bool wait)
{
	struct buffer *buffer = flow->buffer;
	int inside;

	thread_begin();
	inside = buffer_enter(buffer, thread_number(), wait);
	if (inside == -EDEADLK)
		give_up(flow, buffer, flow->held_fd, GIVEN_UP_SIGNAL, flow->life);
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
		give_up(flow, buffer, flow->held_fd, why, life);
	}
	if (inside == 0)
		buffer_leave(buffer);
}

/* ---- collecting ---- */

static void raise_sigpipe(void)
{
	long process = kernel_call(SYS_getpid), task = kernel_call(SYS_gettid);

	kernel_call(SYS_tgkill, process, task, SIGPIPE);
}

/* What a flush met that no call of the program made. */
static int kept_error(struct buffer *buffer, int flags)
{
	int error = atomic_load(&buffer->error) ? atomic_exchange(&buffer->error, 0) : 0;

	if (error == EPIPE && !(flags & MSG_NOSIGNAL))
		raise_sigpipe();
	return error;
}

/* All that is pending goes, and the pieces with it: in one call, as far as there is room. */
static long send_both(
	struct buffer *buffer, int fd, const struct iovec *piece, int pieces, int flags)
{
	long got = buffer_send(buffer, &sink, fd, piece, pieces, flags | MSG_DONTWAIT);

	if (wants_room(got)) {
		buffer->room = 0; /* until it is gone */
		return -EAGAIN;
	}
	return got;
}

/* Inside. Bytes taken, -errno (-EAGAIN: what is pending does not go), or COLLECT_PLAIN. */
static long collect(struct buffer *buffer, int fd, const struct iovec *piece, int pieces, int flags)
{
	bool empty = buffer_pending(buffer) == 0;
	int error = kept_error(buffer, flags);
	long got;

	if (error)
		return -error;
	if (empty && !room_is_there(buffer, fd))
		return COLLECT_PLAIN;
	got = buffer_add(buffer, piece, pieces);
	if (got == -ENOSPC)
		got = send_both(buffer, fd, piece, pieces, flags);
	else if (got == -EFAULT)
		got = send_both(buffer, fd, NULL, 0, flags);
	return got == -EFAULT || got == -ENODATA || got == -ENOLINK ? COLLECT_PLAIN : got;
}

/* What is pending is watched over, or goes at once. */
static void watch_over(struct flow *flow, int fd, bool joined)
{
	if (flow_holds_collected(flow, fd, joined))
		return;
	flow_flush(flow, true);
	/* One by one for ever, they would cost a segment each. */
	if (deadline_is_impossible())
		flow_buffer_end(flow, GIVEN_UP_THREAD);
}

/* One try, inside from its begin to its end. */
static long try_collect(struct flow *flow, int fd, const struct iovec *piece, int pieces, int flags,
	enum room_onward *how)
{
	struct buffer *buffer = flow->buffer;
	uint32_t before;
	bool watch, joined;
	long got;

	*how = ROOM_DONE;
	if (buffer_enter(buffer, thread_number(), true) == -EDEADLK) {
		give_up(flow, buffer, fd, GIVEN_UP_SIGNAL, flow->life);
		return COLLECT_PLAIN;
	}
	before = buffer_pending(buffer);
	got = collect(buffer, fd, piece, pieces, flags);
	watch = buffer_pending(buffer) > 0;
	joined = before && buffer_pending(buffer) > before;
	*how = room_onward(flow, got, piece, pieces, flags);
	buffer_leave(buffer);
	if (watch)
		watch_over(flow, fd, joined);
	return got;
}

/* A thread that is cancelled ends here, before anything is taken, as in the call that is not made.
 */
long flow_collect(struct flow *flow, int fd, const struct iovec *piece, int pieces, int flags)
{
	enum room_onward how;
	long got;

	pthread_testcancel();
	do
		got = try_collect(flow, fd, piece, pieces, flags, &how);
	while (got == -EAGAIN && room_may_wait(flow, flags) && room_wait(fd));
	if (how == ROOM_WHOLE)
		return room_write(flow, fd, (struct iovec *)(uintptr_t)piece, pieces, flags);
	if (how == ROOM_REST)
		return room_write_rest(flow, fd, piece, pieces, flags, got);
	if (got < 0 && got != COLLECT_PLAIN) {
		errno = (int)-got;
		return -1;
	}
	return got;
}

long flow_collect_bytes(struct flow *flow, int fd, const void *bytes, size_t length, int flags)
{
	struct iovec piece = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = length};

	return flow_collect(flow, fd, &piece, 1, flags);
}
