/* The deadline of `always`: lets a tail go that nobody waits for.
 *
 * A thread named sockfix, made at the first hold, ended after a second without one. All functions
 * keep errno. */
#ifndef SOCKFIX_DEADLINE_H
#define SOCKFIX_DEADLINE_H

#include <stdbool.h>

struct flow;

/* Sees to it that what flow holds is pushed in time. False when no thread can be made: then nothing
 * may be held. */
bool deadline_watch(struct flow *flow);

/* No thread could be made: there will be none. */
bool deadline_is_impossible(void);

/* Ends the thread and waits for it: before fork, and before calls that want a process of one
 * thread. The next hold makes a new one. */
void deadline_stop(void);

/* Ends the thread, and none is made any more. */
void deadline_bar(void);

/* In the child of a fork: there is no thread any more, and nothing is watched. */
void deadline_forget(void);

#endif
