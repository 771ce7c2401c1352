/* When to look next. Pure: times are arguments, in nanoseconds. */
#ifndef SOCKFIX_LIVE_PACE_H
#define SOCKFIX_LIVE_PACE_H

#include <stdint.h>

struct pace {
	uint64_t began, period;
	uint64_t slot; /* the look in it is made at a moment drawn by lot, so that no
			* beat of the program's own can hide between looks */
	uint32_t lot;
};

/* Of a processor, the looking takes at most so many hundredths. */
enum { PACE_PERCENT = 3 };

struct pace pace_new(uint64_t now, double a_second, uint32_t seed);
/* The next look; cost: what all took so far. Slots that went by are left out. */
uint64_t pace_next(struct pace *pace, uint64_t now, uint64_t cost);

/* What counts of a cost, so long after the beginning: what the first look cost (who is there, whose
 * is what) is paid back over ten seconds. */
uint64_t pace_charge(uint64_t cost, uint64_t first, uint64_t since);

#endif
