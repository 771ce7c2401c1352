/* The way of nearly every write and read under coalesce = "auto", in one piece: what flow.c,
 * hold.c, wait.c and turn.c do where nothing is special. Its cost is counted in instructions
 * (tests/bench), so it reads each thing once.
 *
 * Each of these functions says so where something is special, and has changed nothing then: the
 * function of flow.h that it stands for is to be asked. */
#ifndef SOCKFIX_FLOW_HOT_H
#define SOCKFIX_FLOW_HOT_H

#include "shim/base/clock.h"
#include "shim/pure/word.h"
#include "shim/flow/answer.h"
#include "shim/flow/flow.h"
#include "shim/flow/hold.h"
#include "shim/settle/nodelay.h"

enum hot { HOT_THROUGH, HOT_HOLD, HOT_ASK };

#define HOT static inline __attribute__((always_inline))

/* After a write that was counted: the kernel took only `got` of n bytes, or refused them, or the
 * mark of its hold is gone. What flow_write_end() does, and the count is put right before. word:
 * hot_word(), when it began. */
void hot_cut(struct flow *flow, int fd, ssize_t got, size_t n, uint64_t word, int more);

/* What makes a flow special: any of these, or another mode. */
#define HOT_STATES                                                                                 \
	(FLOW_PROVE | FLOW_BARE | FLOW_LENT | FLOW_DUE | FLOW_OWN_CORK | FLOW_CORKED |             \
		FLOW_RESIGNED | FLOW_NEWS | FLOW_TIMED)

/* mode in the low byte, life in the upper half of the low word, state above: see union hot. */
HOT uint64_t hot_word(const struct flow *flow)
{
	return __atomic_load_n((const word64 *)(const void *)flow, __ATOMIC_RELAXED);
}

/* Whether it has these of the states that make it special. */
HOT bool hot_is(uint64_t word, uint32_t states)
{
	return (word & (UINT64_C(0xff) | (uint64_t)HOT_STATES << 32)) ==
	       (COALESCE_AUTO | (uint64_t)states << 32);
}

/* Of two of them, by exclusive or, whether one is of another connection: what ended while a write
 * was made is let be. */
HOT bool hot_life(uint64_t both)
{
	return both & 0xffff0000u;
}

HOT bool hot_is_due(const struct flow *flow)
{
	const char *seen = (const char *)flow + offsetof(struct flow, nodelay_seen);

	return atomic_load_explicit(nodelay_given_back, memory_order_relaxed) !=
	       *(const uint32_t *)(const void *)seen;
}

/* The thread's variables. Where they lie is looked up once, and hidden from the compiler, which
 * would look it up for each of them. */
HOT struct thread *hot_me(void)
{
#if defined(__x86_64__)
	struct thread *me;

	__asm__("movq %%fs:0, %0\n\taddq thread@gottpoff(%%rip), %0" : "=r"(me) : : "cc");
#else
	struct thread *me = &thread;

	__asm__("" : "+r"(me));
#endif
	return me;
}

/* As flow_streams_on(), in a turn of this thread: a stream that has gone on for long is left alone
 * until its thread waits. */
HOT bool hot_streams(const struct flow *flow)
{
	return turn_is_endless(&flow->turn) && hot_is(hot_word(flow), FLOW_STREAM);
}

/* Whether one read took the answer, as mostly, or nobody read: word, of answer_word(). */
HOT bool hot_answer_is_plain(uint64_t word)
{
	return (word & ~ANSWER_READ_ONCE) == 0;
}

/* As flow_answer_over() of such, and what turn_open() makes of it. */
HOT void hot_answer_over(struct flow *flow, uint64_t word)
{
	atomic_store_explicit(&flow->answer.reads, 0, memory_order_relaxed);
	turn_put(&flow->turn, mute, word ? 1 : turn_mute(&flow->turn));
}

/* As turn_round(). False: turns that follow at full speed are to be looked at, see flow_keep();
 * those of several writes never are. now: where it is read already, for these. */
