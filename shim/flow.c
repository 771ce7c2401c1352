/* What a write, a read and a wait mean for a flow: asks the turn logic, marks what is held, lets
 * go.
 *
 * Bytes are only ever held in the kernel, by MSG_MORE. The mark of a hold is set before the call
 * that makes it, so a call that never returns (cancellation, siglongjmp) leaves at worst a push too
 * many; and again after it. Must not look at a rule or set an option by name. */
#include "flow.h"

#include <errno.h>
#include <sys/stat.h>

#include "arm.h"
#include "buffer.h"
#include "clock.h"
#include "control.h"
#include "deadline.h"
#include "kernel.h"
#include "life.h"
#include "log.h"
#include "settle.h"
#include "sockopt.h"
#include "trace_connection.h"

#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif

/* One thread at a time in the turn logic; a signal handler that interrupts it, and every other
 * thread, writes through instead of waiting. */
static bool flow_enter(struct flow *flow)
{
	return atomic_exchange_explicit(&flow->busy, 1, memory_order_acquire) == 0;
}

static void flow_leave(struct flow *flow)
{
	atomic_store_explicit(&flow->busy, 0, memory_order_release);
}

static unsigned flow_mode(const struct flow *flow)
{
	return atomic_load_explicit(&flow->mode, memory_order_relaxed);
}

static bool follows_turns(unsigned mode)
{
	return mode == COALESCE_AUTO || mode == COALESCE_WATCH;
}

static void flow_mark_held(struct flow *flow)
{
	uint32_t next = (atomic_load(&flow->held) & ~HELD_BY) + HELD_NEXT;

	atomic_store(&flow->held, next | thread_number());
}

/* Takes the mark of that hold away, unless it is another's by now. */
static bool flow_unmark_held(struct flow *flow, uint32_t seen)
{
	return atomic_compare_exchange_strong(&flow->held, &seen, seen & ~HELD_BY);
}

/* The mark goes last: a thread that finds none may sleep. */
static void let_go(struct flow *flow, bool wait)
{
	uint32_t seen = atomic_load(&flow->held);

	if (!(seen & HELD_BY) || !control_on())
		return;
	if (flow->buffer && buffer_pending(flow->buffer))
		flow_flush(flow, wait);
	else
		control_refused(-sockopt_push(flow->held_fd));
	if (!flow->buffer || !buffer_pending(flow->buffer))
		flow_unmark_held(flow, seen);
}

void flow_push(struct flow *flow)
{
	let_go(flow, true);
}

void flow_push_some(struct flow *flow)
{
	let_go(flow, false);
}

/* A hold waited for `gap` nanoseconds without a successor. */
static void flow_late(struct flow *flow, uint64_t gap)
{
	if (gap <= TURN_LATE_NS || gap <= sockopt_min_rtt(flow->held_fd) / 4)
		return;
	trace_held(flow, true);
	if (learner_strike(flow->learner))
		log_info("port %u: held writes came too late, no holding for %d turns", flow->port,
			STRIKE_PENALTY);
}

/* A stream gets the program's own TCP_NODELAY, and so Nagle, until its thread waits. */
static void flow_lend(struct flow *flow, int fd)
{
	if (!flow_is(flow, FLOW_NODELAY) || flow_is(flow, FLOW_STREAM))
		return;
	flow_mark(flow, FLOW_STREAM);
	flow->held_fd = fd;
	control_refused(-sockopt_nodelay(fd, 0));
}

/* Ours again; that pushes, too (tcp(7), TCP_NODELAY). */
void flow_unlend(struct flow *flow)
{
	if (!flow_is(flow, FLOW_STREAM) || !control_on())
		return;
	flow_unmark(flow, FLOW_STREAM);
	control_refused(-sockopt_nodelay(flow->held_fd, 1));
}

