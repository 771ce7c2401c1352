/* What a thread remembers between its calls: the flows whose turns it must end when it waits.
 *
 * Initial-exec TLS: reading it is one instruction, in a signal handler too. A place is taken by the
 * count before it is filled, so that a handler in between takes another; what stands in a place
 * that is not filled yet is old, or NULL, and its generation tells. */
#ifndef SOCKFIX_THREAD_H
#define SOCKFIX_THREAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "shim/export.h"
#include "shim/table/fdtab.h"

/* Places of the list that every thread has; what finds none goes on a chain of nodes from a pool
 * that all threads share, at most so many a thread. */
#define THREAD_FLOWS 16
#define THREAD_MORE  16384u

/* Flows without limit, each once; for one thread and its signal handlers. */
struct chain {
	_Atomic uint64_t head; /* a count of changes << 32 | index of a node + 1 */
	_Atomic uint32_t length;
};

struct thread {
	/* number << 40, then the count of its waits: unique among all threads. 0: not yet numbered.
	 */
	uint64_t epoch;
	bool wrote;		  /* to some flow since its last wait */
	bool held;		  /* and held some of it back, perhaps no more */
	bool kept;		  /* young or old are not empty, perhaps */
	uint64_t mark;		  /* what `held` of the flow was, that it held last */
	uint32_t reads_elsewhere; /* counts reads from what it has not written to */
	uint16_t life;		  /* of the flow that its write is about, see fdtab.h */
	_Atomic uint32_t open;	  /* entries below; a signal handler may change it at any point */
	struct chain more;	  /* what had no place below */
	/* Flows that Nagle was given back to, by when they were last written to: in this round or
	 * in the one before. */
	struct chain young, old;
	uint32_t round;	      /* unique among all threads */
	uint64_t round_began; /* ns */
	struct {
		struct flow *flow;
		uint32_t generation;
	} flow[THREAD_FLOWS];
};

extern __thread struct thread thread HIDDEN;

static inline uint32_t thread_number(void)
{
	return (uint32_t)(thread.epoch >> 40);
}

/* Numbers the thread on its first use. */
void thread_begin(void);

/* Puts flow on the list, once. False where it has no place. */
bool thread_add_slow(struct flow *flow);
static inline bool thread_add(struct flow *flow)
{
	return (thread.epoch && flow->listed == thread.epoch) || thread_add_slow(flow);
}

/* Takes flow off the list again where it was put on last: nothing of it needs the thread's wait. */
void thread_drop(struct flow *flow);

/* Whether that is true of a flow on it. */
bool thread_any(bool (*is)(struct flow *flow));

/* Takes one off: a flow that still is what it was when it was put on. NULL: the list is empty. */
struct flow *thread_take(void);

/* ---- flows that Nagle was given back to, and kept across waits ---- */

/* It is written to: among the young of this round, once. False where it has no place. */
bool thread_keep(struct flow *flow);

/* Takes one of the old, or of the young. NULL: there is none. */
struct flow *thread_take_old(void);
struct flow *thread_take_young(void);

/* A round is over at `now`: the young are old. There must be no old any more. */
void thread_round(uint64_t now);

#endif