HOT bool hot_round(struct turn *turn, uint64_t now, bool many)
{
	const unsigned rounds = turn->rounds + 1u, brisk = many ? 0 : turn->brisk;

	if (__builtin_expect(turn->rest || rounds >= BRISK_TURNS || brisk >= BRISK_TIMES, 0)) {
		if (!turn->rest && brisk)
			return false;
		turn_round(turn, many ? now : clock_now());
	} else
		turn->rounds = (uint8_t)rounds;
	return true;
}

/* The first write of a turn that is like the one before. A turn counts a write before it is made;
 * hot_cut() is for those that the kernel did not take, or not all of. before: the epoch of that
 * turn; now: 0 where it is not read. */
HOT bool hot_first(struct thread *me, struct flow *flow, uint64_t before, uint64_t now, bool many)
{
	struct turn *turn = &flow->turn;
	const uint64_t epoch = me->epoch, answer = answer_word(&flow->answer);

	if ((before ^ epoch) >> 40 || !turn_repeats(turn, flow->learner) ||
		(!many && atomic_load_explicit(&flow->held, memory_order_relaxed) & HELD_BY) ||
		!hot_answer_is_plain(answer) || !hot_round(turn, now, many))
		return false;
	hot_answer_over(flow, answer);
	turn->reads_elsewhere = turn->reads_elsewhere_last = me->reads_elsewhere;
	me->wrote = true;
	turn_put(turn, epoch, epoch);
	turn_put(turn, last, now);
	turn_put(turn, writes, 1);
	turn->train = many ? now : 0;
	return true;
}

/* The second write of a turn, or a later one. What comes late has a price: see flow_hold_waited().
 * What is more than was foretold may become a stream, and whom an answer reaches in between is not
 * alone. */
HOT enum hot hot_next(const struct thread *me, struct flow *flow, uint64_t now)
{
	struct turn *turn = &flow->turn;
	const uint32_t number = turn_get(turn, writes) + 1, expect = turn_get(turn, expect);
	enum hot hot = HOT_HOLD;

	if (answer_word(&flow->answer) ||
		now - turn_get(turn, last) > HOLD_FREE_NS /* as where it is not known */)
		return HOT_ASK;
	if (number < expect) {
		if (now - turn->train > TURN_TRAIN_NS)
			return HOT_ASK;
	} else if (number == expect) {
		turn->train = 0;
		hot = HOT_THROUGH;
	} else
		return HOT_ASK;
	turn_put(turn, last, now);
	turn_put(turn, writes, number);
	turn->reads_elsewhere_last = me->reads_elsewhere;
	return hot;
}

/* As flow_write_begin(), of a turn that has one write. False: ask it. */
HOT bool hot_begin_one(struct thread *me, struct flow *flow, uint64_t word)
{
	struct turn *turn = &flow->turn;
	bool plural, first = false;

	if (!hot_is(word, 0) || hot_is_due(flow) || !flow_enter(flow))
		return false;
	plural = atomic_load_explicit(&flow->learner->plural, memory_order_relaxed);
	if (!turn_is_odd(turn) && turn_get(turn, expect) < 2 &&
		hot_first(me, flow, turn_get(turn, epoch), plural ? clock_now() : 0, false))
		first = true;
	flow_leave(flow);
	return first;
}

/* The same of a turn that has several. What hot_is_due() says is for hot_may_pass(). */
HOT enum hot hot_begin_many(struct thread *me, struct flow *flow, uint64_t word, uint64_t now)
{
	enum hot hot = HOT_ASK;
	uint64_t epoch;

	if (!hot_is(word, 0) || !flow_enter(flow))
		return HOT_ASK;
	epoch = turn_get(&flow->turn, epoch);
	if (!turn_is_odd(&flow->turn)) {
		if (epoch == me->epoch)
			hot = hot_next(me, flow, now);
		else if (hot_first(me, flow, epoch, now, true))
			hot = HOT_HOLD;
	}
	flow_leave(flow);
	return hot;
}

