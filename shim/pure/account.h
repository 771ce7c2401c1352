/* What holding may cost the program: its chances.
 *
 * A hold wins microseconds and can cost 200 ms, so the process has four chances to be wrong. A hold
 * takes one and gives it back when it has ended in time. One that came late does not: its chance is
 * lost for an hour. Nothing is held without a chance, so however many threads, connections and
 * endpoints there are, and whatever the program does, four holds in an hour can be late. Until the
 * first thousand holds have ended well there is one chance at a time, and so again after each that
 * was lost; and then nothing is held at all for the next thousand turns that would have been.
 *
 * Pure: times are arguments, in nanoseconds of one clock; no lock. An account belongs to a process;
 * the chances that were lost (struct account_lost) are all that the children of its forks share
 * with it. */
#ifndef SOCKFIX_ACCOUNT_H
#define SOCKFIX_ACCOUNT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACCOUNT_CHANCES 4u /* at most 7: HELD_CHANCE */
#define ACCOUNT_HOUR_NS UINT64_C(3600000000000)
/* Holds that end well one at a time before there are several; turns without a hold after a late
 * one. */
#define ACCOUNT_TURNS 1000u

/* When each chance was lost; 0: it was not, or has been forgiven. */
struct account_lost {
	_Atomic uint32_t ever; /* how often */
	_Atomic uint64_t when[ACCOUNT_CHANCES];
};

struct account {
	struct account_lost *lost; /* never NULL once it has begun */
	/* Turns that are still to go by before anything is held. */
	_Atomic uint32_t rest;
	/* A cache line each: threads that hold at the same time do not meet. */
	struct account_chance {
		_Atomic uint32_t taken; /* by the flow of that index, + 1; 0: free */
		_Atomic uint32_t kept;	/* holds that ended well */
	} __attribute__((aligned(64))) chance[ACCOUNT_CHANCES];
};

/* lost: of this process and its forks, zeroed; NULL: nothing may be held. */
void account_begin(struct account *account, struct account_lost *lost);

/* In the child of a fork: what others held there is their parent's. */
void account_forked(struct account *account);

/* A turn would be held, on behalf of `holder` (not 0): the number of the chance that it may take,
 * from 1 on, or 0: it may not be held. hint: threads with different ones seldom meet. */
unsigned account_take(struct account *account, uint32_t holder, uint32_t hint, uint64_t now);

/* The same in a few steps, where no chance was ever lost; 0: ask account_take(). */
static inline unsigned account_take_now(struct account *account, uint32_t holder, uint32_t hint)
{
	uint32_t nobody = 0;
	size_t at;

	if (atomic_load_explicit(&account->lost->ever, memory_order_relaxed))
		return 0;
	at = atomic_load_explicit(&account->chance[0].kept, memory_order_relaxed) < ACCOUNT_TURNS
		     ? 0
		     : hint % ACCOUNT_CHANCES;
	return atomic_compare_exchange_strong(&account->chance[at].taken, &nobody, holder) ? at + 1
											   : 0;
}

/* Two that race for the first one's count lose a hold that ended well. */
static inline uint32_t account_kept(const struct account_chance *chance)
{
	return atomic_load_explicit(&chance->kept, memory_order_relaxed);
}

static inline void account_keep(struct account_chance *chance, uint32_t kept)
{
	atomic_store_explicit(&chance->kept, kept, memory_order_relaxed);
}

/* The hold ended in time. */
static inline void account_give(struct account *account, unsigned chance)
{
	struct account_chance *mine = &account->chance[(size_t)chance - 1];

	if (account_kept(mine) < ACCOUNT_TURNS)
		account_keep(mine, account_kept(mine) + 1);
	atomic_store(&mine->taken, 0);
}

/* It ended late. */
void account_lose(struct account *account, unsigned chance, uint64_t now);

/* Chances that are not lost. */
unsigned account_left(const struct account *account, uint64_t now);

/* Who holds by that chance, 0: nobody. */
static inline uint32_t account_holder(const struct account *account, unsigned chance)
{
	return atomic_load(&account->chance[chance - 1].taken);
}

#endif
