/* Hooks of the calls that read, by their names and by their numbers: a read is a wait, and ends the
 * thread's turns. Thin: flow/wait.c decides.
 */
#include "shim/base/message.h"
#include "shim/export.h"
#include "shim/flow/hot.h"
#include "shim/hook/raw.h"
#include "shim/record/call.h"

struct reading {
	struct call call;
	bool tell; /* flow_read_end() is to hear of it */
};

/* flow: of fd. What is none of ours may be a wait, too. */
static void read_begins(struct reading *reading, struct flow *flow, int fd, int flags)
{
	reading->tell = flow && flow_read_begin(flow, fd, flags);
	if (!flow && !(flags & MSG_DONTWAIT))
		flow_read_other(fd);
}

static void read_begin(struct reading *reading, unsigned what, int fd, int flags, void *buf)
{
	struct flow *flow = flow_of(fd);

	read_begins(reading, flow, fd, flags);
	call_begin(&reading->call, what, flow, fd, flags);
	call_at(&reading->call, buf);
}

static ssize_t tell(const struct reading *reading, ssize_t got)
{
	if (reading->tell)
		flow_read_end(reading->call.flow, reading->call.fd, reading->call.flags, got);
	return got;
}

/* n: the room that it had. */
static ssize_t read_end(const struct reading *reading, ssize_t got, size_t n)
{
	call_end_read(&reading->call, got, n);
	return tell(reading, got);
}

static ssize_t readv_end(
	const struct reading *reading, ssize_t got, const struct iovec *piece, size_t pieces)
{
	call_end_readv(&reading->call, got, piece, pieces);
	return tell(reading, got);
}

/* ---- read ---- */

static void file_or_flow(struct reading *reading, int fd, void *buf)
{
	struct flow *flow = flow_of(fd);

	read_begins(reading, flow, fd, 0);
	call_begin_read(&reading->call, flow, fd);
	call_at(&reading->call, buf);
}

static APART ssize_t any_read(int fd, void *buf, size_t n)
{
	struct reading reading;

	file_or_flow(&reading, fd, buf);
	return read_end(&reading, real()->read(fd, buf, n), n);
}

/* Whether the call itself is all that is left to do. */
HOT bool is_plain(int fd)
{
	const uintptr_t slot = flow_slot(fd);

	if (slot >= SLOT_FLOW)
		return hot_reads(fdtab_flow(slot));
	return slot != SLOT_UNKNOWN && hot_reads_other(slot);
}

EXPORT ssize_t read(int fd, void *buf, size_t n)
{
	return is_plain(fd) ? real_table.read(fd, buf, n) : any_read(fd, buf, n);
}

/* Too little room ends the program; libc is to say so, at once. */
EXPORT ssize_t __read_chk(int fd, void *buf, size_t n, size_t room)
{
	return n > room ? real()->__read_chk(fd, buf, n, room) : any_read(fd, buf, n);
}

long raw_read(const struct raw *raw)
{
	struct reading reading;

	file_or_flow(&reading, (int)raw->a[0], (void *)raw->a[1]);
	return read_end(&reading, raw_call(raw), (size_t)raw->a[2]);
}

/* ---- pieces ---- */

EXPORT ssize_t readv(int fd, const struct iovec *piece, int pieces)
{
	struct reading reading;

	read_begin(&reading, TRACE_READV, fd, 0, NULL);
	return readv_end(&reading, real()->readv(fd, piece, pieces), piece, (size_t)pieces);
}

long raw_readv(const struct raw *raw)
{
	struct reading reading;

	read_begin(&reading, TRACE_READV, (int)raw->a[0], 0, NULL);
	return readv_end(
		&reading, raw_call(raw), (const struct iovec *)raw->a[1], (size_t)raw->a[2]);
}

/* On a socket only an offset of -1 is no error. */
EXPORT ssize_t preadv2(int fd, const struct iovec *piece, int pieces, off_t offset, int flags)
{
	struct reading reading;

	if (offset != -1)
		return real()->preadv2(fd, piece, pieces, offset, flags);
	read_begin(&reading, TRACE_READV, fd, 0, NULL);
	return readv_end(
		&reading, real()->preadv2(fd, piece, pieces, offset, flags), piece, (size_t)pieces);
}

EXPORT ssize_t preadv64v2(int fd, const struct iovec *piece, int pieces, off64_t offset, int flags)
{
	struct reading reading;

	if (offset != -1)
		return real()->preadv64v2(fd, piece, pieces, offset, flags);
	read_begin(&reading, TRACE_READV, fd, 0, NULL);
	return readv_end(&reading, real()->preadv64v2(fd, piece, pieces, offset, flags), piece,
		(size_t)pieces);
}

/* Both halves of the offset are one long here. */
long raw_preadv2(const struct raw *raw)
{
	return raw->a[3] == -1 ? raw_readv(raw) : raw_call(raw);
}

