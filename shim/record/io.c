/* What a read or a write on a flow comes to: its event, the counts of its connection, and, at
 * suspicious moments only, a question to the kernel.
 *
 * Must not change what the program sees: errno and the result pass through. */
#include "shim/record/io.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include "shim/base/kernel.h"
#include "shim/record/ask.h"
#include "rules/option.h"

#define LONG_READ                                                                                  \
	150000000u	/* ns, from which on a read was held up by more than a peer's thinking */
#define MSS	   1448 /* where the kernel did not tell */
#define EVENTS_OWN (EVENT_MORE | EVENT_CORK)

static void count(_Atomic uint64_t *calls, _Atomic uint64_t *bytes, ssize_t got)
{
	atomic_fetch_add_explicit(calls, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(bytes, (uint64_t)got, memory_order_relaxed);
}

/* All that is left to do where no events are kept. */
static ssize_t counted(const struct trace_io *io, ssize_t got)
{
	trace_count(io->call, got < 0);
	return got;
}

static void probe_after(const struct trace_io *io)
{
	struct trace_tcp tcp;

	if (trace_tcp_take(io->fd, &tcp))
		trace_probe(io->flow, &tcp);
}

static unsigned flags_of(const struct trace_io *io)
{
	return flow_is(io->flow, FLOW_NONBLOCK) || io->flags & MSG_DONTWAIT ? EVENT_NONBLOCK : 0;
}

/* flow: the number of its connection. */
static void add(const struct trace_io *io, uint32_t flow, unsigned flags, int error, uint64_t asked,
	uint64_t done, uint64_t end)
{
	struct trace_note note = {.call = io->call,
		.flags = (uint8_t)flags,
		.extra = io->extra,
		.error = error,
		.flow = flow,
		.start = io->start,
		.end = end,
		.asked = asked,
		.done = done};

	trace_add(&note);
}

void trace_io_lasts(struct trace_io *io)
{
	const struct flow_trace *trace = trace_of(io->flow);

	if (atomic_load_explicit(&trace->id, memory_order_acquire) !=
		atomic_load_explicit(&trace_self->id, memory_order_relaxed))
		return;
	io->number = trace->number;
	trace_waits(io->call, io->number, 0, io->start);
}

/* What is left to tell of a call whose flow ended under it. */
static void add_over(
	const struct trace_io *io, int error, uint64_t asked, ssize_t got, uint64_t end)
{
	if (io->number)
		add(io, io->number, 0, error, asked, got > 0 ? (uint64_t)got : 0, end);
}

/* What of the program's own still keeps back what it wrote last: a cork that it has taken off since
 * keeps nothing, and what is late then is not its doing. */
static unsigned kept_by(const struct flow *flow)
{
	const unsigned more = atomic_load_explicit(&trace_of(flow)->more, memory_order_relaxed);

	return flow_is(flow, FLOW_OWN_CORK) ? more : more & EVENT_MORE;
}

/* In the turn that this read ends the kernel, or the program (kept: as kept_by() says it), held
 * bytes back: when did they leave? */
static bool was_held(const struct flow *flow, unsigned kept)
{
	struct flow_trace *trace = trace_of(flow);

	if (atomic_load_explicit(&trace->more, memory_order_relaxed))
		atomic_store_explicit(&trace->more, 0, memory_order_relaxed);
	if (!atomic_load_explicit(&trace->proven, memory_order_relaxed))
		return kept;
	atomic_store_explicit(&trace->proven, false, memory_order_relaxed);
	return true;
}

ssize_t trace_io_read(const struct trace_io *io, ssize_t got, size_t asked)
{
	int error = got < 0 ? errno : 0;
	uint64_t end = trace_clock();
	struct trace_connection *connection;
	unsigned kept;

	if (trace_io_is_over(io)) {
		add_over(io, error, asked, got, end);
		return got;
	}
	connection = trace_enter(io->flow, io->fd);
	if (!connection)
		return got;
	if (got > 0) {
		if (!(io->flags & MSG_PEEK))
			count(&connection->reads, &connection->bytes_read, got);
		if (trace_of(io->flow)->connecting)
			trace_may_be_connected(io->flow, io->fd, true, 0);
	}
	if (trace_counters)
		return counted(io, got);
	if (got > 0)
		atomic_store_explicit(&trace_of(io->flow)->writes, 0, memory_order_relaxed);
	kept = kept_by(io->flow);
	add(io, trace_of(io->flow)->number, flags_of(io) | (kept & EVENT_CORK), error, asked,
		got > 0 ? (size_t)got : 0, end);
	if (got > 0 && (was_held(io->flow, kept) || end - io->start >= LONG_READ))
		probe_after(io);
	return got;
}

/* ---- the proof ---- */

/* Neither window is what holds the bytes back. Before Linux 5.4 the peer's is not told. */
static bool windows_are_open(int fd, uint32_t outstanding)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof(info);

	if (kernel_call(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0 ||
		info.tcpi_unacked >= info.tcpi_snd_cwnd)
		return false;
	return length < offsetof(struct tcp_info, tcpi_snd_wnd) + sizeof(info.tcpi_snd_wnd) ||
	       info.tcpi_snd_wnd >= outstanding;
}

static bool nagle_holds(int fd)
{
	uint32_t unsent = trace_queued(fd, SIOCOUTQNSD), outstanding;
	int nodelay = 1;
	socklen_t length = sizeof(nodelay);

	if (!unsent)
		return false;
	outstanding = trace_queued(fd, SIOCOUTQ);
	if (outstanding <= unsent || !windows_are_open(fd, outstanding))
		return false;
	return kernel_call(SYS_getsockopt, fd, IPPROTO_TCP, TCP_NODELAY, &nodelay, &length) == 0 &&
	       !nodelay;
}

/* A turn's second to eighth write, and then ever more rarely: a stream must not pay for it. */
static bool is_worth_asking(uint32_t writes)
{
	return writes >= 2 && (writes <= 8 || (writes & (writes - 1)) == 0);
}

static bool is_nodelay(const struct flow *flow)
{
	return trace_of(flow)->nodelay ||
	       (!flow_is(flow, FLOW_BARE) &&
		       atomic_load_explicit(&flow->ours, memory_order_relaxed) &
			       OPTION_BIT(OPTION_TCP_NODELAY));
}

/* What keeps these bytes back: we, or the program. Its own MSG_MORE ends our holding on that flow,
 * so it is one or the other. */
static unsigned keeper_of(const struct trace_io *io)
{
	if (!(io->flags & MSG_MORE))
		return flow_is(io->flow, FLOW_OWN_CORK) ? EVENT_CORK : 0;
	return flow_holder(io->flow) ? EVENT_HELD : EVENT_MORE;
}

/* flags: of its event, so far. */
static bool prove(const struct trace_io *io, struct trace_connection *connection, unsigned flags,
	size_t asked)
{
	struct flow *flow = io->flow;
	uint32_t writes =
		atomic_fetch_add_explicit(&trace_of(flow)->writes, 1, memory_order_relaxed);
	uint32_t mss = connection->at_connect.snd_mss;

	if (!is_worth_asking(writes + 1) || asked >= (mss ? mss : MSS) || trace_of(flow)->proven ||
		is_nodelay(flow) || flags & (EVENT_HELD | EVENTS_OWN) || !nagle_holds(io->fd))
		return false;
	trace_of(flow)->proven = true;
	atomic_fetch_add(&connection->proven, 1);
	return true;
}

static unsigned arm_of(const struct flow *flow)
{
	if (!flow_is(flow, FLOW_PROVE))
		return 0;
	return flow_is(flow, FLOW_BARE) ? EVENT_BARE : EVENT_MENDED;
}

ssize_t trace_io_write(const struct trace_io *io, ssize_t got, size_t asked)
{
	int error = got < 0 ? errno : 0;
	uint64_t end = trace_clock();
	struct trace_connection *connection;
	unsigned flags;

	if (trace_io_is_over(io)) {
		add_over(io, error, asked, got, end);
		return got;
	}
	connection = trace_enter(io->flow, io->fd);
	if (!connection)
		return got;
	if (got > 0) {
		count(&connection->writes, &connection->bytes_written, got);
		if (trace_of(io->flow)->connecting)
			trace_may_be_connected(io->flow, io->fd, true, 0);
	}
	if (trace_counters)
		return counted(io, got);
	/* Said in a run without rules, too: no rule will join there. */
	if (io->flags & (MSG_OOB | MSG_ZEROCOPY) && !connection->given_up)
		connection->given_up = GIVEN_UP_MORE;
	flags = flags_of(io) | keeper_of(io) | arm_of(io->flow);
	if (got > 0 && prove(io, connection, flags, asked))
		flags |= EVENT_PROVEN;
	if (got > 0 && (flags & EVENTS_OWN || trace_of(io->flow)->more))
		atomic_store_explicit(&trace_of(io->flow)->more, (uint8_t)(flags & EVENTS_OWN),
			memory_order_relaxed);
	add(io, trace_of(io->flow)->number, flags, error, asked, got > 0 ? (size_t)got : 0, end);
	return got;
}

void trace_io_other(const struct trace_io *io, int result, uint64_t asked, uint64_t done)
{
	const int error = result < 0 ? errno : 0;
	const uint64_t end = trace_clock();

	if (trace_io_is_over(io))
		add_over(io, error, asked, (ssize_t)done, end);
	else
		add(io, trace_number(io->flow, io->fd), 0, error, asked, done, end);
}
