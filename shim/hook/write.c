/* Hooks of the calls that write bytes, by their names and by their numbers: write() and send() the
 * hot way, all of them by out.c where anything is special. Thin: flow.c decides.
 */
#include "shim/export.h"
#include "shim/flow/hot.h"
#include "shim/hook/out.h"
#include "shim/hook/pass.h"
#include "shim/settle/settle.h"

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
	if (__builtin_expect(got <= 0 || got != (ssize_t)n, 0))
		hot_cut(flow, fd, got, n, word, 0);
	return got;
}

static APART ssize_t write_many(int fd, const void *buf, size_t n, struct flow *flow)
{
	const uint64_t now = clock_now(), word = hot_word(flow);
	struct thread *me = hot_me();
	const enum hot hot = hot_begin_many(me, flow, word, now);
	uint64_t held;
	ssize_t got;

	if (hot == HOT_HOLD && hot_length(n) && hot_hold(me, flow, fd, now))
		return hot_held(me, fd, buf, n, 0, flow, word, false);
	if (hot == HOT_ASK || (hot == HOT_THROUGH && !hot_may_pass(flow)))
		return write_asking(fd, buf, n, flow);
	held = atomic_load_explicit(&flow->held, memory_order_relaxed);
	got = hot_plain(fd, buf, n, 0, false);
	if (__builtin_expect(hot == HOT_HOLD || got <= 0 || got != (ssize_t)n, 0))
		hot_cut(flow, fd, got, n, word, 0);
	else
		hot_end_last(me, flow, held);
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
	static const struct out_way way = {TRACE_WRITE, out_raw};

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
	if (__builtin_expect(got <= 0 || got != (ssize_t)n, 0))
		hot_cut(flow, fd, got, n, word, 0);
	return got;
}

static APART ssize_t send_many(int fd, const void *buf, size_t n, int flags, struct flow *flow)
{
	const uint64_t now = clock_now(), word = hot_word(flow);
	struct thread *me = hot_me();
	const enum hot hot = hot_begin_many(me, flow, word, now);
	uint64_t held;
	ssize_t got;

	if (hot == HOT_HOLD && hot_length(n) && hot_hold(me, flow, fd, now))
		return hot_held(me, fd, buf, n, flags, flow, word, true);
	if (hot == HOT_ASK || (hot == HOT_THROUGH && !hot_may_pass(flow)))
		return send_asking(fd, buf, n, flags, flow);
	held = atomic_load_explicit(&flow->held, memory_order_relaxed);
	got = hot_plain(fd, buf, n, flags, true);
	if (__builtin_expect(hot == HOT_HOLD || got <= 0 || got != (ssize_t)n, 0))
		hot_cut(flow, fd, got, n, word, 0);
	else
		hot_end_last(me, flow, held);
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
	static const struct out_way way = {TRACE_SENDTO, out_raw};
	struct call call;

	if (!raw->a[4] && raw->a[5] == 0)
		return raw_bytes(&way, raw, (int)raw->a[3]);
	sending_to(&call, flow_of((int)raw->a[0]), (int)raw->a[0], (const void *)raw->a[1],
		(int)raw->a[3], (const struct sockaddr *)raw->a[4], (socklen_t)raw->a[5]);
	return pass_end(&call, raw_call(raw), (size_t)raw->a[2]);
}
