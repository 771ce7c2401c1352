/* What a call on a flow comes to: its event, the counts of its connection, and, at suspicious
 * moments only, a question to the kernel.
 *
 * Must not change what the program sees: errno is kept. */
#include "shim/record/call.h"

#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "shim/base/kernel.h"
#include "shim/record/ask.h"
#include "rules/option.h"

#define EVENTS_OWN (EVENT_MORE | EVENT_CORK)

static void count(_Atomic uint64_t *calls, _Atomic uint64_t *bytes, ssize_t got)
{
	atomic_fetch_add_explicit(calls, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(bytes, (uint64_t)got, memory_order_relaxed);
}

/* All that is left to do where no events are kept. */
static void counted(const struct call *call, ssize_t got)
{
	trace_count(call->what, got < 0);
}

static void probe_after(const struct call *call)
{
	struct trace_tcp tcp;

	if (trace_tcp_take(call->fd, &tcp))
		trace_probe(call->flow, &tcp);
}

static unsigned flags_of(const struct call *call)
{
	return flow_is(call->flow, FLOW_NONBLOCK) || call->flags & MSG_DONTWAIT ? EVENT_NONBLOCK
										: 0;
}

/* flow: the number of its connection. */
static void add(const struct call *call, uint32_t flow, unsigned flags, int error, uint64_t asked,
	uint64_t done, uint64_t end)
{
	struct trace_note note = {.call = call->what,
		.flags = (uint8_t)flags,
		.extra = call->extra,
		.error = error,
		.flow = flow,
		.start = call->start,
		.end = end,
		.asked = asked,
		.done = done};

	trace_add(&note);
}

/* Few are killed in a write: to note each costs more than it tells. */
static bool may_last(unsigned what)
{
	return (what >= TRACE_READ && what <= TRACE_RECVMMSG) || what == TRACE_ACCEPT ||
	       what == TRACE_ACCEPT4;
}

void call_begin_recorded(struct call *call)
{
	call->extra = 0;
	call->end = 0;
	call->recorded = call->flow != NULL;
	if (!call->recorded)
		return;
	call->generation = atomic_load_explicit(&call->flow->generation, memory_order_acquire);
	call->number = trace_has_place(call->flow) ? trace_of(call->flow)->number : 0;
	call->start = trace_clock();
	if (call->number && may_last(call->what))
		trace_waits(call->what, call->number, 0, call->start);
}

/* ---- reads of regular files ---- */

/* One look at what is behind a descriptor that is no flow. */
static bool is_file(int fd)
{
	uintptr_t slot = fdtab_get(fd);
	struct kernel_stat status;

	if (slot == SLOT_OTHER) {
		if (kernel_call(SYS_fstat, fd, &status) != 0)
			return false;
		fdtab_replace(fd, slot, S_ISREG(status.st_mode) ? SLOT_FILE : SLOT_WAITS);
		slot = fdtab_get(fd);
	}
	return slot == SLOT_FILE;
}

void call_file_recorded(struct call *call)
{
	call->recorded = !trace_counters && control_on() && trace_file_ready() && is_file(call->fd);
	if (call->recorded)
		call->start = trace_clock();
}

/* Kept until the thread's next event: where that writes to a flow, the program copies a file by
 * hand. */
static void keep_file(const struct call *call, ssize_t got, size_t asked)
{
	struct trace_note note = {.call = call->what,
		.flags = EVENT_FILE,
		.extra = call->extra,
		.start = call->start,
		.end = trace_clock(),
		.asked = asked,
		.done = (uint64_t)got};

	if (got > 0)
		trace_keep_file(&note);
}

/* ---- reads of flows ---- */

/* What is left to tell of a call whose flow ended under it. */
static void add_over(const struct call *call, int error, uint64_t asked, ssize_t got, uint64_t end)
{
	if (call->number)
		add(call, call->number, 0, error, asked, got > 0 ? (uint64_t)got : 0, end);
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

/* Of a call that is over at `end`: its connection; NULL where all that there is to tell is told. */
static struct trace_connection *connection_of(
	const struct call *call, ssize_t got, size_t asked, uint64_t end)
{
	if (!call_is_over(call))
		return trace_enter(call->flow, call->fd);
	add_over(call, got < 0 ? errno : 0, asked, got, end);
	return NULL;
}

/* Bytes have gone either way: connect() is over. */
static void have_moved(const struct call *call)
{
	if (trace_of(call->flow)->connecting)
		trace_may_be_connected(call->flow, call->fd, true, 0);
}

void call_read_recorded(const struct call *call, ssize_t got, size_t asked)
{
	int error = got < 0 ? errno : 0;
	struct trace_connection *connection;
	uint64_t end;
	unsigned kept;

	if (!call->flow) {
		keep_file(call, got, asked);
		return;
	}
	end = trace_clock();
	connection = connection_of(call, got, asked, end);
	if (!connection)
		return;
	if (got > 0) {
		if (!(call->flags & MSG_PEEK))
			count(&connection->reads, &connection->bytes_read, got);
		have_moved(call);
	}
	if (trace_counters) {
		counted(call, got);
		return;
	}
	if (got > 0)
		atomic_store_explicit(&trace_of(call->flow)->writes, 0, memory_order_relaxed);
	kept = kept_by(call->flow);
	add(call, trace_of(call->flow)->number, flags_of(call) | (kept & EVENT_CORK), error, asked,
		got > 0 ? (size_t)got : 0, end);
	if (got > 0 && (was_held(call->flow, kept) || end - call->start >= TRACE_LONG_READ))
		probe_after(call);
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

static bool is_nodelay(const struct flow *flow)
{
	return trace_of(flow)->nodelay ||
	       (!flow_is(flow, FLOW_BARE) &&
		       atomic_load_explicit(&flow->ours, memory_order_relaxed) &
			       OPTION_BIT(OPTION_TCP_NODELAY));
}

/* What keeps these bytes back: we, or the program. Its own MSG_MORE ends our holding on that flow,
 * so it is one or the other. */
static unsigned keeper_of(const struct call *call)
{
	if (!(call->flags & MSG_MORE))
		return flow_is(call->flow, FLOW_OWN_CORK) ? EVENT_CORK : 0;
	return flow_holder(call->flow) ? EVENT_HELD : EVENT_MORE;
}

/* flags: of its event, so far. */
static bool prove(
	const struct call *call, struct trace_connection *connection, unsigned flags, size_t asked)
{
	struct flow *flow = call->flow;
	uint32_t writes =
		atomic_fetch_add_explicit(&trace_of(flow)->writes, 1, memory_order_relaxed);

	if (!trace_asks_after(writes + 1) || !trace_asks_about(connection, flags, asked) ||
		trace_of(flow)->proven || is_nodelay(flow) || !nagle_holds(call->fd))
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

void call_write_recorded(const struct call *call, ssize_t got, size_t asked)
{
	int error = got < 0 ? errno : 0;
	uint64_t end = trace_clock();
	struct trace_connection *connection;
	unsigned flags;

	connection = connection_of(call, got, asked, end);
	if (!connection)
		return;
	if (got > 0) {
		count(&connection->writes, &connection->bytes_written, got);
		have_moved(call);
	}
	if (trace_counters) {
		counted(call, got);
		return;
	}
	/* Said in a run without rules, too: no rule will join there. */
	if (call->flags & (MSG_OOB | MSG_ZEROCOPY) && !connection->given_up)
		connection->given_up = GIVEN_UP_MORE;
	flags = flags_of(call) | keeper_of(call) | arm_of(call->flow);
	if (got > 0 && prove(call, connection, flags, asked))
		flags |= EVENT_PROVEN;
	if (got > 0 && (flags & EVENTS_OWN || trace_of(call->flow)->more))
		atomic_store_explicit(&trace_of(call->flow)->more, (uint8_t)(flags & EVENTS_OWN),
			memory_order_relaxed);
	add(call, trace_of(call->flow)->number, flags, error, asked, got > 0 ? (size_t)got : 0,
		end);
}

void call_other_recorded(const struct call *call, long result, uint64_t asked, uint64_t done)
{
	const int error = result < 0 ? errno : 0;
	const uint64_t end = trace_clock();

	if (call_is_over(call))
		add_over(call, error, asked, (ssize_t)done, end);
	else
		add(call, trace_number(call->flow, call->fd), 0, error, asked, done, end);
}
