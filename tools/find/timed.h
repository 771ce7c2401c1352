/* Stalls by pattern and time alone, where no kernel was asked (run->imported). */
#ifndef SOCKFIX_TIMED_H
#define SOCKFIX_TIMED_H

#include "tools/find/judge.h"

/* Whether the run's turns are to be judged so. */
static inline bool timed_only(const struct judge *judge)
{
	const struct fold *fold = judge->fold;

	/* A capture tells what was held as the kernel would have (tools/packets/side.h). */
	return fold->run->imported.what && !(fold->flows && fold->flow->connection->wired);
}
/* What the turn's wait was longer than its kind takes, where that looks like Nagle's algorithm and
 * a delayed ACK; else 0. */
uint64_t timed_hold(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn);
/* How its seconds were computed. */
void timed_how(struct judge *judge, struct finding *finding, const struct tally *tally);
/* How sure such hits make a finding, and its bounds: likely where they are as regular as the
 * kernel's clock, else possible. */
void timed_settle(struct judge *judge, struct finding *finding, const struct tally *tally);

#endif
