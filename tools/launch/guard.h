/* Until COMMAND runs, an end of ours is not its end: a crash, or a library that calls exit(). */
#ifndef SOCKFIX_GUARD_H
#define SOCKFIX_GUARD_H

/* From here on such an end calls instead, which gets the reason as half a sentence and must not
 * return. It has little stack, and may do what a signal handler may. */
void guard_begin(void (*instead)(const char *why));

/* No more. Before anything is started, and before an end that is meant. */
void guard_end(void);

#endif
