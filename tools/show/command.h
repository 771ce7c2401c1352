/* A command on a screen, where there is not room for all of it. */
#ifndef SOCKFIX_COMMAND_H
#define SOCKFIX_COMMAND_H

#include <stddef.h>

/* The command, quoted as a shell wants it, in `most` bytes at most (16 or more): as it is; else its
 * paths as file names; else without words of its middle, where "..." stands. What it is about
 * stands at its beginning, and what sets one run apart from the next often at its end. For reading
 * only: it need not run. out has most + 1 bytes, returned. */
char *command_short(char *out, size_t most, const char *command);

#endif
