/* Hooks of the calls that write. A held write is sendto or sendmsg with MSG_MORE instead of the
 * call that the program made; the kernel does the rest. Thin: flow.c decides.
 */
#include <errno.h>
#include <limits.h>
#include <stdint.h>

#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/base/memory.h"
#include "shim/real.h"
#include "shim/settle/settle.h"

/* An address that no family has. TCP does not look at one on a connected socket (net/ipv4/tcp.c,
 * tcp_sendmsg_locked: only with MSG_FASTOPEN); datagram sockets refuse it with EINVAL
 * (net/ipv4/udp.c, net/ipv6/udp.c, net/unix/af_unix.c: too short), other streams with EISCONN or
 * EOPNOTSUPP, and to those that do not (MPTCP, UNIX SEQPACKET) MSG_MORE joins nothing that it
 * should not. So bytes are never joined on a descriptor that was closed and made again behind our
 * back. */
static const struct sockaddr nowhere = {.sa_family = 0xffff};
#define NOWHERE_LENGTH sizeof(nowhere.sa_family)

static ssize_t send_held(int fd, const struct msghdr *message, int flags)
{
	struct msghdr held = *message;

	held.msg_name = (void *)(uintptr_t)&nowhere;
	held.msg_namelen = NOWHERE_LENGTH;
	return real()->sendmsg(fd, &held, flags);
}

static ssize_t send_held_bytes(int fd, const void *buf, size_t n, int flags)
{
	return real()->sendto(fd, buf, n, flags, &nowhere, NOWHERE_LENGTH);
}

/* The held form of the call was refused for what it is, not for what it says: no TCP socket, or a
 * sandbox. Nothing was taken; the plain call is to follow, and its answer to be the program's. */
static bool refused(ssize_t got, int more)
{
	if (!more || got >= 0)
		return false;
	switch (errno) {
	case ENOTSOCK:
	case EINVAL:
	case EISCONN:
	case EOPNOTSUPP:
	case EAFNOSUPPORT:
	case EPERM:
	case EACCES:
	case ENOSYS:
		return true;
	default:
		return false;
	}
}

/* After that plain call: if it was taken, fd is not what we think. */
static ssize_t taken_plain(int fd, ssize_t got)
{
	if (got >= 0)
		flow_lost(fd);
	return got;
}

/* As flow_write_begin(). No program means a length beyond INT_MAX: it is what read() has answered
 * to an error, say. write() refuses it where sendto() would take what is there (fs/read_write.c,
 * vfs_write; net/socket.c), so that one goes as it is. */
static int write_begin(struct flow *flow, int fd, size_t n, int flags)
{
	if (n <= INT_MAX)
		return flow_write_begin(flow, fd, flags);
	flow_pass_begin(flow, fd);
	return 0;
}

EXPORT ssize_t write(int fd, const void *buf, size_t n)
{
	struct flow *flow = flow_of(fd);
	ssize_t got;
	int more;

	if (!flow)
		return real()->write(fd, buf, n);
	more = write_begin(flow, fd, n, 0);
	if (more == WRITE_COLLECT &&
		(got = flow_collect_bytes(flow, fd, buf, n, 0)) != COLLECT_PLAIN)
		return got;
	if (more < 0)
		return real()->write(fd, buf, n);
	got = more ? send_held_bytes(fd, buf, n, more) : real()->write(fd, buf, n);
	if (refused(got, more))
		return taken_plain(fd, real()->write(fd, buf, n));
	flow_write_end(flow, fd, got, n, more);
	return got;
}

static ssize_t flow_send(struct flow *flow, int fd, const void *buf, size_t n, int flags)
{
	int more = write_begin(flow, fd, n, flags);
	ssize_t got;

	if (more == WRITE_COLLECT &&
		(got = flow_collect_bytes(flow, fd, buf, n, flags)) != COLLECT_PLAIN)
		return got;
	if (more < 0)
		return real()->send(fd, buf, n, flags);
	got = more ? send_held_bytes(fd, buf, n, flags | more) : real()->send(fd, buf, n, flags);
	if (refused(got, more))
		return taken_plain(fd, real()->send(fd, buf, n, flags));
	flow_write_end(flow, fd, got, n, more);
	return got;
}

