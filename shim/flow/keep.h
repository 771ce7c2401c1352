/* A program that sends them at full speed, without waiting for answers, has
 * them joined by Nagle's algorithm, which our TCP_NODELAY would end. It is given back and kept
 * across waits, which are made in steps meanwhile: where one passes and nothing comes, somebody may
 * be waiting for what Nagle keeps back. For flow*.c and hook_wait.c. */
#ifndef SOCKFIX_FLOW_KEEP_H
#define SOCKFIX_FLOW_KEEP_H

#include "shim/table/fdtab.h"
#include "shim/flow/thread.h"

/* The flow writes at full speed: from here on it is Nagle's, if nothing speaks against it. */
void flow_keep(struct flow *flow, int fd);

/* Before a write on a flow that is: whether it still is. */
bool flow_keeps(struct flow *flow);

/* The round may be over. */
void flow_keep_look_slow(void);
static inline void flow_keep_look(void)
{
	if (__builtin_expect(thread.kept, 0))
		flow_keep_look_slow();
}

/* The thread sleeps, for who knows how long: nothing may be kept back. */
void flow_keep_sleep(void);

/* Before a read of fd that may block. */
void flow_keep_read(int fd);

/* A wait of `timeout` ms (below 0: for ever) is made in steps. How long the next one may be:
 * `timeout` itself where nothing is kept back. */
int flow_keep_step_slow(int timeout);
static inline int flow_keep_step(int timeout)
{
	return __builtin_expect(thread.kept, 0) ? flow_keep_step_slow(timeout) : timeout;
}

#endif
