/* The names of our environment variables: written by the command, read by the library. */
#ifndef SOCKFIX_ENV_H
#define SOCKFIX_ENV_H

#define ENV_RULES    "SOCKFIX_RULES" /* the line of rules/wire.h, or @FILE that holds it */
#define ENV_LOG	     "SOCKFIX_LOG" /* FILE or stderr, then optionally :error, :warn, :info or :debug */
#define ENV_OFF	     "SOCKFIX_OFF"	/* 1: every hook is the plain call */
#define ENV_CHILDREN "SOCKFIX_CHILDREN" /* 0: children of the program start without us */
#define ENV_PROVE    "SOCKFIX_PROVE"	/* turns a block: the rules hold in half of them */

#define ENV_TRACE "SOCKFIX_TRACE" /* where to record to: trace_format.h */

#endif
