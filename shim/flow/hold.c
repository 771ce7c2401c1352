/* Holds and their ends: the mark, the chance that it takes, letting go, and what a hold that came
 * too late costs its endpoint. What was lent to a stream comes back here, too.
 *
 * Must not decide what to hold. */
#include "shim/flow/hold.h"

#include <errno.h>

#include "shim/pure/account.h"
#include "shim/table/buffer.h"
#include "shim/base/clock.h"
#include "shim/base/control.h"
#include "shim/flow/deadline.h"
#include "shim/flow/flow.h"
#include "shim/base/log.h"
#include "shim/settle/sockopt.h"
#include "shim/record/connection.h"

struct account flow_account;

void flow_hold_start(void *shared)
{
	_Static_assert(sizeof(struct account_lost) <= FLOW_HOLD_SHARED, "no room for the lost");

	account_begin(&flow_account, shared);
}

void flow_hold_forked(void)
{
	account_forked(&flow_account);
}

/* ---- the mark ---- */

static unsigned take_chance(const struct flow *flow)
{
	return account_take(
		&flow_account, flow->index + 1, thread_number(), turn_get(&flow->turn, last));
}

bool flow_mark_held(struct flow *flow, uint64_t step)
{
	const bool needs = flow_mode(flow) == COALESCE_AUTO;
	uint64_t seen = atomic_load(&flow->held), next;
	unsigned chance = 0;

	do {
		if (needs && !held_chance(seen) && !chance && !(chance = take_chance(flow)))
			return false;
		next = (seen & ~(HELD_BY | HELD_ROUND)) + step + thread_number();
		if (!held_chance(seen))
			next |= (uint64_t)chance << HELD_SHIFT;
	} while (!atomic_compare_exchange_strong(&flow->held, &seen, next));
	if (chance && held_chance(seen))
		account_give(&flow_account, chance);
	atomic_store_explicit(&flow->held_at, turn_get(&flow->turn, last), memory_order_relaxed);
	thread.mark = next;
	thread.held = true;
	return true;
}

/* Takes the mark of that hold away; false: it is the mark of a later hold by now. */
static bool unmark(struct flow *flow, uint64_t seen)
{
	return atomic_compare_exchange_strong(&flow->held, &seen, seen & ~HELD_MARK);
}

static void give_back(uint64_t held)
{
	if (held_chance(held))
		account_give(&flow_account, held_chance(held));
}

void flow_hold_drop(struct flow *flow)
{
	uint64_t seen = atomic_load(&flow->held);

	if (seen & HELD_BY && unmark(flow, seen))
		give_back(seen);
}

/* ---- its end ---- */

static bool is_late(const struct flow *flow, uint64_t waited)
{
	return waited > HOLD_LATE_NS && waited > sockopt_min_rtt(flow->held_fd) / 4;
}

static void count_late(struct flow *flow, uint64_t waited)
{
	atomic_fetch_add(&flow->late, 1);
	atomic_fetch_add(&control_counts.late, 1);
	atomic_fetch_add(&control_counts.late_ns, waited);
}

/* The endpoint is benched, and the chance is lost. */
static void was_late(struct flow *flow, unsigned chance, uint64_t waited)
{
	uint64_t now = clock_now();
	int turns = learner_bench(flow->learner);

	account_lose(&flow_account, chance, now);
	count_late(flow, waited);
	trace_late(flow, waited);
	log_warn("port %u: a held write came %u ms late; nothing is held there for %d turns%s",
		flow->port, (unsigned)(waited / 1000000), turns,
		account_left(&flow_account, now) ? ""
						 : ", and nothing in this process for an hour");
}

static uint64_t at_most(uint64_t waited)
{
	return waited < HOLD_LONGEST_NS ? waited : HOLD_LONGEST_NS;
}

/* A push ended it, `waited` ns after its last write. */
static void has_ended(struct flow *flow, uint64_t held, uint64_t waited)
{
	/* Switched off, it is not the program's way of writing that ended it. */
	if (held_chance(held) && !control_is_switched_off() && is_late(flow, waited))
		was_late(flow, held_chance(held), at_most(waited));
	else
		give_back(held);
}

void flow_released(struct flow *flow, uint64_t held)
{
	if (!(held & HELD_BY) || !unmark(flow, held))
		return;
	give_back(held);
	if (held_chance(held))
		learner_reward(flow->learner);
}

/* The bytes stay held, but no later write may be held together with them. */
static bool take_chance_away(struct flow *flow, uint64_t seen)
{
	return atomic_compare_exchange_strong(&flow->held, &seen, seen & ~HELD_CHANCE);
}

/* Late by less than a chance, and more often than the good ones were worth: not held there for a
 * while. A way that is far longer makes nothing of it. */
static void was_slow(struct flow *flow, uint64_t waited)
{
	int turns;

	if (waited <= sockopt_min_rtt(flow->held_fd) / 4)
		return;
	turns = learner_bench(flow->learner);
	log_info("port %u: writes come %u us apart, too long for holding: not held for %d turns",
		flow->port, (unsigned)(waited / 1000), turns);
}

