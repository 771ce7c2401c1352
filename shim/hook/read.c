/* Hooks of the calls that read: a read is a wait, and ends the thread's turns. Thin: flow.c
 * decides.
 */
#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/real.h"

static ssize_t have_read(struct flow *flow, int fd, int flags, ssize_t got)
{
	flow_read_end(flow, fd, flags, got);
	return got;
}

/* Before a read of anything else, which is a wait, too. */
static void reading_other(int fd, int flags)
{
	if (!(flags & MSG_DONTWAIT))
		flow_read_other(fd);
}

EXPORT ssize_t read(int fd, void *buf, size_t n)
{
	struct flow *flow = flow_of(fd);

	if (!flow) {
		reading_other(fd, 0);
		return real()->read(fd, buf, n);
	}
	if (!flow_read_begin(flow, fd, 0))
		return real()->read(fd, buf, n);
	return have_read(flow, fd, 0, real()->read(fd, buf, n));
}

EXPORT ssize_t __read_chk(int fd, void *buf, size_t n, size_t room)
{
	struct flow *flow = flow_of(fd);

	if (!flow) {
		reading_other(fd, 0);
		return real()->__read_chk(fd, buf, n, room);
	}
	if (!flow_read_begin(flow, fd, 0))
		return real()->__read_chk(fd, buf, n, room);
	return have_read(flow, fd, 0, real()->__read_chk(fd, buf, n, room));
}

EXPORT ssize_t readv(int fd, const struct iovec *piece, int pieces)
{
	struct flow *flow = flow_of(fd);

	if (!flow) {
		reading_other(fd, 0);
		return real()->readv(fd, piece, pieces);
	}
	if (!flow_read_begin(flow, fd, 0))
		return real()->readv(fd, piece, pieces);
	return have_read(flow, fd, 0, real()->readv(fd, piece, pieces));
}

EXPORT ssize_t preadv2(int fd, const struct iovec *piece, int pieces, off_t offset, int flags)
{
	struct flow *flow = offset == -1 ? flow_of(fd) : NULL;

	if (!flow)
		return real()->preadv2(fd, piece, pieces, offset, flags);
	if (!flow_read_begin(flow, fd, 0))
		return real()->preadv2(fd, piece, pieces, offset, flags);
	return have_read(flow, fd, 0, real()->preadv2(fd, piece, pieces, offset, flags));
}

EXPORT ssize_t preadv64v2(int fd, const struct iovec *piece, int pieces, off64_t offset, int flags)
{
	struct flow *flow = offset == -1 ? flow_of(fd) : NULL;

	if (!flow)
		return real()->preadv64v2(fd, piece, pieces, offset, flags);
	if (!flow_read_begin(flow, fd, 0))
		return real()->preadv64v2(fd, piece, pieces, offset, flags);
	return have_read(flow, fd, 0, real()->preadv64v2(fd, piece, pieces, offset, flags));
}

EXPORT ssize_t recv(int fd, void *buf, size_t n, int flags)
{
	struct flow *flow = flow_of(fd);

	if (!flow) {
		reading_other(fd, flags);
		return real()->recv(fd, buf, n, flags);
	}
	if (!flow_read_begin(flow, fd, flags))
		return real()->recv(fd, buf, n, flags);
	return have_read(flow, fd, flags, real()->recv(fd, buf, n, flags));
}

EXPORT ssize_t __recv_chk(int fd, void *buf, size_t n, size_t room, int flags)
{
	struct flow *flow = flow_of(fd);

	if (!flow) {
		reading_other(fd, flags);
		return real()->__recv_chk(fd, buf, n, room, flags);
	}
	if (!flow_read_begin(flow, fd, flags))
		return real()->__recv_chk(fd, buf, n, room, flags);
	return have_read(flow, fd, flags, real()->__recv_chk(fd, buf, n, room, flags));
}

EXPORT ssize_t recvfrom(int fd, void *restrict buf, size_t n, int flags,
	struct sockaddr *restrict from, socklen_t *restrict length)
{
	struct flow *flow = flow_of(fd);

	if (!flow) {
		reading_other(fd, flags);
		return real()->recvfrom(fd, buf, n, flags, from, length);
	}
	if (!flow_read_begin(flow, fd, flags))
		return real()->recvfrom(fd, buf, n, flags, from, length);
	return have_read(flow, fd, flags, real()->recvfrom(fd, buf, n, flags, from, length));
}

EXPORT ssize_t __recvfrom_chk(int fd, void *buf, size_t n, size_t room, int flags,
	struct sockaddr *from, socklen_t *length)
{
	struct flow *flow = flow_of(fd);

	if (!flow) {
		reading_other(fd, flags);
		return real()->__recvfrom_chk(fd, buf, n, room, flags, from, length);
	}
	if (!flow_read_begin(flow, fd, flags))
		return real()->__recvfrom_chk(fd, buf, n, room, flags, from, length);
	return have_read(
		flow, fd, flags, real()->__recvfrom_chk(fd, buf, n, room, flags, from, length));
}

/* Whether flow_read_end() wants to hear of it. */
static bool reading(struct flow *flow, int fd, int flags)
{
	if (flow)
		return flow_read_begin(flow, fd, flags);
	reading_other(fd, flags);
	return false;
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	struct flow *flow = flow_of(fd);
	bool tell = reading(flow, fd, flags);
	ssize_t got = real()->recvmsg(fd, message, flags);

	if (got >= 0)
		flow_message_arrived(message);
	return tell ? have_read(flow, fd, flags, got) : got;
}

EXPORT int recvmmsg(
	int fd, struct mmsghdr *message, unsigned int messages, int flags, struct timespec *timeout)
{
	struct flow *flow = flow_of(fd);
	bool tell = reading(flow, fd, flags);
	int got = real()->recvmmsg(fd, message, messages, flags, timeout);

	for (int i = 0; i < got; i++)
		flow_message_arrived(&message[i].msg_hdr);
	return tell ? (int)have_read(flow, fd, flags, got) : got;
}
