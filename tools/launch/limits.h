/* Limits of this process, which COMMAND will have, too (getrlimit(2)): whether they leave the
 * library a place beside it. */
#ifndef SOCKFIX_LIMITS_H
#define SOCKFIX_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#define LIMITS_NO_MEMORY "there is no memory for the rules"

/* False: why receives the reason, to go behind "...: ". */
bool limits_leave_room(char *why, size_t size);

/* Calls body, on a stack of its own where the kernel gives this process a small one. */
int limits_call(int (*body)(int argc, char **argv), int argc, char **argv);

#endif
