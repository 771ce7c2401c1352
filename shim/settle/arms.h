/* The two arms of a rule with a holdout, counted where the command finds them (struct
 * control_tally): what its connections take with the rule, and without it.
 *
 * Only such a connection is FLOW_TIMED, which costs it a look at the clock at the first write and
 * each read of a turn; no other one pays for it. All functions keep errno. */
#ifndef SOCKFIX_ARMS_H
#define SOCKFIX_ARMS_H

#include <stdint.h>

#include "rules/rule.h"
#include "shim/base/control.h"
#include "shim/table/fdtab.h"

extern struct control_tally arms_tally HIDDEN;

/* The rules were asked about the flow: ends what was counted of it, and begins anew where one of
 * them draws lots. */
void arms_begin(struct flow *flow, int fd, const struct subject *subject);

/* Before a write, and after a read that brought data, of a flow that is FLOW_TIMED. */
void arms_write(struct flow *flow);
void arms_read(struct flow *flow);

/* Its last descriptor is about to be closed. */
void arms_end(struct flow *flow);

/* In the child of a fork: what was counted is its parent's. */
void arms_forked(void);

/* This host has refused an option that a rule sets. */
void arms_refused(void);

#endif
