/* What the kernel sees of COMMAND's connections while it runs, whoever made them: programs that
 * reach the kernel without libc, and those that the library does not get into, are found here. */
#ifndef SOCKFIX_RECORD_WATCH_H
#define SOCKFIX_RECORD_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tools/live/sockets.h"

struct watched {
	struct socket_state socket; /* as it was when last looked at */
	pid_t pid;		    /* who held it first */
	char program[16];	    /* its name then, harmless; "" unknown */
};

struct watch;

/* Before COMMAND runs: the sockets that it gets from us are nobody's business. alone: nor is what
 * it starts. NULL: no memory. To be freed. */
struct watch *watch_new(bool alone);
void watch_free(struct watch *watch);

/* Looks at the sockets of the process and of those below it. Returns the ms until it is to be asked
 * again: a hundredth of the time goes into looking at most.
 * Without memory it sees less. */
int watch_look(struct watch *watch, pid_t root);

/* What was seen, one a connection. watch may be NULL: nothing. */
size_t watch_rows(const struct watch *watch, const struct watched **row);

#endif
