/* Hooks of the calls that read: a read is a wait, and ends the thread's turns. Thin: flow.c
 * decides.
 */
#include "export.h"
#include "flow.h"
#include "real.h"

static ssize_t have_read(struct flow *flow, int fd, ssize_t got)
{
	flow_read_end(flow, fd, got);
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
	flow_read_begin(flow, 0);
	return have_read(flow, fd, real()->read(fd, buf, n));
}

EXPORT ssize_t __read_chk(int fd, void *buf, size_t n, size_t room)
{
	struct flow *flow = flow_of(fd);

	if (!flow) {
		reading_other(fd, 0);
		return real()->__read_chk(fd, buf, n, room);
	}
	flow_read_begin(flow, 0);
	return have_read(flow, fd, real()->__read_chk(fd, buf, n, room));
}

EXPORT ssize_t readv(int fd, const struct iovec *piece, int pieces)
{
	struct flow *flow = flow_of(fd);

	if (!flow) {
		reading_other(fd, 0);
		return real()->readv(fd, piece, pieces);
	}
	flow_read_begin(flow, 0);
	return have_read(flow, fd, real()->readv(fd, piece, pieces));
}

EXPORT ssize_t preadv2(int fd, const struct iovec *piece, int pieces, off_t offset, int flags)
{
	struct flow *flow = offset == -1 ? flow_of(fd) : NULL;

	if (!flow)
		return real()->preadv2(fd, piece, pieces, offset, flags);
	flow_read_begin(flow, 0);
	return have_read(flow, fd, real()->preadv2(fd, piece, pieces, offset, flags));
}

EXPORT ssize_t preadv64v2(int fd, const struct iovec *piece, int pieces, off64_t offset, int flags)
{
	struct flow *flow = offset == -1 ? flow_of(fd) : NULL;

	if (!flow)
		return real()->preadv64v2(fd, piece, pieces, offset, flags);
	flow_read_begin(flow, 0);
	return have_read(flow, fd, real()->preadv64v2(fd, piece, pieces, offset, flags));
}

EXPORT ssize_t recv(int fd, void *buf, size_t n, int flags)
{
	struct flow *flow = flow_of(fd);

	if (!flow) {
		reading_other(fd, flags);
		return real()->recv(fd, buf, n, flags);
	}
	flow_read_begin(flow, flags);
	return have_read(flow, fd, real()->recv(fd, buf, n, flags));
}

EXPORT ssize_t __recv_chk(int fd, void *buf, size_t n, size_t room, int flags)
{
	struct flow *flow = flow_of(fd);

	if (!flow) {
		reading_other(fd, flags);
		return real()->__recv_chk(fd, buf, n, room, flags);
	}
	flow_read_begin(flow, flags);
	return have_read(flow, fd, real()->__recv_chk(fd, buf, n, room, flags));
}

EXPORT ssize_t recvfrom(int fd, void *restrict buf, size_t n, int flags,
	struct sockaddr *restrict from, socklen_t *restrict length)
{
	struct flow *flow = flow_of(fd);

	if (!flow) {
		reading_other(fd, flags);
		return real()->recvfrom(fd, buf, n, flags, from, length);
	}
	flow_read_begin(flow, flags);
	return have_read(flow, fd, real()->recvfrom(fd, buf, n, flags, from, length));
}

EXPORT ssize_t __recvfrom_chk(int fd, void *buf, size_t n, size_t room, int flags,
	struct sockaddr *from, socklen_t *length)
{
	struct flow *flow = flow_of(fd);

	if (!flow) {
		reading_other(fd, flags);
		return real()->__recvfrom_chk(fd, buf, n, room, flags, from, length);
	}
	flow_read_begin(flow, flags);
	return have_read(flow, fd, real()->__recvfrom_chk(fd, buf, n, room, flags, from, length));
}

/* Descriptors that came with a message are new to us, whatever their numbers were before. */
static void descriptors_arrived(struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = 0; at + sizeof(int) <= c->cmsg_len - CMSG_LEN(0);
			at += sizeof(int))
			flow_arrived(*(const int *)(CMSG_DATA(c) + at));
	}
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	struct flow *flow = flow_of(fd);
	ssize_t got;

	if (flow)
		flow_read_begin(flow, flags);
	else
		reading_other(fd, flags);
	got = real()->recvmsg(fd, message, flags);
	if (got >= 0 && message->msg_controllen)
		descriptors_arrived(message);
	return flow ? have_read(flow, fd, got) : got;
}

EXPORT int recvmmsg(
	int fd, struct mmsghdr *message, unsigned int messages, int flags, struct timespec *timeout)
{
	struct flow *flow = flow_of(fd);
	int got;

	if (flow)
		flow_read_begin(flow, flags);
	else
		reading_other(fd, flags);
	got = real()->recvmmsg(fd, message, messages, flags, timeout);
	for (int i = 0; i < got; i++)
		if (message[i].msg_hdr.msg_controllen)
			descriptors_arrived(&message[i].msg_hdr);
	return flow ? (int)have_read(flow, fd, got) : got;
}
