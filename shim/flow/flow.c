/* What a write means for a flow: asks the turn logic whether its bytes may be held.
 *
 * Bytes are only ever held in the kernel, by MSG_MORE. The mark of a hold is set before the call
 * that makes it, so a call that never returns (cancellation, siglongjmp) leaves at worst a push too
 * many; and again after it. Must not look at a rule or set an option by name. */
#include "shim/flow/flow.h"

#include "shim/settle/proof.h"
#include "shim/base/clock.h"
#include "shim/base/control.h"
#include "shim/table/buffer.h"
#include "shim/flow/deadline.h"
#include "shim/flow/answer.h"
#include "shim/flow/hold.h"
#include "shim/flow/hot.h"
#include "shim/flow/keep.h"
#include "shim/flow/news.h"
#include "shim/base/log.h"
#include "shim/settle/arms.h"
#include "shim/settle/nodelay.h"
#include "shim/settle/settle.h"
#include "shim/settle/sockopt.h"
#include "shim/record/connection.h"

/* Two threads write one connection within 1 ms of each other: the peer sees one turn, so this one
 * goes on with the other's, but its count teaches nothing. A turn that had all the writes that were
 * expected is over, even if its thread was not seen waiting. */
static bool goes_on(struct flow *flow, uint64_t now)
{
	struct turn *turn = &flow->turn;

	if (turn_get(turn, writes) == 0 || turn_is_fulfilled(turn) ||
		turn_get(turn, epoch) >> 40 == thread_number())
		return false;
	learner_plural(flow->learner); /* from now on the time is read */
	if (turn_get(turn, last) == 0 || now - turn_get(turn, last) > TURN_GAP_NS)
		return false;
	turn->slow = true;
	return true;
}

static enum verdict flow_ask(struct flow *flow, int fd)
{
	struct turn *turn = &flow->turn;
	uint64_t now = 0;

	if (turn_wants_clock(turn, flow->learner, thread.epoch))
		now = clock_now();
	if (turn_get(turn, epoch) != thread.epoch && !goes_on(flow, now)) {
		flow_nodelay_back(flow);
		turn_round(turn, now);
		turn_open(turn, flow->learner, thread.epoch);
		turn->reads_elsewhere = thread.reads_elsewhere;
		if (turn_is_brisk(turn) && flow_mode(flow) == COALESCE_AUTO)
			flow_keep(flow, fd);
	}
	if (flow_holder(flow) && turn_get(turn, last))
		flow_hold_waited(flow, now - turn_get(turn, last));
	return turn_next(turn, now);
}

/* Logged once for each endpoint: from here on its writes are held. */
static void tell_hold(const struct flow *flow)
{
	if (atomic_load_explicit(&flow->learner->told, memory_order_relaxed) ||
		atomic_exchange(&flow->learner->told, true))
		return;
	if (flow_mode(flow) == COALESCE_AUTO)
		log_debug("port %u: turns of %u writes are known here: held until the last",
			flow->port, turn_get(&flow->turn, expect));
	else
		log_debug("port %u: every write is held until a wait or the deadline", flow->port);
}

static void not_held(struct flow *flow)
{
	if (!flow_enter(flow))
		return;
	turn_not_held(&flow->turn);
	flow_leave(flow);
}

bool flow_hold(struct flow *flow, int fd)
{
	if (!control_holds() || !thread_add(flow))
		return false;
	flow->held_fd = fd;
	if (!flow_mark_held(flow, HELD_TRY)) {
		not_held(flow);
		return false;
	}
	trace_held(flow);
	tell_hold(flow);
	if (flow_mode(flow) == COALESCE_AUTO || deadline_watch(flow))
		return true;
	/* Without a thread `always` cannot hold; each write would be a segment of its own for
	 * ever. So it learns, as auto does. */
	if (deadline_is_impossible() && flow_mode(flow) == COALESCE_ALWAYS)
		atomic_store(&flow->mode, COALESCE_AUTO);
	return false;
}

/* Bytes that were added to some which this thread holds already need no mark of their own: a push
 * lets all of them go. */
bool flow_holds_collected(struct flow *flow, int fd, bool joined)
{
	if (!joined || !control_holds() || !is_held_by_me(flow))
		return flow_hold(flow, fd);
	flow->held_fd = fd;
	trace_held(flow);
	return thread_add(flow) && deadline_watch(flow);
}

