/* Times, counted by their length, of which the median is asked: eight steps to each power of two,
 * so that it is right to an eighth, in a few KB however many there are. Zeros are an empty one. */
#ifndef SOCKFIX_PACKET_GAPS_H
#define SOCKFIX_PACKET_GAPS_H

#include <stdint.h>

enum { GAPS_STEPS = 8, GAPS_COUNTS = 64 * GAPS_STEPS };

struct gaps {
	uint64_t count[GAPS_COUNTS];
};

/* In ns. */
void gaps_count(struct gaps *gaps, uint64_t gap);
/* About: half of them took no more. 0: there are none. */
uint64_t gaps_median(const struct gaps *gaps);

#endif