/* As thread_add(): a thread that holds has mostly one flow on its list. False: it is to be called;
 * a signal handler that waits before the flow has its place sees no hold. */
HOT bool hot_list(struct thread *me, struct flow *flow, uint64_t epoch)
{
	uint32_t none = 0;

	if (!atomic_compare_exchange_strong(&me->open, &none, 1))
		return false;
	me->flow[0].generation = flow->generation;
	atomic_signal_fence(memory_order_seq_cst);
	me->flow[0].flow = flow;
	flow->listed = epoch;
	atomic_signal_fence(memory_order_seq_cst);
	return me->epoch == epoch;
}

/* As thread_drop(). epoch: of the turn that is over. A handler that has waited since, and holds
 * anew, has put its own entry in the same place: it stays, or is given back to it. */
HOT void hot_unlist(struct thread *me, struct flow *flow, uint64_t epoch)
{
	uint32_t one = 1, none = 0;

	if (flow->listed != epoch || me->flow[0].flow != flow ||
		!atomic_compare_exchange_strong(&me->open, &one, 0)) {
		if (me->epoch == epoch)
			thread_drop(flow);
		return;
	}
	flow->listed = 0;
	atomic_signal_fence(memory_order_seq_cst);
	if (__builtin_expect(me->epoch != epoch, 0))
		atomic_compare_exchange_strong(&me->open, &none, 1);
}

/* As flow_hold(), for the first hold of a turn. On the list first: whoever never comes back
 * (siglongjmp) leaves no mark that no wait finds; and the mark is set last, so that who pushes by
 * it knows how. seen: flow->held, which nobody holds. False: flow_hold() goes on from where this
 * stopped. */
HOT bool hot_hold_first(struct thread *me, struct flow *flow, int fd, uint64_t seen, uint64_t now)
{
	const uint64_t epoch = me->epoch;
	const uint32_t number = (uint32_t)(epoch >> 40);
	unsigned chance;
	uint64_t mark;

	if (!hot_list(me, flow, epoch))
		return false;
	chance = account_take_now(&flow_account, flow->index + 1, number);
	if (!chance)
		return false;
	mark = (seen + HELD_TRY + number) | (uint64_t)chance << HELD_SHIFT;
	atomic_store_explicit(&flow->held_fd, fd, memory_order_relaxed);
	atomic_store_explicit(&flow->held_at, now, memory_order_relaxed);
	if (!atomic_compare_exchange_strong(&flow->held, &seen, mark)) {
		account_give(&flow_account, chance);
		return false;
	}
	me->mark = mark;
	me->held = true;
	return flow->listed == epoch; /* else a handler has taken it off the list */
}

/* Whether a write is of something, and not of a length that write() refuses and sendto() would
 * take: see hook/out.c. */
HOT bool hot_length(size_t n)
{
	return n - 1 < INT_MAX;
}

/* As flow_hold(). A later hold of the turn is in the mark of the first already. now: the turn's. */
HOT bool hot_hold(struct thread *me, struct flow *flow, int fd, uint64_t now)
{
	const uint64_t seen = atomic_load_explicit(&flow->held, memory_order_relaxed);

	if (seen != me->mark)
		return (!(seen & (HELD_BY | HELD_CHANCE)) &&
			       hot_hold_first(me, flow, fd, seen, now)) ||
		       flow_hold(flow, fd);
	atomic_store_explicit(&flow->held_at, now, memory_order_relaxed);
	return true;
}

/* Before what goes through. False: it is to be asked for anew. */
HOT bool hot_may_pass(struct flow *flow)
{
	if (__builtin_expect(!hot_is_due(flow), 1))
		return true;
	if (flow_enter(flow)) {
		turn_uncount(&flow->turn);
		flow_leave(flow);
	}
	return false;
}

/* As flow_write_end() of one that is held as a whole: the mark is set anew, unless somebody took it
 * away meanwhile, as the end of its flow does. */
