/* Hooks of the calls that write. A held write is the same call with MSG_MORE: send for write,
 * sendmsg for writev; the kernel does the rest. Thin: flow.c decides.
 */
#include <errno.h>
#include <limits.h>
#include <stdint.h>

#include "export.h"
#include "flow.h"
#include "real.h"
#include "settle.h"

/* writev takes up to IOV_MAX pieces and answers EINVAL beyond; sendmsg would say EMSGSIZE. */
static bool can_be_message(int pieces)
{
	return pieces > 0 && pieces <= IOV_MAX;
}

/* The real call of a held write met a descriptor that is no socket: the plain one is to follow. */
static bool lost(int fd, ssize_t got, int more)
{
	if (!more || got >= 0 || errno != ENOTSOCK)
		return false;
	flow_lost(fd);
	return true;
}

EXPORT ssize_t write(int fd, const void *buf, size_t n)
{
	struct flow *flow = flow_of(fd);
	ssize_t got;
	int more;

	if (!flow)
		return real()->write(fd, buf, n);
	more = flow_write_begin(flow, fd, 0);
	got = more ? real()->send(fd, buf, n, more) : real()->write(fd, buf, n);
	if (lost(fd, got, more))
		return real()->write(fd, buf, n);
	flow_write_end(flow, fd, got, n, more);
	return got;
}

EXPORT ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	struct flow *flow = flow_of(fd);
	ssize_t got;
	int more;

	if (!flow)
		return real()->send(fd, buf, n, flags);
	more = flow_write_begin(flow, fd, flags);
	got = real()->send(fd, buf, n, flags | more);
	flow_write_end(flow, fd, got, n, more);
	return got;
}

EXPORT ssize_t sendto(
	int fd, const void *buf, size_t n, int flags, const struct sockaddr *to, socklen_t length)
{
	struct flow *flow = flow_of(fd);
	ssize_t got;
	int more;

	if (!flow)
		return real()->sendto(fd, buf, n, flags, to, length);
	if (flags & MSG_FASTOPEN)
		settle_client(flow, fd, to, length);
	more = flow_write_begin(flow, fd, flags);
	got = real()->sendto(fd, buf, n, flags | more, to, length);
	flow_write_end(flow, fd, got, n, more);
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

static ssize_t flow_writev(struct flow *flow, int fd, const struct iovec *piece, int pieces)
{
	struct msghdr message = {.msg_iovlen = (size_t)pieces};
	int more = can_be_message(pieces) ? flow_write_begin(flow, fd, 0) : 0;
	ssize_t got;

	message.msg_iov = (struct iovec *)(uintptr_t)piece;
	got = more ? real()->sendmsg(fd, &message, more) : real()->writev(fd, piece, pieces);
	if (lost(fd, got, more))
		return real()->writev(fd, piece, pieces);
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

EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct flow *flow = flow_of(fd);
	ssize_t got;
	int more;

	if (!flow)
		return real()->sendmsg(fd, message, flags);
	if (flags & MSG_FASTOPEN)
		settle_client_message(flow, fd, message);
	more = flow_write_begin(flow, fd, flags);
	got = real()->sendmsg(fd, message, flags | more);
	flow_write_end(flow, fd, got,
		got > 0 ? length_of(message->msg_iov, message->msg_iovlen, got) : 0, more);
	return got;
}

EXPORT int sendmmsg(int fd, struct mmsghdr *message, unsigned int messages, int flags)
{
	struct flow *flow = flow_of(fd);
	int sent;

	if (!flow)
		return real()->sendmmsg(fd, message, messages, flags);
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