/* The kernel has the held bytes now. Between our mark and the call another thread (the deadline's,
 * or one that forks) or a signal handler that waits may have pushed: too early for these bytes, and
 * it took the mark away. Then we push here. The flow may even have been given up meanwhile. */
static void flow_hold_stands(struct flow *flow)
{
	thread.wrote = true;
	if (!flow_mark_held(flow, HELD_NEXT))
		sockopt_push(flow->held_fd);
	if (!thread_add(flow) || flow_mode(flow) == COALESCE_OFF)
		flow_push(flow);
	if (flow_mode(flow) == COALESCE_ALWAYS && !deadline_watch(flow))
		flow_push(flow);
}

/* For `prove`: where a block of turns is over, the next one goes with or without the rules. */
static void flow_prove(struct flow *flow, int fd)
{
	if (!proof_is_over(flow, thread.epoch))
		return;
	flow_push(flow);
	flow_nodelay_back(flow);
	proof_switch(flow, fd);
}

/* Before a write: whether Nagle, which the program would have without us, does better here: in
 * streams, where it fills segments. */
static bool wants_nagle(const struct flow *flow)
{
	return flow->turn.predicted_stream ||
	       (turn_is_burst(&flow->turn) && flow_is(flow, FLOW_ACKS));
}

/* What the turn logic says of this write. holds: in auto; in the half of a proof that goes without
 * the rules it only counts. */
static bool follows_turn(struct flow *flow, int fd, bool holds)
{
	bool hold;

	if (flow_is(flow, FLOW_KEPT) && flow_keeps(flow))
		return false;
	if (!flow_enter(flow))
		return false;
	hold = flow_ask(flow, fd) == VERDICT_HOLD && holds && !flow_is(flow, FLOW_KEPT);
	if (holds && wants_nagle(flow) && thread_add(flow))
		flow_nagle_back(flow, fd);
	flow_leave(flow);
	return hold;
}

/* What is due before a write, whatever the mode. */
static void flow_writes(struct flow *flow, int fd)
{
	thread_begin();
	thread.wrote = true;
	thread.life = flow->life;
	if (nodelay_is_due(flow))
		settle_nodelay_due(flow, fd);
	if (flow_is(flow, FLOW_PROVE))
		flow_prove(flow, fd);
	flow_answer_over(flow);
}

/* A write is about to begin: the verdict of the flow's mode. */
static bool flow_wants_hold(struct flow *flow, int fd)
{
	unsigned mode;

	flow_writes(flow, fd);
	mode = flow_mode(flow);
	if (mode == COALESCE_ALWAYS)
		return turn_always(&flow->turn, thread.epoch) == VERDICT_HOLD;
	return follows_turns(mode) && follows_turn(flow, fd, mode == COALESCE_AUTO);
}

/* A stream that has gone on for long is left alone until its thread waits. */
static bool flow_streams_on(const struct flow *flow)
{
	return flow_is(flow, FLOW_STREAM) && turn_is_endless(&flow->turn) &&
	       turn_get(&flow->turn, epoch) == thread.epoch;
}

/* A flow that resigned while bytes were collected lets them go here. */
static bool flow_wants_collecting(struct flow *flow, int fd)
{
	flow_writes(flow, fd);
	if (!flow_is(flow, FLOW_RESIGNED))
		return true;
	flow_buffer_end(flow, GIVEN_UP_NOT);
	return false;
}

static void flow_gives_up(struct flow *flow, int fd)
{
	flow_buffer_end(flow, GIVEN_UP_NOT);
	flow_push(flow);
	settle_resign(flow, fd, GIVEN_UP_MORE);
}

/* It holds bytes back itself, and a rule says that a wait lets them go: see flow_uncork(). */
static bool corks_itself(const struct flow *flow, int flags)
{
	return flow_is(flow, FLOW_FORCED) && !(flags & (MSG_OOB | MSG_ZEROCOPY)) &&
	       (flags & MSG_MORE || flow_is(flow, FLOW_OWN_CORK));
}

static void flow_cork(struct flow *flow, int fd)
{
	flow_push(flow);
	flow_writes(flow, fd);
	flow->held_fd = fd;
	if (!thread_add(flow))
		return;
	flow_mark(flow, FLOW_CORKED);
	thread.held = true;
}

