/* Time that was lost, hit by hit, on the clock of the run. There may be millions: they are kept
 * packed, in the order in which findings were made. */
#ifndef SOCKFIX_STRETCH_H
#define SOCKFIX_STRETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/base/packed.h"
#include "tools/find/ends.h"

#define NO_FLOW UINT32_MAX

struct stretch {
	uint64_t begin, end; /* ns */
	uint32_t flow;	     /* in the fold; NO_FLOW */
	uint8_t code;	     /* of the finding that says so: index in code_table */
	bool mends;	     /* a rule does */
};

/* All zero: none yet. */
struct stretches {
	struct packed packed;
	size_t count;
	struct stretch last;
};

void stretch_add(struct stretches *stretches, const struct stretch *stretch);
void stretches_free(struct stretches *stretches);

/* Their beginnings and ends, to be freed. */
struct ends stretches_ends(const struct stretches *stretches);

/* One after the other: {.of = stretches}. */
struct stretch_walk {
	const struct stretches *of;
	size_t seen;
	const unsigned char *at;
	struct stretch now;
};
/* The next one is in walk->now; false: those were all. */
bool stretch_next(struct stretch_walk *walk);

#endif
