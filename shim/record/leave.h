/* Ends: what replaces or ends the process is preceded by the last look at what is open.
 *
 * Each is nothing where nothing is recorded. A child of vfork() is its parent's guest and ends
 * nothing. */
#ifndef SOCKFIX_LEAVE_H
#define SOCKFIX_LEAVE_H

#include <sys/types.h>

/* Before _exit() and its kin. */
void leave_by_exit(void);

/* Before an exec. program: as the caller gave it, or NULL; it need not be readable. Returns what
 * leave_failed() wants. */
unsigned leave_by_exec(const char *program);
void leave_failed(unsigned place);

/* Around posix_spawn(): what it started is another process, this one goes on. */
unsigned leave_spawning(const char *program);
void leave_spawned(unsigned place, int error, pid_t child);

#endif
