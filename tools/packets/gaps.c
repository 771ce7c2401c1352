/* See gaps.h. Pure. */
#include "tools/packets/gaps.h"

static uint64_t gap_of(unsigned step)
{
	const unsigned power = step / GAPS_STEPS;

	return power < 3 ? UINT64_C(1) << power
			 : (GAPS_STEPS + step % GAPS_STEPS) * (UINT64_C(1) << (power - 3));
}

void gaps_count(struct gaps *gaps, uint64_t gap)
{
	unsigned power = 0;

	while (power < 63 && gap >> power >> 1)
		power++;
	gaps->count[power * GAPS_STEPS +
		    (power < 3 ? 0 : (unsigned)(gap >> (power - 3)) % GAPS_STEPS)]++;
}

uint64_t gaps_median(const struct gaps *gaps)
{
	uint64_t all = 0, sum = 0;

	for (unsigned i = 0; i < GAPS_COUNTS; i++)
		all += gaps->count[i];
	for (unsigned i = 0; all && i < GAPS_COUNTS; i++) {
		sum += gaps->count[i];
		if (sum * 2 >= all)
			return gap_of(i);
	}
	return 0;
}
