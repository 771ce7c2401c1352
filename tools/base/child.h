/* Children of a process that is to become another program, which must find no trace of them: no
 * child, no signal that is pending, no command line like its own. */
#ifndef SOCKFIX_CHILD_H
#define SOCKFIX_CHILD_H

#include <sys/types.h>

/* As fork(2), but its end is no signal. Where there are no other threads. */
pid_t child_fork(void);

/* Waits for a child of child_fork(). Returns its status as waitpid(2) gives it, 0 where that is not
 * known. */
int child_reap(pid_t child);

/* In a child that stays: its name, of 15 bytes at most, and none of the words of COMMAND, which
 * ps(1) and pkill(1) would take for it. They are in the memory of main()'s argv. */
void child_is(const char *name, char *const command[]);

#endif
