/* CLOCK_MONOTONIC from the TSC, for what is recorded: one instruction instead of a call into the
 * vDSO, twice for each event. The two are compared once a millisecond, in each thread for itself,
 * so an error in the rate has no time to grow: what is told is the kernel's own time within some
 * ten nanoseconds.
 *
 * Only where the kernel reads its own clock from the TSC, too (current_clocksource; it checks then
 * that all processors agree and that nothing stops it). Pure: both times are arguments. A struct
 * ticks belongs to one thread; its signal handlers may come between any two instructions. */
#ifndef SOCKFIX_TICKS_H
#define SOCKFIX_TICKS_H

#include <stdbool.h>
#include <stdint.h>

#define TICKS_WINDOW_NS 1000000u /* after a comparison it is relied upon so long */
#define TICKS_LEARN_NS	4000000u /* and the rate is taken over at least that */

/* volatile: what is read between two looks at `changes` must stay there. clang 14 takes loads of
 * plain variables across atomic_signal_fence(). */
struct ticks {
	volatile uint32_t changes;    /* odd: being compared */
	uint32_t misses;	      /* comparisons in a row that something came between */
	volatile uint64_t ticks, now; /* both clocks at the last comparison */
	volatile uint64_t window;     /* in ticks; 0: the rate is not known */
	volatile uint64_t rate;	      /* ns a tick, times 2^32; 0: not known */
	uint64_t base_ticks, base;    /* where the measuring of the rate began; base 0: nowhere */
	uint64_t last;		      /* the latest time told */
};

/* What the thread is told: never earlier than before, unless the kernel's clock itself was set
 * back by more than comparisons can differ (another time namespace). */
static inline uint64_t ticks_told(struct ticks *ticks, uint64_t now)
{
	if (now < ticks->last && ticks->last - now < TICKS_WINDOW_NS)
		now = ticks->last;
	ticks->last = now;
	return now;
}

/* The time of a reading of the TSC; 0: the kernel is to be asked, and both to be compared. */
static inline uint64_t ticks_time(struct ticks *ticks, uint64_t reading)
{
	uint32_t changes = ticks->changes;
	uint64_t since, now;
	bool known;

	since = reading - ticks->ticks;
	known = since < ticks->window;
	now = ticks->now + (since * ticks->rate >> 32);
	if (!known || changes & 1 || changes != ticks->changes)
		return 0;
	return ticks_told(ticks, now);
}

/* The kernel's clock said `now` while the TSC went from before to after. False: too long a way for
 * a comparison, or a handler above the thread's own one; nothing has changed. */
bool ticks_compare(struct ticks *ticks, uint64_t before, uint64_t now, uint64_t after);

#endif
