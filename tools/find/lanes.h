/* The run's time once more, for each of its connections and threads: a timeline each, so that who
 * looks sees which of them stalled while others got on. */
#ifndef SOCKFIX_LANES_H
#define SOCKFIX_LANES_H

#include "tools/find/timeline.h"

/* One of a connection or, where flow is NULL, of a thread. */
struct lane {
	const struct flow_fold *flow;
	const struct run_process *process;
	uint32_t tid;
	/* Its slices are those of the run; what it was not there for is in none of its kinds. */
	struct timeline time;
};

struct lanes {
	struct lane *lane; /* threads first, where there are several, then connections */
	size_t lanes, threads;
	/* What there was no lane for: those that were stalled and busy for less time. */
	size_t more_threads, more_connections;
};

/* At most so many of either, of so many slices each. The same stretches of calls and the same
 * stalls as timeline_take() has, but each by itself: what other threads do meanwhile is no matter.
 * Of connections time in calls that wait for them counts as the peer's. */
void lanes_take(struct lanes *lanes, const struct fold *fold, const struct findings *findings,
	size_t most, size_t slices);
void lanes_free(struct lanes *lanes);

#endif