void flow_push_all(void)
{
	uint32_t count = flow_count();

	if (life_in_vfork_child()) /* the flows are its parent's, the descriptors are not */
		return;
	for (uint32_t i = 0; i < count; i++) {
		struct flow *flow = flow_at(i);

		if (atomic_load(&flow->refs) == 0)
			continue;
		flow_buffer_end(flow, "the program forks, starts another or ends");
		if (flow_holder(flow))
			flow_push(flow);
		flow_unlend(flow);
	}
}

/* ---- writing ---- */

/* Another thread's turn goes on with this one's writes: nobody can tell them apart at the peer, and
 * a stream by many threads is one, too. Its count is no lesson. */
static bool goes_on(struct flow *flow, uint64_t now)
{
	struct turn *turn = &flow->turn;

	if (turn->writes == 0 || turn->epoch >> 40 == thread_number())
		return false;
	learner_plural(flow->learner); /* from now on the time is read */
	if (turn->last == 0 || now - turn->last > TURN_GAP_NS)
		return false;
	turn->slow = true;
	return true;
}

static enum verdict flow_ask(struct flow *flow)
{
	struct turn *turn = &flow->turn;
	uint64_t now = 0;

	if (turn_wants_clock(turn, flow->learner, thread.epoch))
		now = clock_now();
	if (turn->epoch != thread.epoch && !goes_on(flow, now)) {
		flow_unlend(flow);
		turn_open(turn, flow->learner, thread.epoch);
		turn->foreign = thread.foreign;
	}
	if (flow_holder(flow) && turn->last)
		flow_late(flow, now - turn->last);
	return turn_next(turn, now);
}

/* Once an endpoint: from here on it is mended. */
static void tell_hold(const struct flow *flow)
{
	if (!log_wants(LOG_DEBUG) || atomic_exchange(&flow->learner->told, true))
		return;
	if (flow_mode(flow) == COALESCE_AUTO)
		log_debug("port %u: turns of %u writes are known here: held until the last",
			flow->port, flow->turn.expect);
	else
		log_debug("port %u: every write is held until a wait or the deadline", flow->port);
}

/* Marks the hold; false where it cannot be watched over. */
static bool flow_hold(struct flow *flow, int fd)
{
	if (!control_holds() || !thread_add(flow))
		return false;
	tell_hold(flow);
	trace_held(flow, false);
	flow->held_fd = fd;
	flow_mark_held(flow);
	if (flow_mode(flow) == COALESCE_AUTO || deadline_watch(flow))
		return true;
	/* For ever writing through would cost segments: then rather learn. */
	if (deadline_is_impossible() && flow_mode(flow) == COALESCE_ALWAYS)
		atomic_store(&flow->mode, COALESCE_AUTO);
	return false;
}

bool flow_holds_collected(struct flow *flow, int fd)
{
	return flow_hold(flow, fd);
}

/* The bytes are there. Another thread (the deadline's, one that forks), or a signal handler that
 * waited, may have pushed between the mark and the call: then its push was for nothing, and the
 * mark is gone. The flow may even have been resigned. */
static void flow_hold_stands(struct flow *flow)
{
	thread.wrote = true;
	flow_mark_held(flow);
	if (!thread_add(flow) || flow_mode(flow) == COALESCE_OFF)
		flow_push(flow);
	if (flow_mode(flow) == COALESCE_ALWAYS && !deadline_watch(flow))
		flow_push(flow);
}

/* One write in so many turns begins a block of the other arm (arm.h). */
static void flow_prove(struct flow *flow, int fd)
{
	if (!arm_is_over(flow, thread.epoch))
		return;
	flow_push(flow);
	flow_unlend(flow);
	arm_switch(flow, fd);
}

