/* New rules on a connection that is there already. */
#ifndef SOCKFIX_RENEW_H
#define SOCKFIX_RENEW_H

#include <stdbool.h>

struct flow;

/* Before a call on fd: decides anew. False: it is a flow that stays as it is: a listener, one that
 * is not settled yet or whose program manages its sending itself. */
bool renew_decide(struct flow *flow, int fd);

/* Whether, of a flow that collects, that is to end. Else it goes on, as it does. */
bool renew_ends_collecting(const struct flow *flow);

/* Does what was decided, as far as a connection takes it that is there already: options that can be
 * set, and coalesce, but for "buffer". Nothing may be held or lent. */
void renew_apply(struct flow *flow, int fd);

#endif