EXPORT ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	struct flow *flow = flow_of(fd);

	return flow ? flow_send(flow, fd, buf, n, flags) : real()->send(fd, buf, n, flags);
}

/* An address on a connected TCP socket says nothing (tcp(7)); on any other it is not ours to hold.
 */
EXPORT ssize_t sendto(
	int fd, const void *buf, size_t n, int flags, const struct sockaddr *to, socklen_t length)
{
	struct flow *flow = flow_of(fd);
	ssize_t got;

	if (!flow || (!to && length == 0))
		return flow ? flow_send(flow, fd, buf, n, flags)
			    : real()->sendto(fd, buf, n, flags, to, length);
	if (flags & MSG_FASTOPEN)
		settle_client(flow, fd, to, length);
	flow_pass_begin(flow, fd);
	got = real()->sendto(fd, buf, n, flags, to, length);
	flow_pass_end(flow, fd, got);
	return got;
}

/* Only after the call: the kernel has read the pieces then. A sum that is too large has failed. */
static size_t length_of(const struct iovec *piece, size_t pieces, ssize_t got)
{
	size_t length = 0;

	for (size_t i = 0; got > 0 && i < pieces; i++)
		length += piece[i].iov_len;
	return length;
}

/* writev takes up to IOV_MAX pieces and answers EINVAL beyond; sendmsg would say EMSGSIZE. */
static bool can_be_message(int pieces)
{
	return pieces > 0 && pieces <= IOV_MAX;
}

/* writev() of nothing is 0 whatever the state of the connection: the socket is never asked
 * (lib/iov_iter.c, import_iovec; fs/read_write.c, do_iter_readv_writev). sendmsg() asks it. */
static bool is_nothing(const struct iovec *piece, int pieces)
{
	return memory_readable(piece, (size_t)pieces * sizeof(*piece)) &&
	       length_of(piece, (size_t)pieces, 1) == 0;
}

static ssize_t flow_writev(struct flow *flow, int fd, const struct iovec *piece, int pieces)
{
	struct msghdr message = {.msg_iovlen = (size_t)pieces};
	int more = can_be_message(pieces) ? flow_write_begin(flow, fd, 0) : WRITE_PLAIN;
	ssize_t got;

	if (more == WRITE_COLLECT && memory_readable(piece, (size_t)pieces * sizeof(*piece)) &&
		(got = flow_collect(flow, fd, piece, pieces, 0)) != COLLECT_PLAIN)
		return got;
	if (more < 0 || (more && is_nothing(piece, pieces)))
		return real()->writev(fd, piece, pieces);
	message.msg_iov = (struct iovec *)(uintptr_t)piece;
	got = more ? send_held(fd, &message, more) : real()->writev(fd, piece, pieces);
	if (refused(got, more))
		return taken_plain(fd, real()->writev(fd, piece, pieces));
	flow_write_end(flow, fd, got, length_of(piece, (size_t)pieces, got), more);
	return got;
}

EXPORT ssize_t writev(int fd, const struct iovec *piece, int pieces)
{
	struct flow *flow = flow_of(fd);

	return flow ? flow_writev(flow, fd, piece, pieces) : real()->writev(fd, piece, pieces);
}

/* On a socket only an offset of -1 is no error. */
EXPORT ssize_t pwritev2(int fd, const struct iovec *piece, int pieces, off_t offset, int flags)
{
	struct flow *flow = offset == -1 ? flow_of(fd) : NULL;
	ssize_t got;

	if (flow)
		flow_pass_begin(flow, fd);
	got = real()->pwritev2(fd, piece, pieces, offset, flags);
	if (flow)
		flow_pass_end(flow, fd, got);
	return got;
}