/* A write is about to begin: the verdict of the flow's mode. */
static bool flow_wants_hold(struct flow *flow, int fd)
{
	unsigned mode;
	bool hold;

	thread_begin();
	thread.wrote = true;
	thread.life = flow->life;
	if (flow_is(flow, FLOW_PROVE))
		flow_prove(flow, fd);
	mode = flow_mode(flow);
	hold = mode == COALESCE_ALWAYS;

	if (follows_turns(mode) && flow_enter(flow)) {
		hold = flow_ask(flow) == VERDICT_HOLD && mode == COALESCE_AUTO;
		if (mode == COALESCE_AUTO && flow->turn.long_one && thread_add(flow))
			flow_lend(flow, fd);
		flow_leave(flow);
	}
	return hold;
}

/* A stream that has gone on for long is left alone until its thread waits. */
static bool flow_streams_on(const struct flow *flow)
{
	return flow_is(flow, FLOW_STREAM) && turn_is_endless(&flow->turn) &&
	       flow->turn.epoch == thread.epoch;
}

/* A flow that resigned while bytes were collected lets them go here. */
static bool flow_wants_collecting(struct flow *flow)
{
	thread_begin();
	thread.wrote = true;
	if (!flow_is(flow, FLOW_RESIGNED))
		return true;
	flow_buffer_end(flow, "");
	return false;
}

/* What a program that manages its sending by itself would pass. */
#define FLAGS_OF_ITS_OWN (MSG_MORE | MSG_OOB | MSG_ZEROCOPY)

int flow_write_begin(struct flow *flow, int fd, int flags)
{
	unsigned mode = flow_mode(flow);

	if (mode == COALESCE_OFF)
		return WRITE_PLAIN;
	if (flags & FLAGS_OF_ITS_OWN) {
		flow_buffer_end(flow, "");
		flow_push(flow);
		settle_resign(flow, fd, "the program sends with MSG_MORE, MSG_OOB or MSG_ZEROCOPY");
		return WRITE_PLAIN;
	}
	if (mode == COALESCE_BUFFER)
		return flow_wants_collecting(flow) ? WRITE_COLLECT : WRITE_PLAIN;
	if (flow_streams_on(flow))
		return WRITE_PLAIN;
	return flow_wants_hold(flow, fd) && flow_hold(flow, fd) ? MSG_MORE : 0;
}

/* The kernel took the bytes without MSG_MORE, and with them all that was held. */
static void flow_released(struct flow *flow)
{
	uint32_t seen = atomic_load(&flow->held);

	if (seen & HELD_BY && flow_unmark_held(flow, seen) && flow_mode(flow) == COALESCE_AUTO)
		learner_reward(flow->learner);
}

void flow_write_end(struct flow *flow, int fd, ssize_t got, size_t asked, int more)
{
	if (got <= 0 || flow->life != thread.life)
		return;
	if (more)
		flow_hold_stands(flow);
	else
		flow_released(flow);
	if (!follows_turns(flow_mode(flow)) || !flow_enter(flow))
		return;
	turn_wrote(&flow->turn, flow->learner, (uint64_t)got, asked);
	flow->turn.foreign_last = thread.foreign;
	if (turn_is_fulfilled(&flow->turn) && !more)
		thread_drop(flow);
	else if (flow->turn.writes > 1 && thread_add(flow) && turn_is_stream(&flow->turn) &&
		 flow_mode(flow) == COALESCE_AUTO)
		flow_lend(flow, fd);
	flow_leave(flow);
}

void flow_pass_begin(struct flow *flow, int fd)
{
	flow_buffer_end(flow, "the program sends by calls that cannot be collected");
	if (flow_mode(flow) != COALESCE_OFF)
		flow_wants_hold(flow, fd);
}

void flow_pass_end(struct flow *flow, int fd, ssize_t got)
{
	flow_push(flow);
	flow_write_end(flow, fd, got, got > 0 ? (size_t)got : 0, 0);
}

/* ---- reading and waiting ---- */

