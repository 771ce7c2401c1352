/* A full socket under coalesce = "buffer": how much may be collected, and the writes that wait.
 *
 * Whoever waits does so in the kernel, outside of the buffer, by a call of libc's: signals and
 * cancellation end it there as they would without us, and nobody waits for whoever sleeps. Must not
 * touch what is pending. */
#include "shim/flow/room.h"

#include <errno.h>
#include <limits.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <string.h>
#include <sys/time.h>

#include "shim/base/fault.h"
#include "shim/base/pieces.h"
#include "shim/flow/flow.h"
#include "shim/base/kernel.h"
#include "shim/real.h"

/* Only what the kernel has room for is ever collected, or a close would have to wait; and nothing
 * on a connection that is gone: the kernel is to say so. A small segment takes up to four times its
 * bytes there (net/ipv4/tcp.c, tcp_sendmsg_locked: each has its own struct sk_buff). */
static uint32_t room_for(int fd)
{
	struct pollfd room = {.fd = fd, .events = POLLOUT};
	uint32_t memory[SK_MEMINFO_VARS] = {0};
	socklen_t length = sizeof(memory);
	struct timespec at_once = {0, 0};

	kernel_call(SYS_ppoll, &room, 1, &at_once, NULL, 8);
	if (room.revents != POLLOUT)
		return 0;
	if (kernel_call(SYS_getsockopt, fd, SOL_SOCKET, SO_MEMINFO, memory, &length) != 0)
		return UINT32_MAX;
	if (memory[SK_MEMINFO_WMEM_QUEUED] >= memory[SK_MEMINFO_SNDBUF])
		return 0;
	return (memory[SK_MEMINFO_SNDBUF] - memory[SK_MEMINFO_WMEM_QUEUED]) / 4;
}

/* What waits in the kernel takes the room that it gets. */
bool room_is_there(struct buffer *buffer, int fd)
{
	if (atomic_load(&buffer->writers) > 0)
		return false;
	buffer->room = room_for(fd);
	return buffer->room > 0;
}

enum room_onward room_onward(
	struct flow *flow, long got, const struct iovec *piece, int pieces, int flags)
{
	enum room_onward how = ROOM_DONE;
	size_t length;

	if (!room_may_wait(flow, flags) || (got <= 0 && got != COLLECT_PLAIN))
		return ROOM_DONE;
	length = pieces_length(piece, (size_t)pieces);
	if (got == COLLECT_PLAIN && length > 0)
		how = ROOM_WHOLE;
	else if (got > 0 && (size_t)got < length)
		how = ROOM_REST;
	if (how != ROOM_DONE)
		atomic_fetch_add(&flow->buffer->writers, 1);
	return how;
}

/* Takes `length` bytes off the front; returns how many pieces are left. */
static int skip(struct iovec *piece, int pieces, size_t length)
{
	int whole = 0;

	while (whole < pieces && length >= piece[whole].iov_len)
		length -= piece[whole++].iov_len;
	memmove(piece, piece + whole, (size_t)(pieces - whole) * sizeof(*piece));
	if (whole < pieces) {
		piece->iov_base = (char *)piece->iov_base + length;
		piece->iov_len -= length;
	}
	return pieces - whole;
}

/* A call that may not return: whoever jumps out of it, or is cancelled there, leaves itself counted
 * among the writers, and nothing more is collected on that connection. */
long room_write(struct flow *flow, int fd, struct iovec *piece, int pieces, int flags)
{
	struct msghdr message = {.msg_iov = piece, .msg_iovlen = (size_t)pieces};
	struct buffer *buffer = flow->buffer;
	uint16_t life = flow->life;
	long got;

	got = real()->sendmsg(fd, &message, flags);
	if (flow->life == life)
		atomic_fetch_sub(&buffer->writers, 1);
	return got;
}

/* The rest of a write of which `done` bytes are taken. What ends it is told by the next call, as
 * where the kernel itself has taken a part. */
long room_write_rest(
	struct flow *flow, int fd, const struct iovec *piece, int pieces, int flags, long done)
{
	struct iovec rest[BUFFER_PIECES];
	uint16_t life = flow->life;
	int saved = errno;
	long got;

	memcpy(rest, piece, (size_t)pieces * sizeof(*piece));
	pieces = skip(rest, pieces, (size_t)done);
	got = room_write(flow, fd, rest, pieces, flags | MSG_NOSIGNAL);
	if (got >= 0)
		return done + got;
	if (room_error_lasts(-errno) && errno != EFAULT && errno != EBADF && flow->life == life)
		atomic_store(&flow->buffer->error, errno);
	errno = saved;
	return done;
}

/* In ms, as the program has set SO_SNDTIMEO; -1: for ever. */
static int patience(int fd)
{
	struct timeval limit = {0, 0};
	socklen_t length = sizeof(limit);

	kernel_call(SYS_getsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &limit, &length);
	if ((limit.tv_sec == 0 && limit.tv_usec == 0) || limit.tv_sec > INT_MAX / 2000)
		return -1;
	return (int)(limit.tv_sec * 1000 + limit.tv_usec / 1000);
}

/* What is pending does not go, though there was room for it: somebody else has taken that, or has
 * made SO_SNDBUF smaller. False: the program has set how long to wait, and it is over. */
bool room_wait(int fd)
{
	struct pollfd room = {.fd = fd, .events = POLLOUT};
	int saved = errno, ready;

	do
		ready = OURS(libc()->poll(&room, 1, patience(fd))); /* a cancellation point */
	while (ready < 0 && errno == EINTR);
	errno = saved;
	/* Nobody has said that it is over: the write is tried until it goes. */
	if (ready < 0)
		kernel_call(SYS_sched_yield);
	return ready != 0;
}
