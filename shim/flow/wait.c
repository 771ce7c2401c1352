/* What a read and a wait mean for flows: the turns of the thread are over, and what it holds goes.
 *
 * Must not wait itself; a probe that found nothing is no wait. */
#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "shim/base/clock.h"
#include "shim/base/control.h"
#include "shim/flow/flow.h"
#include "shim/flow/answer.h"
#include "shim/flow/hold.h"
#include "shim/flow/keep.h"
#include "shim/flow/news.h"
#include "shim/base/kernel.h"
#include "shim/settle/arms.h"
#include "shim/settle/sockopt.h"

static void turn_over(struct flow *flow, uint64_t epoch, uint64_t now)
{
	if (flow_holder(flow) == (uint32_t)(epoch >> 40))
		flow_push_some(flow);
	flow_uncork(flow);
	if (!flow_enter(flow))
		return;
	/* `always` learns nothing but what turn_always() sees by itself. */
	if (turn_get(&flow->turn, epoch) == epoch && follows_turns(flow_mode(flow)) &&
		!control_is_switched_off() /* the rest of it was not counted */) {
		/* The thread went on with other flows at once: when it waits says nothing. */
		if (flow->turn.reads_elsewhere_last != thread.reads_elsewhere)
			now = turn_get(&flow->turn, last);
		turn_close(&flow->turn, flow->learner, now,
			flow->turn.reads_elsewhere != flow->turn.reads_elsewhere_last);
	}
	flow_leave(flow);
	if (!flow_is(flow, FLOW_KEPT))
		flow_nodelay_back(flow);
}

void flow_turns_over_slow(uint64_t now)
{
	uint64_t epoch = thread.epoch;
	struct flow *flow;

	thread.wrote = thread.held = false;
	if (!control_on())
		return;
	thread.epoch++;
	while ((flow = thread_take())) {
		if (now == 0)
			now = clock_now();
		turn_over(flow, epoch, now);
	}
}

void flow_wait_slow(void)
{
	flow_turns_over();
	if (thread.kept)
		flow_keep_sleep();
}

void flow_wait_on_slow(int fd)
{
	struct flow *flow = flow_of(fd);

	flow_turns_over();
	if (thread.kept && !(flow && flow_is(flow, FLOW_NONBLOCK)))
		flow_keep_sleep();
}

/* Also bytes that the program itself corks, where a rule lets these go at a wait (FLOW_CORKED). */
static bool is_mine(struct flow *flow)
{
	return is_held_by_me(flow) || flow_is(flow, FLOW_CORKED);
}

/* Whether the thread holds bytes of some flow. Bytes of a stream, which Nagle keeps back, do not
 * count. */
static bool holds_bytes(void)
{
	return thread.held && thread_any(is_mine);
}

static bool is_mine_or_lent(struct flow *flow)
{
	return flow_is(flow, FLOW_STREAM) || is_mine(flow);
}

bool flow_holding(void)
{
	return thread_any(is_mine_or_lent);
}

static bool is_nonblocking(const struct flow *flow, int flags)
{
	return flags & MSG_DONTWAIT || flow_is(flow, FLOW_NONBLOCK);
}

/* A read that may block, or that brought data. Of the flow that this thread has just written to, it
 * ends all turns of the thread. Of anything else it does so only while something is held: a stream
 * to one peer may go on while another connection is read, as it would with Nagle alone. */
static void reads(const struct flow *flow)
{
	if (!thread.wrote)
		return;
	if ((flow && turn_get(&flow->turn, epoch) == thread.epoch) || holds_bytes())
		flow_turns_over_slow(0);
	else
		thread.reads_elsewhere++;
}

/* Another thread has written to the flow since its last wait. */
static bool others_write(const struct flow *flow)
{
	return turn_get(&flow->turn, epoch) &&
	       turn_get(&flow->turn, epoch) >> 40 != thread_number();
}

/* This thread is going to wait for an answer, and the request may be held by another thread, which
 * may have ended: push it. But do not wait for room in the socket: the peer may only read on once
 * we have read. What finds no room is sent by the deadline's thread. */
static void push_of_others(struct flow *flow)
{
	uint32_t holder = flow_holder(flow);

	if (holder && holder != thread_number())
		flow_push_some(flow);
}

static APART bool read_begins(struct flow *flow, int fd, int flags)
{
	bool probes = is_nonblocking(flow, flags);

	if (!probes) {
		reads(flow);
		push_of_others(flow);
		if (thread.kept)
			flow_keep_read(fd);
	}
	if (control_is_switched_off()) {
		flow_turns_over();
		return false;
	}
	if (others_write(flow))
		flow_mark(flow, FLOW_SHARED);
	return flow_answer_reads(flow) || (probes && thread.wrote) ||
	       flow_is(flow, FLOW_QUICKACK | FLOW_SHARED | FLOW_TIMED);
}

static APART bool read_begins_anew(struct flow *flow, int fd, int flags)
{
	news_apply(flow, fd, false);
	return read_begins(flow, fd, flags);
}

bool flow_read_begin(struct flow *flow, int fd, int flags)
{
	return news_is_due(flow) ? read_begins_anew(flow, fd, flags) : read_begins(flow, fd, flags);
}

void flow_read_end(struct flow *flow, int fd, int flags, ssize_t got)
{
	uint32_t holder = flow_holder(flow);

	/* A read that does not block found nothing while we hold: the program polls for the reply,
	 * so the peer must have the whole request. */
	if (got < 0 && errno == EAGAIN)
		flow_probe();
	if (got < 0)
		return;
	/* A read that does not block and brought data ends the turn, as a wait does. */
	if (is_nonblocking(flow, flags))
		reads(flow);
	if (flow_is(flow, FLOW_QUICKACK))
		sockopt_quickack(fd);
	if (got > 0 && flow_is(flow, FLOW_TIMED) && !(flags & MSG_PEEK))
		arms_read(flow);
	if (got > 0 && flow->answer.reads && !(flags & MSG_PEEK))
		flow_answer_part(flow, fd, (size_t)got);
	if (holder && holder != thread_number() && got > 0)
		flow_hold_overtaken(flow);
}

/* FIONREAD is a probe for an answer. SIOCOUTQ and SIOCOUTQNSD ask what is still to be sent or
 * acknowledged: a program that asks expects all of it to be on its way, so nothing may be held. */
void flow_asking(int fd, unsigned long request)
{
	struct flow *flow;

	if (request == FIONREAD)
		flow_probe();
	else if ((request == SIOCOUTQ || request == SIOCOUTQNSD) && (flow = flow_of(fd)))
		flow_push_some(flow);
}

void flow_read_other_slow(int fd)
{
	uintptr_t slot = fdtab_get(fd);
	struct kernel_stat status;

	if (!control_on())
		return;
	if (slot == SLOT_OTHER || slot == SLOT_UNKNOWN) {
		if (kernel_call(SYS_fstat, fd, &status) != 0)
			return;
		fdtab_replace(fd, slot, S_ISREG(status.st_mode) ? SLOT_FILE : SLOT_WAITS);
		slot = S_ISREG(status.st_mode) ? SLOT_FILE : SLOT_WAITS;
	}
	if (slot == SLOT_WAITS || slot == SLOT_BEARER)
		reads(NULL);
}
