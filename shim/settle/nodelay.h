/* TCP_NODELAY, which auto, always and buffer need: taken where it is nobody's, and given back. The
 * first three say why the flow is to be given up: GIVEN_UP_NOT where it is not. */
#ifndef SOCKFIX_NODELAY_H
#define SOCKFIX_NODELAY_H

#include "shim/table/fdtab.h"
#include "shim/trace_format.h"

/* Sets it, unless a rule or the program has set it. */
enum trace_given_up nodelay_take(struct flow *flow, int fd);
/* An accepted flow has it from its listener, as if it had taken it itself. */
void nodelay_handed(struct flow *flow);
/* See settle_nodelay_due() and settle_nodelay_program(). */
enum trace_given_up nodelay_due(struct flow *flow, int fd);
enum trace_given_up nodelay_program(struct flow *flow, int on);

/* How often a process of this family, the one that began and the children of its forks, has turned
 * it off on a socket that the others may have, too: who finds another number than at the last time
 * sets it anew. In memory that they share; of this process alone where there is none. */
extern _Atomic uint32_t *nodelay_given_back HIDDEN;

/* That memory, zeroed; before the first fork. NULL: there is none. */
#define NODELAY_SHARED 4032 /* bytes, at least */
void nodelay_start(void *shared);

/* Before a write: whether settle_nodelay_due() is to be called. */
static inline bool nodelay_is_due(const struct flow *flow)
{
	return flow_is(flow, FLOW_DUE) ||
	       atomic_load_explicit(&flow->nodelay_seen, memory_order_relaxed) !=
		       atomic_load_explicit(nodelay_given_back, memory_order_relaxed);
}

/* Another process may go on with the connection, or we with less to say: it is as the program has
 * it, until the next write. */
void nodelay_give_back(struct flow *flow, int fd);

/* This process closes it: what it has taken of others' it gives back, and tells its family. */
void nodelay_closes(struct flow *flow, int fd);

/* The process ends: on connections that others made, it is as they had it. */
void nodelay_leave(void);

/* In the child of a fork: those are its parent's. */
void nodelay_forked(void);

/* Nothing of ours can be done any more: it is the program's own everywhere. */
void nodelay_end(void);

/* A program is about to be started beside this one, by a child on our memory in which no hook of
 * ours does anything: on what it may inherit it is as the program has it, until our next write.
 * moves: the child may give descriptors other numbers before. */
void nodelay_spawns(bool moves);

/* Around exec(): what the next program inherits has it as this one had it. */
void nodelay_exec(void);
void nodelay_exec_failed(void);

#endif