/* ---- sockets ---- */

static APART ssize_t any_recv(int fd, void *buf, size_t n, int flags)
{
	struct reading reading;

	read_begin(&reading, TRACE_RECV, fd, flags, buf);
	return read_end(&reading, real()->recv(fd, buf, n, flags), n);
}

EXPORT ssize_t recv(int fd, void *buf, size_t n, int flags)
{
	return flags == 0 && is_plain(fd) ? real_table.recv(fd, buf, n, flags)
					  : any_recv(fd, buf, n, flags);
}

EXPORT ssize_t __recv_chk(int fd, void *buf, size_t n, size_t room, int flags)
{
	return n > room ? real()->__recv_chk(fd, buf, n, room, flags) : any_recv(fd, buf, n, flags);
}

static ssize_t recvfrom_plain(
	int fd, void *buf, size_t n, int flags, struct sockaddr *from, socklen_t *length)
{
	struct reading reading;

	read_begin(&reading, TRACE_RECVFROM, fd, flags, buf);
	return read_end(&reading, real()->recvfrom(fd, buf, n, flags, from, length), n);
}

EXPORT ssize_t recvfrom(int fd, void *restrict buf, size_t n, int flags,
	struct sockaddr *restrict from, socklen_t *restrict length)
{
	return recvfrom_plain(fd, buf, n, flags, from, length);
}

EXPORT ssize_t __recvfrom_chk(int fd, void *buf, size_t n, size_t room, int flags,
	struct sockaddr *from, socklen_t *length)
{
	return n > room ? real()->__recvfrom_chk(fd, buf, n, room, flags, from, length)
			: recvfrom_plain(fd, buf, n, flags, from, length);
}

long raw_recvfrom(const struct raw *raw)
{
	struct reading reading;

	read_begin(&reading, TRACE_RECVFROM, (int)raw->a[0], (int)raw->a[3], (void *)raw->a[1]);
	return read_end(&reading, raw_call(raw), (size_t)raw->a[2]);
}

/* ---- messages ---- */

static ssize_t message_end(const struct reading *reading, ssize_t got, struct msghdr *message)
{
	if (got >= 0) {
		call_end_readv(&reading->call, got, message->msg_iov, message_pieces(message));
		flow_message_arrived(message);
	} else
		call_end_read(&reading->call, got, 0);
	return tell(reading, got);
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	struct reading reading;

	read_begin(&reading, TRACE_RECVMSG, fd, flags, NULL);
	return message_end(&reading, real()->recvmsg(fd, message, flags), message);
}

#ifdef __i386__
EXPORT ssize_t __recvmsg64(int fd, struct msghdr *message, int flags)
{
	struct reading reading;

	read_begin(&reading, TRACE_RECVMSG, fd, flags, NULL);
	return message_end(&reading, real()->__recvmsg64(fd, message, flags), message);
}
#endif

long raw_recvmsg(const struct raw *raw)
{
	struct reading reading;

	read_begin(&reading, TRACE_RECVMSG, (int)raw->a[0], (int)raw->a[2], NULL);
	return message_end(&reading, raw_call(raw), (struct msghdr *)raw->a[1]);
}

/* For the recording it is one read of all bytes. */
static int messages_end(const struct reading *reading, int got, struct mmsghdr *message)
{
	size_t bytes = 0, asked = 0;

	for (int i = 0; i < got; i++) {
		const struct msghdr *one = &message[i].msg_hdr;

		bytes += message[i].msg_len;
		if (reading->call.recorded)
			asked += pieces_length(one->msg_iov, message_pieces(one));
	}
	call_end_read(&reading->call, got < 0 ? got : (ssize_t)bytes, asked);
	for (int i = 0; i < got; i++)
		flow_message_arrived(&message[i].msg_hdr);
	return (int)tell(reading, got);
}

EXPORT int recvmmsg(
	int fd, struct mmsghdr *message, unsigned int messages, int flags, struct timespec *timeout)
{
	struct reading reading;

	read_begin(&reading, TRACE_RECVMMSG, fd, flags, NULL);
	return messages_end(
		&reading, real()->recvmmsg(fd, message, messages, flags, timeout), message);
}

#ifdef __i386__
EXPORT int __recvmmsg64(
	int fd, struct mmsghdr *message, unsigned int messages, int flags, void *timeout)
{
	struct reading reading;

	read_begin(&reading, TRACE_RECVMMSG, fd, flags, NULL);
	return messages_end(
		&reading, real()->__recvmmsg64(fd, message, messages, flags, timeout), message);
}
#endif

long raw_recvmmsg(const struct raw *raw)
{
	struct reading reading;

	read_begin(&reading, TRACE_RECVMMSG, (int)raw->a[0], (int)raw->a[3], NULL);
	return messages_end(&reading, (int)raw_call(raw), (struct mmsghdr *)raw->a[1]);
}
