/* The life of this process, as far as the library must know it. */
#ifndef SOCKFIX_LIFE_H
#define SOCKFIX_LIFE_H

#include <stdbool.h>

/* The program is about to confine itself (seccomp, landlock): what is held goes, the deadline
 * thread ends, and every hook is the plain call from here on: a filter may kill for a call of ours.
 */
void life_confined(void);

/* Whether prctl(2) with these does that: a filter, or no clock (the vDSO reads the TSC, too). */
bool life_is_confining(int operation, unsigned long argument);

/* The program wants to be alone (unshare, setns, capset): what is held goes, the thread ends. */
void life_alone(void);

/* The program is about to leave: what is held goes, and nothing is held any more. */
void life_leaving(void);
/* The same by exit(3): the deadline's thread is ended, too. */
void life_exiting(void);

/* The calling thread is about to end: what it holds goes. The main thread's end leaves no thread of
 * ours: libc ends the process with the last one, whose exit handlers are the program's. */
void life_thread_ending(void);

/* Before clone(2) with these flags: what is held goes, or the child on our memory is let be. */
void life_cloning(unsigned long flags);

/* Called by the vfork stub: returns libc's own vfork. */
void *life_vforking(void);

#endif