/* Before a write while we are switched off: what this thread has begun is over, and what others
 * hold of the flow goes. What was collected and found no room goes with the bytes of this write. */
static int flow_stands_aside(struct flow *flow)
{
	thread_begin();
	flow_turns_over();
	if (flow_holder(flow))
		flow_push_some(flow);
	if (flow_mode(flow) != COALESCE_BUFFER || !buffer_pending(flow->buffer))
		return WRITE_PLAIN;
	thread.wrote = true;
	return WRITE_COLLECT;
}

static APART int write_begins(struct flow *flow, int fd, int flags)
{
	unsigned mode = flow_mode(flow);

	if (mode == COALESCE_OFF)
		return WRITE_PLAIN;
	if (control_is_switched_off() && (mode != COALESCE_BUFFER || !(flags & FLAGS_OF_ITS_OWN)))
		return flow_stands_aside(flow);
	if (mode != COALESCE_BUFFER && corks_itself(flow, flags)) {
		flow_cork(flow, fd);
		return WRITE_PLAIN;
	}
	if (flags & FLAGS_OF_ITS_OWN) {
		flow_gives_up(flow, fd);
		return WRITE_PLAIN;
	}
	if (mode == COALESCE_BUFFER)
		return flow_wants_collecting(flow, fd) ? WRITE_COLLECT : WRITE_PLAIN;
	if (flow_streams_on(flow))
		return WRITE_PLAIN;
	return flow_wants_hold(flow, fd) && flow_hold(flow, fd) ? MSG_MORE : 0;
}

/* What is seldom: new rules, and a turn that is timed. */
static bool is_seldom(const struct flow *flow)
{
	return __builtin_expect(control_has_rules() || flow_is(flow, FLOW_NEWS | FLOW_TIMED), 0);
}

static APART void look_first(struct flow *flow, int fd)
{
	news_apply(flow, fd, true);
	if (flow_is(flow, FLOW_TIMED))
		arms_write(flow);
}

static APART int write_begins_anew(struct flow *flow, int fd, int flags)
{
	look_first(flow, fd);
	return write_begins(flow, fd, flags);
}

int flow_write_begin(struct flow *flow, int fd, int flags)
{
	return is_seldom(flow) ? write_begins_anew(flow, fd, flags) : write_begins(flow, fd, flags);
}

void flow_write_end(struct flow *flow, int fd, ssize_t got, size_t asked, int more, uint64_t held)
{
	if (got <= 0 || flow->life != thread.life)
		return;
	if (more)
		flow_hold_stands(flow);
	else
		flow_released(flow, held);
	if (!follows_turns(flow_mode(flow)) || flow_is(flow, FLOW_KEPT) || !flow_enter(flow))
		return;
	turn_wrote(&flow->turn, flow->learner, (uint64_t)got, asked);
	flow->turn.reads_elsewhere_last = thread.reads_elsewhere;
	if (turn_is_fulfilled(&flow->turn) && !more)
		thread_drop(flow);
	else if (turn_get(&flow->turn, writes) > 1 && thread_add(flow) &&
		 turn_is_stream(&flow->turn) && flow_mode(flow) == COALESCE_AUTO)
		flow_nagle_back(flow, fd);
	flow_leave(flow);
}

void hot_cut(struct flow *flow, int fd, ssize_t got, size_t n, uint64_t word, int more)
{
	if (hot_life(hot_word(flow) ^ word))
		return;
	if (flow_enter(flow)) {
		turn_uncount(&flow->turn);
		flow_leave(flow);
	}
	thread.life = flow->life;
	flow_write_end(flow, fd, got, n, more, atomic_load(&flow->held));
}

void flow_pass_begin(struct flow *flow, int fd)
{
	if (!flow)
		return;
	if (is_seldom(flow))
		look_first(flow, fd);
	flow_buffer_end(flow, GIVEN_UP_CALLS);
	if (control_is_switched_off()) {
		flow_turns_over();
		thread.life = (uint16_t)~flow->life; /* nobody wants to know how it ends */
	} else if (flow_mode(flow) != COALESCE_OFF)
		flow_wants_hold(flow, fd);
}

void flow_pass_end(struct flow *flow, int fd, ssize_t got)
{
	if (!flow)
		return;
	flow_push(flow);
	flow_write_end(flow, fd, got, got > 0 ? (size_t)got : 0, 0, atomic_load(&flow->held));
}
