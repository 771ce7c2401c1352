/* What timeline.c and lanes.c share: slices that are filled with stretches of time, in order. */
#ifndef SOCKFIX_TIMELINE_PARTS_H
#define SOCKFIX_TIMELINE_PARTS_H

#include "tools/find/ends.h"
#include "tools/find/timeline.h"

/* What is filled in, and the next time of stalls that may count. */
struct filling {
	struct timeline *timeline;
	struct ends stalls; /* sorted */
	struct cover stall;
	bool more; /* there is such a one */
};

/* From the first stall on again. */
void filling_begin(struct filling *filling);
/* Of the run's clock; what is outside of the run is left out. */
void timeline_add(struct timeline *timeline, uint64_t begin, uint64_t end, enum slice_kind kind);
/* Whether there is a stall in that time, which none before was behind. */
bool filling_stalls(struct filling *filling, uint64_t begin, uint64_t end);
/* A wait for a peer, which is stalled where a finding says so; waits come in order. */
void filling_wait(struct filling *filling, uint64_t begin, uint64_t end);

/* In which slice that time is. */
size_t timeline_slice(const struct timeline *timeline, uint64_t time);

#endif