EXPORT ssize_t pwritev64v2(int fd, const struct iovec *piece, int pieces, off64_t offset, int flags)
{
	struct flow *flow = offset == -1 ? flow_of(fd) : NULL;
	ssize_t got;

	if (flow)
		flow_pass_begin(flow, fd);
	got = real()->pwritev64v2(fd, piece, pieces, offset, flags);
	if (flow)
		flow_pass_end(flow, fd, got);
	return got;
}

/* Messages with control data or an address of their own are passed on as they are. */
static bool can_be_held(const struct msghdr *message)
{
	return memory_readable(message, sizeof(*message)) && message->msg_controllen == 0 &&
	       message->msg_namelen == 0;
}

static long collect_message(struct flow *flow, int fd, const struct msghdr *message, int flags)
{
	if (message->msg_iovlen > IOV_MAX ||
		!memory_readable(message->msg_iov, message->msg_iovlen * sizeof(struct iovec)))
		return COLLECT_PLAIN;
	return flow_collect(flow, fd, message->msg_iov, (int)message->msg_iovlen, flags);
}

static ssize_t flow_sendmsg(struct flow *flow, int fd, const struct msghdr *message, int flags)
{
	int more = flow_write_begin(flow, fd, flags);
	ssize_t got;

	if (more == WRITE_COLLECT &&
		(got = collect_message(flow, fd, message, flags)) != COLLECT_PLAIN)
		return got;
	if (more < 0)
		return real()->sendmsg(fd, message, flags);
	got = more ? send_held(fd, message, flags | more) : real()->sendmsg(fd, message, flags);
	if (refused(got, more))
		return taken_plain(fd, real()->sendmsg(fd, message, flags));
	flow_write_end(flow, fd, got,
		got > 0 ? length_of(message->msg_iov, message->msg_iovlen, got) : 0, more);
	return got;
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct flow *flow = flow_of(fd);
	ssize_t got;

	if (!flow) {
		flow_message_leaving(fd, message);
		got = real()->sendmsg(fd, message, flags);
		if (got >= 0)
			flow_message_left(fd, message);
		return got;
	}
	if (can_be_held(message))
		return flow_sendmsg(flow, fd, message, flags);
	if (flags & MSG_FASTOPEN)
		settle_client_message(flow, fd, message);
	flow_pass_begin(flow, fd);
	got = real()->sendmsg(fd, message, flags);
	flow_pass_end(flow, fd, got);
	return got;
}

EXPORT int sendmmsg(int fd, struct mmsghdr *message, unsigned int messages, int flags)
{
	struct flow *flow = flow_of(fd);
	int sent;

	if (!flow) {
		flow_messages_leaving(fd, message, messages);
		sent = real()->sendmmsg(fd, message, messages, flags);
		flow_messages_left(fd, message, sent);
		return sent;
	}
	flow_pass_begin(flow, fd);
	sent = real()->sendmmsg(fd, message, messages, flags);
	flow_pass_end(flow, fd, sent);
	return sent;
}

EXPORT ssize_t sendfile(int to, int from, off_t *offset, size_t n)
{
	struct flow *flow = flow_of(to);
	ssize_t got;

	if (flow)
		flow_pass_begin(flow, to);
	got = real()->sendfile(to, from, offset, n);
	if (flow)
		flow_pass_end(flow, to, got);
	return got;
}

EXPORT ssize_t sendfile64(int to, int from, off64_t *offset, size_t n)
{
	struct flow *flow = flow_of(to);
	ssize_t got;

	if (flow)
		flow_pass_begin(flow, to);
	got = real()->sendfile64(to, from, offset, n);
	if (flow)
		flow_pass_end(flow, to, got);
	return got;
}

EXPORT ssize_t splice(
	int from, off64_t *from_offset, int to, off64_t *to_offset, size_t n, unsigned int flags)
{
	struct flow *flow = flow_of(to);
	ssize_t got;

	flow_read_other(from);
	if (flow)
		flow_pass_begin(flow, to);
	got = real()->splice(from, from_offset, to, to_offset, n, flags);
	if (flow)
		flow_pass_end(flow, to, got);
	return got;
}
