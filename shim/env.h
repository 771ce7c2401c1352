/* The names of our environment variables: written by the command, read by the library. */
#ifndef SOCKFIX_ENV_H
#define SOCKFIX_ENV_H

#define ENV_RULES    "SOCKFIX_RULES" /* the line of rules/wire.h, or @FILE that holds it */
#define ENV_LOG	     "SOCKFIX_LOG" /* FILE or stderr, then optionally :error, :warn, :info or :debug */
#define ENV_OFF	     "SOCKFIX_OFF"	/* 1: every hook is the plain call */
#define ENV_CHILDREN "SOCKFIX_CHILDREN" /* 0: children of the program start without us */
#define ENV_PROVE    "SOCKFIX_PROVE"	/* turns a block: the rules hold in half of them */

#define ENV_TRACE "SOCKFIX_TRACE" /* where to record to: trace_format.h */

/* AddressSanitizer's own. It ends its program unless it is loaded first, or has that word; with
 * ENV_CHILDREN=0:asan the command has put it there, at the end, and children go without. */
#define ENV_ASAN       "ASAN_OPTIONS"
#define ASAN_ANY_ORDER "verify_asan_link_order=0"

#endif
