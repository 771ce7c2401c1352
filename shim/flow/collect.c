/* Writes under coalesce = "buffer": what a call of the program means for the bytes that are
 * collected in user space (table/buffer.c keeps them). A write that has to wait does so outside
 * (flow/room.c).
 */
#include <errno.h>
#include <signal.h>

#include "shim/base/control.h"
#include "shim/base/kernel.h"
#include "shim/base/threads.h"
#include "shim/flow/flush.h"
#include "shim/flow/deadline.h"
#include "shim/flow/flow.h"
#include "shim/flow/room.h"

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
	long got = buffer_send(buffer, &flow_sink, fd, piece, pieces, flags | MSG_DONTWAIT);

	if (buffer_wants_room(got)) {
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
	if (empty && (control_is_switched_off() || !room_is_there(buffer, fd)))
		return COLLECT_PLAIN;
	got = control_is_switched_off() ? -ENOSPC : buffer_add(buffer, piece, pieces);
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
		flow_buffer_give_up(flow, buffer, fd, GIVEN_UP_SIGNAL, flow->life);
		return COLLECT_PLAIN;
	}
	before = buffer_pending(buffer);
	got = collect(buffer, fd, piece, pieces, flags);
	watch = buffer_pending(buffer) > 0;
	buffer->collected += buffer_pending(buffer) > before;
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

	if (threads.pthread_testcancel)
		threads.pthread_testcancel();
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
