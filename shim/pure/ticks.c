/* Comparing the TSC with the kernel's clock.
 *
 * A rate that jumps (a virtual machine moved to another host) is forgotten and learnt anew. Must
 * not read a clock itself. */
#include "shim/pure/ticks.h"

#define NEAR	 1000u	     /* ticks that a comparison may take: else something came between */
#define STALE_NS 1000000000u /* the rate is not taken over more: bounds the product below */
#define RATE_MIN (UINT64_C(1) << 28) /* of 16 GHz */
#define RATE_MAX (UINT64_C(1) << 36) /* of 62 MHz */

static uint64_t distance(uint64_t one, uint64_t other)
{
	return one > other ? one - other : other - one;
}

/* Nothing that a clock of this world does between two comparisons changes its rate by 1/1024. */
static bool is_credible(uint64_t rate, uint64_t before)
{
	return rate >= RATE_MIN && rate <= RATE_MAX &&
	       (before == 0 || distance(rate, before) <= before >> 10);
}

static void learn_rate(struct ticks *ticks, uint64_t reading, uint64_t now)
{
	uint64_t took = now - ticks->base, passed = reading - ticks->base_ticks, rate;

	if (ticks->base && took < TICKS_LEARN_NS)
		return;
	if (ticks->base && took <= STALE_NS) {
		rate = passed ? (took << 32) / passed : 0;
		ticks->rate = is_credible(rate, ticks->rate) ? rate : 0;
	}
	ticks->base_ticks = reading;
	ticks->base = now;
}

bool ticks_compare(struct ticks *ticks, uint64_t before, uint64_t now, uint64_t after)
{
	uint64_t reading = before + (after - before) / 2;

	if (after - before > NEAR || ticks->changes & 1)
		return false;
	ticks->changes++;
	learn_rate(ticks, reading, now);
	ticks->ticks = reading;
	ticks->now = now;
	ticks->window = ticks->rate ? ((uint64_t)TICKS_WINDOW_NS << 32) / ticks->rate : 0;
	ticks->changes++;
	return true;
}
