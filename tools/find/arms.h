/* The two arms of one run of `sockfix prove`, set side by side. Pure. */
#ifndef SOCKFIX_ARMS_H
#define SOCKFIX_ARMS_H

#include "tools/fold/fold.h"

/* A turn's time: from its first write to the last of the answer (of a server: from the request to
 * the next), or to its end where none came; the connect belongs to a connection's first turn. All
 * in ns. */
struct arm {
	uint64_t turns, proven;
	uint64_t p5, p50, p95, max; /* of turns */
	double mean;
	/* A block: about ARMS_BLOCK turns of one arm in a row on one connection. Turns of a program
	 * repeat each other's mixture; the means of blocks are what can be compared. */
	size_t blocks;
	double block_low, block_mid, block_high; /* quartiles of their means */
	uint64_t run; /* about what the run would take where all its turns were of that arm */
};

enum arms_verdict { ARMS_UNKNOWN, ARMS_BETTER, ARMS_EQUAL, ARMS_WORSE };

struct arms {
	struct arm bare, mended;
	enum arms_verdict verdict;
	bool by_chance; /* the arms differ, but ranks are not sure of it */
	double z;	/* Mann and Whitney's U of the blocks' means, as a normal deviate */
};

/* Turns that go bare, or mended, together: long enough for what TCP learns within a connection,
 * short enough for a job of 200 turns. */
#define ARMS_BLOCK 20

/* With fewer blocks of an arm nothing can be told. */
#define ARMS_BLOCKS 5

void arms_compare(const struct fold *fold, struct arms *arms);

#endif