void flow_hold_waited(struct flow *flow, uint64_t waited)
{
	uint64_t seen = atomic_load(&flow->held);
	bool late, spent;

	if (!held_chance(seen) || waited <= HOLD_FREE_NS)
		return;
	late = is_late(flow, waited);
	spent = learner_slow(flow->learner, at_most(waited));
	if (late && (spent || waited > HOLD_KERNEL_NS)) {
		if (take_chance_away(flow, seen))
			was_late(flow, held_chance(seen), at_most(waited));
		return;
	}
	trace_slow(flow, at_most(waited));
	if (spent)
		was_slow(flow, waited);
}

static uint64_t age_of(const struct flow *flow)
{
	uint64_t at = atomic_load_explicit(&flow->held_at, memory_order_relaxed);

	return clock_now() - at;
}

void flow_hold_overtaken(struct flow *flow)
{
	if (held_chance(atomic_load(&flow->held)) && age_of(flow) > HOLD_LATE_NS)
		flow_push_some(flow);
}

/* ---- letting go ---- */

/* The descriptor was closed, and made again as something else, by calls that we did not see: that a
 * push fails there says nothing about other flows. */
static bool is_another(int fd, int error)
{
	return error == EBADF || error == ENOTSOCK || error == EOPNOTSUPP ||
	       (error == ENOPROTOOPT && !sockopt_is_tcp(fd));
}

/* Where a push fails no push may work, so nothing is held from now on. The kernel lets go of what
 * is held by itself, after 200 ms. */
static void push(int fd)
{
	int error = -sockopt_push(fd);

	control_refused(error);
	if (error && !is_another(fd, error) && control_bar())
		log_error("setsockopt fails (errno %d): nothing is held from here on", error);
}

/* Clears the mark only behind the push: a thread that finds it cleared may go to sleep, and nothing
 * may be left held then. */
static void let_go(struct flow *flow, bool wait)
{
	uint64_t seen = atomic_load(&flow->held), waited;
	bool collected = flow->buffer && buffer_pending(flow->buffer);

	if (!(seen & HELD_BY || collected) || !control_on())
		return;
	waited = held_chance(seen) ? age_of(flow) : 0;
	if (collected)
		flow_flush(flow, wait);
	else
		push(flow->held_fd);
	if ((!flow->buffer || !buffer_pending(flow->buffer)) && unmark(flow, seen))
		has_ended(flow, seen, waited);
}

void flow_push(struct flow *flow)
{
	let_go(flow, true);
}

void flow_push_some(struct flow *flow)
{
	let_go(flow, false);
}

void flow_uncork(struct flow *flow)
{
	if (!control_on() || !flow_unmark(flow, FLOW_CORKED))
		return;
	push(flow->held_fd);
	if (flow_is(flow, FLOW_OWN_CORK))
		sockopt_cork(flow->held_fd);
}

/* Bytes that the program itself corks are let go at a wait, not at a probe. */
static bool probe_one(struct flow *flow)
{
	if (flow_is(flow, FLOW_CORKED))
		thread.held = true;
	if (!is_held_by_me(flow))
		return false;
	if (turn_get(&flow->turn, epoch) == thread.epoch && flow_enter(flow)) {
		flow->turn.probed = true;
		flow_leave(flow);
	}
	flow_push_some(flow);
	thread.held = thread.held || is_held_by_me(flow);
	return false; /* the others, too */
}

void flow_probe_slow(void)
{
	thread.held = false;
	thread_any(probe_one);
}

/* ---- of all threads ---- */

static void push_one(struct flow *flow)
{
	flow_buffer_end(flow, GIVEN_UP_SHARED);
	if (flow_holder(flow))
		flow_push(flow);
	flow_nodelay_back(flow);
}

/* What the deadline watches, is lent or collects; only the flows themselves know. */
static void push_every_flow(void)
{
	uint32_t count = flow_count();

	for (uint32_t i = 0; i < count; i++)
		if (atomic_load(&flow_at(i)->refs))
			push_one(flow_at(i));
}

/* What auto holds has a chance each, so there is nothing to look for. */
static void push_by_chance(void)
{
	for (unsigned chance = 1; chance <= ACCOUNT_CHANCES; chance++) {
		uint32_t holder = account_holder(&flow_account, chance);

		if (holder)
			flow_push(flow_at(holder - 1));
	}
}

void flow_push_all(void)
{
	if (!control_on())
		return;
	push_by_chance();
	if (atomic_load(&flow_counted) || atomic_load(&flow_watched))
		push_every_flow();
}

void flow_nagle_back(struct flow *flow, int fd)
{
	if (!flow_is(flow, FLOW_NODELAY) || flow_is(flow, FLOW_LENT) ||
		!flow_mark(flow, FLOW_STREAM))
		return;
	flow->held_fd = fd;
	control_refused(-sockopt_nodelay(fd, 0));
}

/* Ours again; that pushes, too (tcp(7), TCP_NODELAY). */
void flow_nodelay_back(struct flow *flow)
{
	if (!control_on() || !flow_unmark(flow, FLOW_LENT))
		return;
	if (!flow_is(flow, FLOW_NODELAY)) /* new rules have taken it back meanwhile */
		return;
	control_refused(-sockopt_nodelay(flow->held_fd, 1));
}
