/* What the library did to the connections of a run, by its own counters, and what that cost. Pure.
 */
#ifndef SOCKFIX_OURS_H
#define SOCKFIX_OURS_H

#include "rules/option.h"
#include "tools/fold/fold.h"

#define OURS_OF_ALL UINT32_MAX

struct ours {
	uint64_t held, late;	   /* writes that were held; those of them that came too late */
	uint64_t late_ns, slow_ns; /* what these cost, and what slow successors of others did */
	uint64_t acks_learnt, acks_dropped; /* times that ACKs were sent at once, and no more */
	uint64_t acks_won;		    /* answers that came sooner so */
	uint64_t nagle_kept, nagle_waited;  /* left to Nagle across waits; waits for that */
	uint64_t set[OPTION_COUNT];	    /* connections on which we have set it */
	uint64_t given_up[GIVEN_UP_COUNT];  /* connections left alone, of processes with rules */
};

/* Sums over the connections of that endpoint, or OURS_OF_ALL. */
struct ours ours_of(const struct fold *fold, uint32_t endpoint);

/* "it uses TCP_CORK", and its word: "CORK". */
const char *given_up_reason(enum trace_given_up why);
const char *given_up_word(enum trace_given_up why);

#endif
