/* Spreads looks over time and keeps them cheap. Must not know what is looked at. */
#include "tools/live/pace.h"

#define S	  1000000000u
#define PAID_BACK (UINT64_C(10) * S)

struct pace pace_new(uint64_t now, double a_second, uint32_t seed)
{
	return (struct pace){
		.began = now, .period = (uint64_t)(S / a_second), .lot = seed ? seed : 1};
}

/* Marsaglia's xorshift of 32 bits. */
static uint32_t draw(uint32_t *lot)
{
	*lot ^= *lot << 13;
	*lot ^= *lot >> 17;
	*lot ^= *lot << 5;
	return *lot;
}

uint64_t pace_next(struct pace *pace, uint64_t now, uint64_t cost)
{
	const uint64_t paid = pace->began + cost * 100 / PACE_PERCENT;
	const uint64_t soonest = now > paid ? now : paid;
	const uint64_t slot = (soonest - pace->began + pace->period - 1) / pace->period;

	pace->slot = slot > pace->slot ? slot : pace->slot + 1;
	return pace->began + pace->slot * pace->period +
	       (uint64_t)((double)pace->period * draw(&pace->lot) / 4294967296.0);
}

uint64_t pace_charge(uint64_t cost, uint64_t first, uint64_t since)
{
	if (since >= PAID_BACK)
		return cost;
	return cost - first + (uint64_t)((double)first * (double)since / (double)PAID_BACK);
}
