/* Recorded reads. A read of a regular file is remembered until the thread's next event: where that
 * writes to a flow, the program copies a file by hand. */
#include <sys/stat.h>

#include "shim/base/kernel.h"
#include "shim/record/calls.h"
#include "shim/record/io.h"

static size_t length_of(const struct iovec *piece, size_t pieces)
{
	size_t length = 0;

	for (size_t i = 0; i < pieces; i++)
		length += piece[i].iov_len;
	return length;
}

/* One look at what is behind a descriptor that is no flow. */
static bool is_file(int fd)
{
	uint32_t slot = fdtab_get(fd);
	struct stat status;

	if (slot == SLOT_OTHER) {
		if (kernel_call(SYS_fstat, fd, &status) != 0)
			return false;
		fdtab_replace(fd, slot, S_ISREG(status.st_mode) ? SLOT_FILE : SLOT_WAITS);
		slot = fdtab_get(fd);
	}
	return slot == SLOT_FILE;
}

static bool reads_file(int fd)
{
	return !trace_counters && control_on() && trace_file_ready() && is_file(fd);
}

static ssize_t read_from_file(int fd, void *buf, size_t n)
{
	struct trace_note note = {.call = TRACE_READ, .flags = EVENT_FILE, .asked = n};
	ssize_t got;

	note.start = trace_clock();
	got = libc()->read(fd, buf, n);
	if (got <= 0)
		return got;
	note.end = trace_clock();
	note.done = (uint64_t)got;
	note.extra = trace_hash_of(buf);
	trace_keep_file(&note);
	return got;
}

static ssize_t traced_read(int fd, void *buf, size_t n)
{
	struct trace_io io = trace_io_begin(TRACE_READ, fd, 0);

	if (!io.flow)
		return reads_file(fd) ? read_from_file(fd, buf, n) : libc()->read(fd, buf, n);
	io.extra = trace_hash_of(buf);
	return trace_io_read(&io, libc()->read(fd, buf, n), n);
}

static ssize_t traced___read_chk(int fd, void *buf, size_t n, size_t room)
{
	return n > room ? libc()->__read_chk(fd, buf, n, room) : traced_read(fd, buf, n);
}

/* The pieces can be read once the kernel has read them. */
static size_t asked_of(const struct iovec *piece, int pieces, ssize_t got)
{
	return got >= 0 ? length_of(piece, (size_t)pieces) : 0;
}

static ssize_t traced_readv(int fd, const struct iovec *piece, int pieces)
{
	struct trace_io io = trace_io_begin(TRACE_READV, fd, 0);
	ssize_t got = libc()->readv(fd, piece, pieces);

	return io.flow ? trace_io_read(&io, got, asked_of(piece, pieces, got)) : got;
}

static ssize_t traced_preadv2(
	int fd, const struct iovec *piece, int pieces, off_t offset, int flags)
{
	struct trace_io io = trace_io_begin(TRACE_READV, fd, 0);
	ssize_t got = libc()->preadv2(fd, piece, pieces, offset, flags);

	return io.flow ? trace_io_read(&io, got, asked_of(piece, pieces, got)) : got;
}

static ssize_t traced_preadv64v2(
	int fd, const struct iovec *piece, int pieces, off64_t offset, int flags)
{
	struct trace_io io = trace_io_begin(TRACE_READV, fd, 0);
	ssize_t got = libc()->preadv64v2(fd, piece, pieces, offset, flags);

	return io.flow ? trace_io_read(&io, got, asked_of(piece, pieces, got)) : got;
}

static ssize_t traced_recv(int fd, void *buf, size_t n, int flags)
{
	struct trace_io io = trace_io_begin(TRACE_RECV, fd, flags);
	ssize_t got = libc()->recv(fd, buf, n, flags);

	io.extra = trace_hash_of(buf);
	return io.flow ? trace_io_read(&io, got, n) : got;
}

static ssize_t traced___recv_chk(int fd, void *buf, size_t n, size_t room, int flags)
{
	return n > room ? libc()->__recv_chk(fd, buf, n, room, flags)
			: traced_recv(fd, buf, n, flags);
}

static ssize_t traced_recvfrom(int fd, void *restrict buf, size_t n, int flags,
	struct sockaddr *restrict from, socklen_t *restrict length)
{
	struct trace_io io = trace_io_begin(TRACE_RECVFROM, fd, flags);
	ssize_t got = libc()->recvfrom(fd, buf, n, flags, from, length);

	io.extra = trace_hash_of(buf);
	return io.flow ? trace_io_read(&io, got, n) : got;
}

static ssize_t traced___recvfrom_chk(int fd, void *buf, size_t n, size_t room, int flags,
	struct sockaddr *from, socklen_t *length)
{
	return n > room ? libc()->__recvfrom_chk(fd, buf, n, room, flags, from, length)
			: traced_recvfrom(fd, buf, n, flags, from, length);
}

static ssize_t traced_recvmsg(int fd, struct msghdr *message, int flags)
{
	struct trace_io io = trace_io_begin(TRACE_RECVMSG, fd, flags);
	ssize_t got = libc()->recvmsg(fd, message, flags);

	return io.flow ? trace_io_read(&io, got,
				 got >= 0 ? length_of(message->msg_iov, message->msg_iovlen) : 0)
		       : got;
}

static int traced_recvmmsg(
	int fd, struct mmsghdr *message, unsigned int messages, int flags, struct timespec *timeout)
{
	struct trace_io io = trace_io_begin(TRACE_RECVMMSG, fd, flags);
	int got = libc()->recvmmsg(fd, message, messages, flags, timeout);
	size_t bytes = 0, asked = 0;

	if (!io.flow)
		return got;
	for (int i = 0; i < got; i++) {
		bytes += message[i].msg_len;
		asked += length_of(message[i].msg_hdr.msg_iov, message[i].msg_hdr.msg_iovlen);
	}
	trace_io_read(&io, got < 0 ? got : (ssize_t)bytes, asked);
	return got;
}

void trace_reads_install(struct real *table)
{
	TRACE_INSTALL(table, read);
	TRACE_INSTALL(table, readv);
	TRACE_INSTALL(table, preadv2);
	TRACE_INSTALL(table, preadv64v2);
	TRACE_INSTALL(table, recv);
	TRACE_INSTALL(table, recvfrom);
	TRACE_INSTALL(table, recvmsg);
	TRACE_INSTALL(table, recvmmsg);
	TRACE_INSTALL(table, __read_chk);
	TRACE_INSTALL(table, __recv_chk);
	TRACE_INSTALL(table, __recvfrom_chk);
}
