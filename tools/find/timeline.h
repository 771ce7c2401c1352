/* When it was: the split of the run's time, slice by slice, and the stretches in which most was
 * lost. */
#ifndef SOCKFIX_TIMELINE_H
#define SOCKFIX_TIMELINE_H

#include "tools/find/find.h"

/* As in struct split; together they are the time that they are of. */
enum slice_kind {
	SLICE_STALLED,
	SLICE_PEER,
	SLICE_OTHER,
	SLICE_PROGRAM,
	SLICE_UNSEEN, /* of no process anything is known */
	SLICE_KINDS
};

struct slice {
	uint64_t ns[SLICE_KINDS];
	bool full; /* in it, or before, the recording of a process that went on was full */
};

struct timeline {
	uint64_t began, wall; /* ns; the clock's, and how long */
	struct slice *slice;
	size_t slices;
	struct slice all; /* their sums, which are wall */
};

/* Cuts the run into so many slices (1 or more) of equal length. An instant is stalled where the
 * run waits for a peer and a finding says so: a stall beside which other threads are at work is
 * not, so that the sum may be less than split.stalled. */
void timeline_take(struct timeline *timeline, const struct fold *fold,
	const struct findings *findings, size_t slices);
void timeline_free(struct timeline *timeline);

/* When that slice begins, ns after `began`; of the number of slices: the end of the run. */
uint64_t timeline_at(const struct timeline *timeline, size_t slice);

/* Time that one habit at one endpoint lost, with no pause of more than a hundredth of the run. */
struct lost {
	const struct code *code;
	uint32_t endpoint;   /* index in fold->endpoint, UINT32_MAX: of none */
	uint64_t begin, end; /* ns, the clock's */
	uint64_t ns;	     /* of that, lost; what overlaps counts once */
	uint64_t times;
};

/* The most lost first; to be freed. Stalls, connects of which a SYN was lost, and look-ups
 * that took long. */
struct lost *timeline_lost(const struct fold *fold, const struct findings *findings, size_t *count);

#endif
