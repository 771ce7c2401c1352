/* Hooks of the calls that write, by their names and by their numbers. What may be held goes by
 * out.c; what sends by itself is passed on. Thin: flow.c decides.
 */
#include "shim/base/memory.h"
#include "shim/export.h"
#include "shim/hook/out.h"
#include "shim/hook/pass.h"
#include "shim/settle/settle.h"

#include <limits.h>

static long plain_raw(const struct out *out)
{
	return raw_call(out->raw);
}

/* ---- bytes ---- */

static long out_bytes(const struct out_way *way, const struct raw *raw, struct flow *flow, int fd,
	const void *buf, size_t n, int flags)
{
	struct out out = {.way = way,
		.raw = raw,
		.flow = flow,
		.fd = fd,
		.flags = flags,
		.piece = &out.bytes,
		.pieces = 1,
		.in_bytes = true,
		.bytes = {(void *)(uintptr_t)buf, n}};

	return out_send(&out);
}

static long raw_bytes(const struct out_way *way, const struct raw *raw, int flags)
{
	struct flow *flow = flow_of((int)raw->a[0]);

	return flow ? out_bytes(way, raw, flow, (int)raw->a[0], (const void *)raw->a[1],
			      (size_t)raw->a[2], flags)
		    : raw_call(raw);
}

static long plain_write(const struct out *out)
{
	return real()->write(out->fd, out->bytes.iov_base, out->bytes.iov_len);
}

EXPORT ssize_t write(int fd, const void *buf, size_t n)
{
	static const struct out_way way = {TRACE_WRITE, plain_write};
	struct flow *flow = flow_of(fd);

	return flow ? out_bytes(&way, NULL, flow, fd, buf, n, 0) : real()->write(fd, buf, n);
}

long raw_write(const struct raw *raw)
{
	static const struct out_way way = {TRACE_WRITE, plain_raw};

	return raw_bytes(&way, raw, 0);
}

static long plain_send(const struct out *out)
{
	return real()->send(out->fd, out->bytes.iov_base, out->bytes.iov_len, out->flags);
}

EXPORT ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	static const struct out_way way = {TRACE_SEND, plain_send};
	struct flow *flow = flow_of(fd);

	return flow ? out_bytes(&way, NULL, flow, fd, buf, n, flags)
		    : real()->send(fd, buf, n, flags);
}

/* An address on a connected TCP socket says nothing (tcp(7)), but with MSG_FASTOPEN; on any other
 * it is not ours to hold. */
static void sending_to(struct call *call, struct flow *flow, int fd, const void *buf, int flags,
	const struct sockaddr *to, socklen_t length)
{
	if (flow && flags & MSG_FASTOPEN)
		settle_client(flow, fd, to, length);
	pass_begin(call, TRACE_SENDTO, flow, fd, flags);
	call_at(call, buf);
}

EXPORT ssize_t sendto(
	int fd, const void *buf, size_t n, int flags, const struct sockaddr *to, socklen_t length)
{
	static const struct out_way way = {TRACE_SENDTO, plain_send};
	struct flow *flow = flow_of(fd);
	struct call call;

	if (!flow)
		return real()->sendto(fd, buf, n, flags, to, length);
	if (!to && length == 0)
		return out_bytes(&way, NULL, flow, fd, buf, n, flags);
	sending_to(&call, flow, fd, buf, flags, to, length);
	return pass_end(&call, real()->sendto(fd, buf, n, flags, to, length), n);
}

long raw_sendto(const struct raw *raw)
{
	static const struct out_way way = {TRACE_SENDTO, plain_raw};
	struct call call;

	if (!raw->a[4] && raw->a[5] == 0)
		return raw_bytes(&way, raw, (int)raw->a[3]);
	sending_to(&call, flow_of((int)raw->a[0]), (int)raw->a[0], (const void *)raw->a[1],
		(int)raw->a[3], (const struct sockaddr *)raw->a[4], (socklen_t)raw->a[5]);
	return pass_end(&call, raw_call(raw), (size_t)raw->a[2]);
}

/* ---- pieces ---- */

/* As an int, as writev() has them: more than there can be stay more. */
static int as_pieces(size_t pieces)
{
	return pieces <= IOV_MAX ? (int)pieces : IOV_MAX + 1;
}

