/* Takes the rules that somebody outside has given, and has each connection decided anew when it is
 * used next, by the thread that uses it: nobody else knows that its descriptor still is its own.
 *
 * Must not believe the line: another one may be written over it meanwhile. Must not wait for
 * another thread; whoever finds one at it goes on with the rules that there are. */
#include "shim/flow/news.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "shim/base/kernel.h"
#include "shim/base/log.h"
#include "shim/base/page.h"
#include "shim/flow/flow.h"
#include "shim/flow/hold.h"
#include "shim/settle/decisions.h"
#include "shim/settle/proof.h"
#include "shim/settle/renew.h"

SELDOM struct control_given news_given;
struct control_taken news_taken;

static _Atomic bool busy; /* a thread is taking what was given */

/* ---- taking ---- */

static bool is_news(void)
{
	return atomic_load(&news_given.number) != atomic_load(&news_taken.number);
}

/* Of those that begin meanwhile each asks after it was told, or is told after it has asked. */
static void tell_flows(void)
{
	const uint32_t count = flow_count();

	for (uint32_t i = 0; i < count; i++)
		if (atomic_load(&flow_at(i)->refs))
			flow_mark(flow_at(i), FLOW_NEWS);
}

/* 0 or an errno. */
static int change(void)
{
	static SELDOM char line[sizeof(news_given.line)];
	const uint64_t hash = news_given.hash;
	int error;

	memcpy(line, news_given.line, sizeof(line));
	if (memchr(line, '\0', sizeof(line)) == NULL || control_hash(line) != hash)
		return EPROTO;
	/* Recorded without rules it has none of what they need; and a proof has its own. */
	if (!atomic_load(&decisions_text))
		return ENODATA;
	if (proof_block)
		return EBUSY;
	error = decisions_change(line);
	if (!error)
		tell_flows();
	return -error;
}

static void take(void)
{
	const uint64_t number = atomic_load(&news_given.number);
	const int error = change();

	atomic_store(&news_taken.error, error);
	news_taken.times += !error;
	atomic_store(&news_taken.number, number);
	if (error)
		log_error("new rules cannot be used: %s; the old ones hold", log_reason(error));
	else
		log_info("there are new rules, the %uth", news_taken.times);
}

/* Without a signal in the middle: a handler that never comes back would leave it busy for ever.
 * False: a sandbox allows no mask. */
static bool take_alone(void)
{
	const uint64_t all = UINT64_MAX;
	uint64_t before;

	if (kernel_call(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof(all)) != 0)
		return false;
	if (!atomic_exchange(&busy, true)) {
		take();
		atomic_store(&busy, false);
	}
	kernel_call(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof(before));
	return true;
}

/* Again, where there are others by now: who found this thread at it has left them to it. */
void news_take(void)
{
	int saved = errno;

	atomic_store(&control.wanted_rules, 0);
	while (is_news() && !atomic_load(&busy) && take_alone())
		;
	errno = saved;
}

void news_forked(void)
{
	if (atomic_exchange(&busy, false))
		atomic_store(&control.wanted_rules, 1);
}

/* ---- a connection ---- */

/* A flow that goes from one way of writing to another has nothing open. */
static void forget_turn(struct flow *flow)
{
	if (!flow_enter(flow))
		return;
	turn_forget(&flow->turn);
	flow_leave(flow);
}

static void let_go(struct flow *flow)
{
	flow_push(flow);
	flow_uncork(flow);
	flow_nodelay_back(flow);
}

static void apply_now(struct flow *flow, int fd)
{
	const unsigned was = flow_mode(flow);

	if (was == COALESCE_BUFFER && renew_ends_collecting(flow))
		flow_buffer_end(flow, GIVEN_UP_NOT);
	else if (was != COALESCE_BUFFER)
		let_go(flow);
	renew_apply(flow, fd);
	if (flow_mode(flow) == was)
		return;
	forget_turn(flow);
	flow_push(flow); /* what another thread has held in between */
}

/* While it is switched off nothing is set; what was collected is not to be waited for before a
 * read: the peer may wait for that. Both have it later. */
void news_apply(struct flow *flow, int fd, bool writes)
{
	int saved = errno;
	int16_t was;

	news_look();
	if (!flow_is(flow, FLOW_NEWS))
		return;
	if (control_is_switched_off() || (!writes && flow_mode(flow) == COALESCE_BUFFER) ||
		!flow_unmark(flow, FLOW_NEWS))
		return;
	was = flow->decision;
	if (renew_decide(flow, fd) && flow->decision != was)
		apply_now(flow, fd);
	errno = saved;
}
