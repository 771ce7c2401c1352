/* Hooks of the calls that write in pieces and in messages, by their names and by their numbers.
 * What may be held goes by out.c. Thin.
 */
#include <limits.h>

#include "shim/base/memory.h"
#include "shim/base/message.h"
#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/hook/out.h"
#include "shim/hook/pass.h"
#include "shim/settle/settle.h"

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
	static const struct out_way way = {TRACE_WRITEV, out_raw};
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
		.pieces = as_pieces(message_pieces(message)),
		.message = message});
}

/* Messages with control data or an address of their own are passed on as they are. */
static bool can_be_held(const struct msghdr *message)
{
	return memory_readable(message, sizeof(*message)) && message_room(message) == 0 &&
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
	if (call->recorded && got > 0 && message_pieces(message) == 1)
		call_at(call, message->msg_iov->iov_base);
	return pass_end(call, got,
		got > 0 && call->recorded ? pieces_length(message->msg_iov, message_pieces(message))
					  : 0);
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

#ifdef __i386__
static long plain_sendmsg64(const struct out *out)
{
	return real()->__sendmsg64(out->fd, out->message, out->flags);
}

EXPORT ssize_t __sendmsg64(int fd, const struct msghdr *message, int flags)
{
	static const struct out_way way = {TRACE_SENDMSG, plain_sendmsg64};
	struct flow *flow = flow_of(fd);
	struct call call;

	if (flow && can_be_held(message))
		return out_message(&way, NULL, flow, fd, message, flags);
	message_begin(&call, flow, fd, message, flags);
	return message_end(&call, real()->__sendmsg64(fd, message, flags), message);
}
#endif

long raw_sendmsg(const struct raw *raw)
{
	static const struct out_way way = {TRACE_SENDMSG, out_raw};
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

#ifdef __i386__
EXPORT int __sendmmsg64(int fd, struct mmsghdr *message, unsigned int messages, int flags)
{
	struct call call;

	messages_begin(&call, fd, message, messages, flags);
	return messages_end(&call, message, real()->__sendmmsg64(fd, message, messages, flags));
}
#endif

long raw_sendmmsg(const struct raw *raw)
{
	const struct mmsghdr *message = (const struct mmsghdr *)raw->a[1];
	struct call call;

	messages_begin(&call, (int)raw->a[0], message, (unsigned)raw->a[2], (int)raw->a[3]);
	return messages_end(&call, message, (int)raw_call(raw));
}
