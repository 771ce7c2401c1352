/* Hooks of the calls that write, by their names and by their numbers. What may be held goes by
 * out.c; what sends by itself is passed on. Thin: flow.c decides.
 */
#include "shim/base/memory.h"
#include "shim/export.h"
#include "shim/flow/hot.h"
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

/* ---- write and send, the hot way ---- */

/* The call as it is. */
HOT ssize_t hot_plain(int fd, const void *buf, size_t n, int flags, bool sends)
{
	return sends ? real_table.send(fd, buf, n, flags) : real_table.write(fd, buf, n);
}

/* The held form of the call, and where that is refused, its plain form. */
HOT ssize_t hot_held(struct thread *me, int fd, const void *buf, size_t n, int flags,
	struct flow *flow, uint64_t word, bool sends)
{
	const ssize_t got =
		real_table.sendto(fd, buf, n, flags | MSG_MORE, &out_nowhere, OUT_NOWHERE);

	if (__builtin_expect(got == (ssize_t)n, 1))
		hot_end_held(me, flow, fd, n, word);
	else if (got >= 0 || !out_refused())
		hot_cut(flow, fd, got, n, word, MSG_MORE);
	else
		return out_again(fd, hot_plain(fd, buf, n, flags, sends));
	return got;
}

static long plain_write(const struct out *out)
{
	return real()->write(out->fd, out->bytes.iov_base, out->bytes.iov_len);
}

/* The long way. */
static APART ssize_t write_asking(int fd, const void *buf, size_t n, struct flow *flow)
{
	static const struct out_way way = {TRACE_WRITE, plain_write};

	return out_bytes(&way, NULL, flow, fd, buf, n, 0);
}

static APART ssize_t write_one(int fd, const void *buf, size_t n, struct flow *flow)
{
	const uint64_t word = hot_word(flow);
	ssize_t got;

	if (!hot_begin_one(hot_me(), flow, word))
		return write_asking(fd, buf, n, flow);
	got = hot_plain(fd, buf, n, 0, false);
	if (__builtin_expect(got != (ssize_t)n, 0))
		hot_cut(flow, fd, got, n, word, 0);
	else
		hot_end_one(flow, word);
	return got;
}

static APART ssize_t write_many(int fd, const void *buf, size_t n, struct flow *flow)
{
	const uint64_t now = clock_now(), word = hot_word(flow);
	struct thread *me = hot_me();
	const enum hot hot = hot_begin_many(me, flow, word, now);
	ssize_t got;

	if (hot == HOT_HOLD && hot_hold(me, flow, fd, n))
		return hot_held(me, fd, buf, n, 0, flow, word, false);
	if (hot == HOT_ASK || (hot == HOT_THROUGH && !hot_may_pass(flow)))
		return write_asking(fd, buf, n, flow);
	got = hot_plain(fd, buf, n, 0, false);
	if (__builtin_expect(hot == HOT_HOLD || got != (ssize_t)n, 0))
		hot_cut(flow, fd, got, n, word, 0);
	else
		hot_end_last(me, flow, word);
	return got;
}

/* Where flow_slot() says nothing. */
static APART ssize_t write_any(int fd, const void *buf, size_t n)
{
	struct flow *flow = flow_of(fd);

	return flow ? write_asking(fd, buf, n, flow) : real()->write(fd, buf, n);
}

EXPORT ssize_t write(int fd, const void *buf, size_t n)
{
	const uintptr_t slot = flow_slot(fd);
	struct flow *flow;

	if (slot < SLOT_FLOW)
		return __builtin_expect(slot == SLOT_UNKNOWN, 0) ? write_any(fd, buf, n)
								 : real_table.write(fd, buf, n);
	flow = fdtab_flow(slot);
	if (turn_get(&flow->turn, expect) > 1)
		return write_many(fd, buf, n, flow);
	if (turn_get(&flow->turn, epoch) != thread.epoch)
		return write_one(fd, buf, n, flow);
	if (!hot_streams(flow))
		return write_asking(fd, buf, n, flow);
	return real_table.write(fd, buf, n);
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

static APART ssize_t send_asking(int fd, const void *buf, size_t n, int flags, struct flow *flow)
{
	static const struct out_way way = {TRACE_SEND, plain_send};

	return out_bytes(&way, NULL, flow, fd, buf, n, flags);
}

static APART ssize_t send_one(int fd, const void *buf, size_t n, int flags, struct flow *flow)
{
	const uint64_t word = hot_word(flow);
	ssize_t got;

	if (!hot_begin_one(hot_me(), flow, word))
		return send_asking(fd, buf, n, flags, flow);
	got = hot_plain(fd, buf, n, flags, true);
	if (__builtin_expect(got != (ssize_t)n, 0))
		hot_cut(flow, fd, got, n, word, 0);
	else
		hot_end_one(flow, word);
	return got;
}

static APART ssize_t send_many(int fd, const void *buf, size_t n, int flags, struct flow *flow)
{
	const uint64_t now = clock_now(), word = hot_word(flow);
	struct thread *me = hot_me();
	const enum hot hot = hot_begin_many(me, flow, word, now);
	ssize_t got;

	if (hot == HOT_HOLD && hot_hold(me, flow, fd, n))
		return hot_held(me, fd, buf, n, flags, flow, word, true);
	if (hot == HOT_ASK || (hot == HOT_THROUGH && !hot_may_pass(flow)))
		return send_asking(fd, buf, n, flags, flow);
	got = hot_plain(fd, buf, n, flags, true);
	if (__builtin_expect(hot == HOT_HOLD || got != (ssize_t)n, 0))
		hot_cut(flow, fd, got, n, word, 0);
	else
		hot_end_last(me, flow, word);
	return got;
}

static APART ssize_t send_any(int fd, const void *buf, size_t n, int flags)
{
	struct flow *flow = flow_of(fd);

	return flow ? send_asking(fd, buf, n, flags, flow) : real()->send(fd, buf, n, flags);
}

EXPORT ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	const uintptr_t slot = flow_slot(fd);
	struct flow *flow;

	if (slot < SLOT_FLOW)
		return __builtin_expect(slot == SLOT_UNKNOWN, 0)
			       ? send_any(fd, buf, n, flags)
			       : real_table.send(fd, buf, n, flags);
	flow = fdtab_flow(slot);
	if (flags & FLAGS_OF_ITS_OWN)
		return send_asking(fd, buf, n, flags, flow);
	if (turn_get(&flow->turn, expect) > 1)
		return send_many(fd, buf, n, flags, flow);
	if (turn_get(&flow->turn, epoch) != thread.epoch)
		return send_one(fd, buf, n, flags, flow);
	if (!hot_streams(flow))
		return send_asking(fd, buf, n, flags, flow);
	return real_table.send(fd, buf, n, flags);
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