static long out_pieces(const struct out_way *way, const struct raw *raw, struct flow *flow, int fd,
	const struct iovec *piece, int pieces)
{
	return out_send(&(struct out){
		.way = way, .raw = raw, .flow = flow, .fd = fd, .piece = piece, .pieces = pieces});
}

static long plain_writev(const struct out *out)
{
	return real()->writev(out->fd, out->piece, out->pieces);
}

EXPORT ssize_t writev(int fd, const struct iovec *piece, int pieces)
{
	static const struct out_way way = {TRACE_WRITEV, plain_writev};
	struct flow *flow = flow_of(fd);

	return flow ? out_pieces(&way, NULL, flow, fd, piece, pieces)
		    : real()->writev(fd, piece, pieces);
}

long raw_writev(const struct raw *raw)
{
	static const struct out_way way = {TRACE_WRITEV, plain_raw};
	struct flow *flow = flow_of((int)raw->a[0]);

	return flow ? out_pieces(&way, raw, flow, (int)raw->a[0], (const struct iovec *)raw->a[1],
			      as_pieces((size_t)raw->a[2]))
		    : raw_call(raw);
}

/* ---- messages ---- */

static long out_message(const struct out_way *way, const struct raw *raw, struct flow *flow, int fd,
	const struct msghdr *message, int flags)
{
	return out_send(&(struct out){.way = way,
		.raw = raw,
		.flow = flow,
		.fd = fd,
		.flags = flags,
		.piece = message->msg_iov,
		.pieces = as_pieces(message->msg_iovlen),
		.message = message});
}

/* Messages with control data or an address of their own are passed on as they are. */
static bool can_be_held(const struct msghdr *message)
{
	return memory_readable(message, sizeof(*message)) && message->msg_controllen == 0 &&
	       message->msg_namelen == 0;
}

/* What cannot be held. flow: NULL where fd is none of ours; then its descriptors are looked at. */
static void message_begin(
	struct call *call, struct flow *flow, int fd, const struct msghdr *message, int flags)
{
	if (!flow)
		flow_message_leaving(fd, message);
	else if (flags & MSG_FASTOPEN)
		settle_client_message(flow, fd, message);
	pass_begin(call, TRACE_SENDMSG, flow, fd, flags);
}

static ssize_t message_end(struct call *call, ssize_t got, const struct msghdr *message)
{
	if (!call->flow && got >= 0)
		flow_message_left(call->fd, message);
	if (call->recorded && got > 0 && message->msg_iovlen == 1)
		call_at(call, message->msg_iov->iov_base);
	return pass_end(call, got,
		got > 0 && call->recorded ? call_length(message->msg_iov, message->msg_iovlen) : 0);
}

static long plain_sendmsg(const struct out *out)
{
	return real()->sendmsg(out->fd, out->message, out->flags);
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	static const struct out_way way = {TRACE_SENDMSG, plain_sendmsg};
	struct flow *flow = flow_of(fd);
	struct call call;

	if (flow && can_be_held(message))
		return out_message(&way, NULL, flow, fd, message, flags);
	message_begin(&call, flow, fd, message, flags);
	return message_end(&call, real()->sendmsg(fd, message, flags), message);
}

long raw_sendmsg(const struct raw *raw)
{
	static const struct out_way way = {TRACE_SENDMSG, plain_raw};
	const struct msghdr *message = (const struct msghdr *)raw->a[1];
	const int fd = (int)raw->a[0], flags = (int)raw->a[2];
	struct flow *flow = flow_of(fd);
	struct call call;

	if (flow && can_be_held(message))
		return out_message(&way, raw, flow, fd, message, flags);
	message_begin(&call, flow, fd, message, flags);
	return message_end(&call, raw_call(raw), message);
}

static void messages_begin(
	struct call *call, int fd, const struct mmsghdr *message, unsigned messages, int flags)
{
	struct flow *flow = flow_of(fd);

	if (!flow)
		flow_messages_leaving(fd, message, messages);
	pass_begin(call, TRACE_SENDMMSG, flow, fd, flags);
}

/* For the recording it is one write of all bytes, for the turn one of so many messages. */
static int messages_end(const struct call *call, const struct mmsghdr *message, int sent)
{
	size_t bytes = 0;

	if (!call->flow)
		flow_messages_left(call->fd, message, sent);
	for (int i = 0; i < sent && call->recorded; i++)
		bytes += message[i].msg_len;
	call_end_write(call, sent < 0 ? sent : (ssize_t)bytes, bytes);
	flow_pass_end(call->flow, call->fd, sent);
	return sent;
}

