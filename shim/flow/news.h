/* New rules for a process that runs: struct control_given. */
#ifndef SOCKFIX_FLOW_NEWS_H
#define SOCKFIX_FLOW_NEWS_H

#include <stdbool.h>

#include "shim/base/control.h"
#include "shim/table/fdtab.h"

extern struct control_given news_given HIDDEN;
extern struct control_taken news_taken HIDDEN;

/* Takes what was given: new connections have it from here on, and those that there are at their
 * next call, see below. */
void news_take(void);

/* Before a call that knows a socket. */
static inline void news_look(void)
{
	if (__builtin_expect(control_has_rules(), 0))
		news_take();
}

/* Before a call on the flow: takes what was given, and does what new rules say of it. writes: the
 * call may wait until there is room for what was collected. */
void news_apply(struct flow *flow, int fd, bool writes);

/* Whether either is to be done. */
static inline bool news_is_due(const struct flow *flow)
{
	return __builtin_expect(control_has_rules() || flow_is(flow, FLOW_NEWS), 0);
}

/* In the child of a fork: whoever was taking it is its parent's. */
void news_forked(void);

#endif