HOT void hot_end_held(struct thread *me, struct flow *flow, int fd, size_t n, uint64_t word)
{
	const uint64_t mark = me->mark, next = mark + HELD_NEXT;
	uint64_t seen = mark;

	me->wrote = true; /* a handler may have waited before it was marked */
	if (atomic_compare_exchange_strong(&flow->held, &seen, next))
		me->mark = next;
	else
		hot_cut(flow, fd, (ssize_t)n, n, word, MSG_MORE);
}

/* As flow_write_end() of a write that went through as a whole, the last of those that were
 * foretold. held: flow->held right before the call: only what was held then went along. Who holds
 * anew meanwhile, in a handler or another thread, keeps its mark, and a flow that has ended has
 * none. Of a write that was the only one of its turn, which began when nobody held, there is
 * nothing to do. */
HOT void hot_end_last(struct thread *me, struct flow *flow, uint64_t held)
{
	const uint64_t epoch = me->epoch;
	uint64_t seen = held;

	if (!(held & HELD_CHANCE) ||
		!atomic_compare_exchange_strong(&flow->held, &seen, held & ~HELD_MARK))
		return;
	account_give(&flow_account, held_chance(held));
	learner_reward(flow->learner);
	hot_unlist(me, flow, epoch);
}

/* ---- reads ---- */

/* As acks_reads() of the first read of an answer, where nobody looks at its parts. */
HOT bool hot_answer_reads(struct flow *flow, uint32_t state)
{
	if (!(state & FLOW_ACKS))
		return true;
	if (atomic_load_explicit(&flow->answer.reads, memory_order_relaxed) ||
		atomic_load_explicit(&flow->learner->acks.watches, memory_order_relaxed))
		return false;
	atomic_store_explicit(&flow->answer.reads, 1, memory_order_relaxed);
	return true;
}

HOT bool hot_has_turns(const struct thread *me)
{
	return atomic_load_explicit(&me->open, memory_order_relaxed) ||
	       (uint32_t)atomic_load_explicit(&me->more.head, memory_order_relaxed);
}

/* As flow_turns_over() of a thread that has none to close. A signal handler may open one: only what
 * it opens after the look at the list, as after all of flow_read_begin(), is left to the next wait.
 */
HOT bool hot_turns_over(struct thread *me, struct flow *flow, uint32_t state)
{
	me->wrote = me->held = false;
	atomic_signal_fence(memory_order_seq_cst);
	if (hot_has_turns(me) || !hot_answer_reads(flow, state)) {
		me->wrote = me->held = true;
		return false;
	}
	me->epoch++;
	return true;
}

/* As flow_read_begin() of a read that may wait, and of which flow_read_end() need not hear. */
HOT bool hot_reads(struct flow *flow)
{
	struct thread *me = hot_me();
	const uint64_t mine = me->epoch, epoch = turn_get(&flow->turn, epoch);
	const uint32_t state = atomic_load_explicit(&flow->state, memory_order_relaxed);

	if (state & (FLOW_NONBLOCK | FLOW_QUICKACK | FLOW_SHARED | FLOW_LENT | FLOW_BARE |
			    FLOW_NEWS | FLOW_TIMED) ||
		atomic_load_explicit(&flow->held, memory_order_relaxed) & HELD_BY || me->kept)
		return false;
	if (me->wrote)
		return epoch == mine && hot_turns_over(me, flow, state);
	return (!epoch || (epoch ^ mine) >> 40 == 0) && hot_answer_reads(flow, state);
}

/* As flow_read_other(): a stream to one peer goes on while something else is read, unless something
 * is held. */
HOT bool hot_reads_other(uintptr_t slot)
{
	struct thread *me = hot_me();

	if (!me->wrote || slot == SLOT_FILE)
		return true;
	if (slot == SLOT_OTHER || me->held)
		return false;
	me->reads_elsewhere++;
	return true;
}

#endif