EXPORT int sendmmsg(int fd, struct mmsghdr *message, unsigned int messages, int flags)
{
	struct call call;

	messages_begin(&call, fd, message, messages, flags);
	return messages_end(&call, message, real()->sendmmsg(fd, message, messages, flags));
}

long raw_sendmmsg(const struct raw *raw)
{
	const struct mmsghdr *message = (const struct mmsghdr *)raw->a[1];
	struct call call;

	messages_begin(&call, (int)raw->a[0], message, (unsigned)raw->a[2], (int)raw->a[3]);
	return messages_end(&call, message, (int)raw_call(raw));
}

/* ---- what sends by itself ---- */

/* On a socket only an offset of -1 is no error. */
static void begin_at(struct call *call, int fd, off64_t offset)
{
	pass_begin(call, TRACE_WRITEV, offset == -1 ? flow_of(fd) : NULL, fd, 0);
}

static ssize_t end_at(
	const struct call *call, ssize_t got, const struct iovec *piece, size_t pieces)
{
	return pass_end(call, got, got > 0 && call->recorded ? call_length(piece, pieces) : 0);
}

EXPORT ssize_t pwritev2(int fd, const struct iovec *piece, int pieces, off_t offset, int flags)
{
	struct call call;

	begin_at(&call, fd, offset);
	return end_at(
		&call, real()->pwritev2(fd, piece, pieces, offset, flags), piece, (size_t)pieces);
}

EXPORT ssize_t pwritev64v2(int fd, const struct iovec *piece, int pieces, off64_t offset, int flags)
{
	struct call call;

	begin_at(&call, fd, offset);
	return end_at(&call, real()->pwritev64v2(fd, piece, pieces, offset, flags), piece,
		(size_t)pieces);
}

/* Both halves of the offset are one long here. */
long raw_pwritev2(const struct raw *raw)
{
	struct call call;

	begin_at(&call, (int)raw->a[0], raw->a[3]);
	return end_at(&call, raw_call(raw), (const struct iovec *)raw->a[1], (size_t)raw->a[2]);
}

EXPORT ssize_t sendfile(int to, int from, off_t *offset, size_t n)
{
	struct call call;

	pass_begin(&call, TRACE_SENDFILE, flow_of(to), to, 0);
	return pass_end(&call, real()->sendfile(to, from, offset, n), n);
}

EXPORT ssize_t sendfile64(int to, int from, off64_t *offset, size_t n)
{
	struct call call;

	pass_begin(&call, TRACE_SENDFILE, flow_of(to), to, 0);
	return pass_end(&call, real()->sendfile64(to, from, offset, n), n);
}

long raw_sendfile(const struct raw *raw)
{
	struct call call;

	pass_begin(&call, TRACE_SENDFILE, flow_of((int)raw->a[0]), (int)raw->a[0], 0);
	return pass_end(&call, raw_call(raw), (size_t)raw->a[3]);
}

/* From a flow, it reads it. */
struct splicing {
	struct call in, out;
};

static void splice_begin(struct splicing *splicing, int from, int to)
{
	flow_read_other(from);
	pass_begin(&splicing->out, TRACE_SPLICE, flow_of(to), to, 0);
	call_begin(&splicing->in, TRACE_READ, call_flow_of(from), from, 0);
}

static ssize_t splice_end(const struct splicing *splicing, ssize_t got, size_t n)
{
	call_end_read(&splicing->in, got, n);
	return pass_end(&splicing->out, got, n);
}

EXPORT ssize_t splice(
	int from, off64_t *from_offset, int to, off64_t *to_offset, size_t n, unsigned int flags)
{
	struct splicing splicing;

	splice_begin(&splicing, from, to);
	return splice_end(&splicing, real()->splice(from, from_offset, to, to_offset, n, flags), n);
}

long raw_splice(const struct raw *raw)
{
	struct splicing splicing;

	splice_begin(&splicing, (int)raw->a[0], (int)raw->a[2]);
	return splice_end(&splicing, raw_call(raw), (size_t)raw->a[4]);
}