static void turn_over(struct flow *flow, uint64_t epoch, uint64_t now)
{
	if (flow_holder(flow) == (uint32_t)(epoch >> 40)) {
		if (flow_mode(flow) == COALESCE_AUTO && flow->turn.last)
			flow_late(flow, now - flow->turn.last);
		flow_push_some(flow);
	}
	if (!flow_enter(flow))
		return;
	if (flow->turn.epoch == epoch) {
		/* The thread went on with other flows at once: when it waits says nothing. */
		if (flow->turn.foreign_last != thread.foreign)
			now = flow->turn.last;
		turn_close(&flow->turn, flow->learner, now,
			flow->turn.foreign != flow->turn.foreign_last);
	}
	flow_leave(flow);
	flow_unlend(flow);
}

void flow_wait_slow(uint64_t now)
{
	uint64_t epoch = thread.epoch;
	struct flow *flow;

	thread.wrote = false;
	if (!control_on())
		return;
	thread.epoch++;
	while ((flow = thread_take())) {
		if (now == 0)
			now = clock_now();
		turn_over(flow, epoch, now);
	}
}

/* Whether the thread holds bytes of some flow; a stream's wait for their ACK is not meant. */
static bool holds_bytes(void)
{
	for (uint32_t i = 0; i < thread.open; i++)
		if (thread.flow[i].flow && flow_holder(thread.flow[i].flow) == thread_number())
			return true;
	return false;
}

bool flow_holding(void)
{
	for (uint32_t i = 0; i < thread.open; i++)
		if (thread.flow[i].flow && flow_is(thread.flow[i].flow, FLOW_STREAM))
			return true;
	return holds_bytes();
}

static bool is_nonblocking(const struct flow *flow, int flags)
{
	return flags & MSG_DONTWAIT || flow_is(flow, FLOW_NONBLOCK);
}

/* A read that may block, or did bring data. From the flow that the thread has just written to it
 * ends every turn; from elsewhere only where something is held: a stream to one peer goes on while
 * another is read, as it would by Nagle alone. */
static void reads(const struct flow *flow)
{
	if (!thread.wrote)
		return;
	if ((flow && flow->turn.epoch == thread.epoch) || holds_bytes())
		flow_wait_slow(0);
	else
		thread.foreign++;
}

/* Another thread has written to the flow since its last wait. */
static bool others_write(const struct flow *flow)
{
	return flow->turn.epoch && flow->turn.epoch >> 40 != thread_number();
}

bool flow_read_begin(struct flow *flow, int flags)
{
	bool probes = is_nonblocking(flow, flags);

	if (!probes)
		reads(flow);
	if (others_write(flow))
		flow_mark(flow, FLOW_SHARED);
	return (probes && thread.wrote) || flow_is(flow, FLOW_QUICKACK | FLOW_SHARED);
}

void flow_read_end(struct flow *flow, int fd, int flags, ssize_t got)
{
	uint32_t holder = flow_holder(flow);

	/* Whoever asks the peer whom it has written to for the answer wants that to have it all. */
	if (got < 0 && errno == EAGAIN && holder == thread_number())
		flow_push(flow);
	if (got < 0)
		return;
	/* A probe that was answered is a wait that is over. One that found nothing is none. */
	if (is_nonblocking(flow, flags))
		reads(flow);
	if (flow_is(flow, FLOW_QUICKACK))
		sockopt_quickack(fd);
	/* Another thread holds what the peer may have been waiting for; nobody saw the wait. */
	if (holder && holder != thread_number() && got > 0 && flow_mode(flow) == COALESCE_AUTO)
		flow_late(flow, UINT64_MAX);
}

void flow_read_other_slow(int fd)
{
	uint32_t slot = fdtab_get(fd);
	struct stat status;

	if (!control_on())
		return;
	if (slot == SLOT_OTHER || slot == SLOT_UNKNOWN) {
		if (kernel_call(SYS_fstat, fd, &status) != 0)
			return;
		fdtab_replace(fd, slot, S_ISREG(status.st_mode) ? SLOT_FILE : SLOT_WAITS);
		slot = S_ISREG(status.st_mode) ? SLOT_FILE : SLOT_WAITS;
	}
	if (slot == SLOT_WAITS)
		reads(NULL);
}
