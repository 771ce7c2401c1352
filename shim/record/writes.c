/* Recorded writes: how much was asked for and how much the kernel took. What sends by itself
 * (sendfile, splice, dprintf) counts as one. What the program points to is looked at only when the
 * kernel has read it: it may be nowhere. */
#include "shim/record/calls.h"
#include "shim/record/io.h"

/* The pieces can be read once the kernel has read them. */
static size_t asked_of(const struct iovec *piece, size_t pieces, ssize_t got)
{
	size_t length = 0;

	for (size_t i = 0; got > 0 && i < pieces; i++)
		length += piece[i].iov_len;
	return length;
}

static ssize_t traced_write(int fd, const void *buf, size_t n)
{
	struct trace_io io = trace_io_begin(TRACE_WRITE, fd, 0);
	ssize_t got = libc()->write(fd, buf, n);

	io.extra = trace_hash_of(buf);
	return io.flow ? trace_io_write(&io, got, n) : got;
}

static ssize_t traced_writev(int fd, const struct iovec *piece, int pieces)
{
	struct trace_io io = trace_io_begin(TRACE_WRITEV, fd, 0);
	ssize_t got = libc()->writev(fd, piece, pieces);

	return io.flow ? trace_io_write(&io, got, asked_of(piece, (size_t)pieces, got)) : got;
}

static ssize_t traced_pwritev2(
	int fd, const struct iovec *piece, int pieces, off_t offset, int flags)
{
	struct trace_io io = trace_io_begin(TRACE_WRITEV, fd, 0);
	ssize_t got = libc()->pwritev2(fd, piece, pieces, offset, flags);

	return io.flow ? trace_io_write(&io, got, asked_of(piece, (size_t)pieces, got)) : got;
}

static ssize_t traced_pwritev64v2(
	int fd, const struct iovec *piece, int pieces, off64_t offset, int flags)
{
	struct trace_io io = trace_io_begin(TRACE_WRITEV, fd, 0);
	ssize_t got = libc()->pwritev64v2(fd, piece, pieces, offset, flags);

	return io.flow ? trace_io_write(&io, got, asked_of(piece, (size_t)pieces, got)) : got;
}

static ssize_t traced_send(int fd, const void *buf, size_t n, int flags)
{
	struct trace_io io = trace_io_begin(TRACE_SEND, fd, flags);
	ssize_t got = libc()->send(fd, buf, n, flags);

	io.extra = trace_hash_of(buf);
	return io.flow ? trace_io_write(&io, got, n) : got;
}

static ssize_t traced_sendto(
	int fd, const void *buf, size_t n, int flags, const struct sockaddr *to, socklen_t length)
{
	struct trace_io io = trace_io_begin(TRACE_SENDTO, fd, flags);
	ssize_t got = libc()->sendto(fd, buf, n, flags, to, length);

	io.extra = trace_hash_of(buf);
	return io.flow ? trace_io_write(&io, got, n) : got;
}

static ssize_t traced_sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct trace_io io = trace_io_begin(TRACE_SENDMSG, fd, flags);
	ssize_t got = libc()->sendmsg(fd, message, flags);

	if (!io.flow)
		return got;
	if (got > 0 && message->msg_iovlen == 1)
		io.extra = trace_hash_of(message->msg_iov->iov_base);
	return trace_io_write(
		&io, got, got > 0 ? asked_of(message->msg_iov, message->msg_iovlen, got) : 0);
}

static int traced_sendmmsg(int fd, struct mmsghdr *message, unsigned int messages, int flags)
{
	struct trace_io io = trace_io_begin(TRACE_SENDMMSG, fd, flags);
	int sent = libc()->sendmmsg(fd, message, messages, flags);
	size_t bytes = 0;

	if (!io.flow)
		return sent;
	for (int i = 0; i < sent; i++)
		bytes += message[i].msg_len;
	trace_io_write(&io, sent < 0 ? sent : (ssize_t)bytes, bytes);
	return sent;
}

static ssize_t traced_sendfile(int to, int from, off_t *offset, size_t n)
{
	struct trace_io io = trace_io_begin(TRACE_SENDFILE, to, 0);
	ssize_t got = libc()->sendfile(to, from, offset, n);

	return io.flow ? trace_io_write(&io, got, n) : got;
}

static ssize_t traced_sendfile64(int to, int from, off64_t *offset, size_t n)
{
	struct trace_io io = trace_io_begin(TRACE_SENDFILE, to, 0);
	ssize_t got = libc()->sendfile64(to, from, offset, n);

	return io.flow ? trace_io_write(&io, got, n) : got;
}

/* From a flow, it reads it. */
static ssize_t traced_splice(
	int from, off64_t *from_offset, int to, off64_t *to_offset, size_t n, unsigned int flags)
{
	struct trace_io out = trace_io_begin(TRACE_SPLICE, to, 0);
	struct trace_io in = trace_io_begin(TRACE_READ, from, 0);
	ssize_t got = libc()->splice(from, from_offset, to, to_offset, n, flags);

	if (in.flow)
		trace_io_read(&in, got, n);
	return out.flow ? trace_io_write(&out, got, n) : got;
}

static int traced_vdprintf(int fd, const char *restrict format, va_list args)
{
	struct trace_io io = trace_io_begin(TRACE_DPRINTF, fd, 0);
	int printed = libc()->vdprintf(fd, format, args);

	return io.flow ? (int)trace_io_write(&io, printed, printed > 0 ? (size_t)printed : 0)
		       : printed;
}

static int traced___vdprintf_chk(int fd, int flag, const char *format, va_list args)
{
	struct trace_io io = trace_io_begin(TRACE_DPRINTF, fd, 0);
	int printed = libc()->__vdprintf_chk(fd, flag, format, args);

	return io.flow ? (int)trace_io_write(&io, printed, printed > 0 ? (size_t)printed : 0)
		       : printed;
}

void trace_writes_install(struct real *table)
{
	TRACE_INSTALL(table, write);
	TRACE_INSTALL(table, writev);
	TRACE_INSTALL(table, pwritev2);
	TRACE_INSTALL(table, pwritev64v2);
	TRACE_INSTALL(table, send);
	TRACE_INSTALL(table, sendto);
	TRACE_INSTALL(table, sendmsg);
	TRACE_INSTALL(table, sendmmsg);
	TRACE_INSTALL(table, sendfile);
	TRACE_INSTALL(table, sendfile64);
	TRACE_INSTALL(table, splice);
	TRACE_INSTALL(table, vdprintf);
	TRACE_INSTALL(table, __vdprintf_chk);
}
