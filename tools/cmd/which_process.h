/* `sockfix which -p PID`. */
#ifndef SOCKFIX_CMD_WHICH_PROCESS_H
#define SOCKFIX_CMD_WHICH_PROCESS_H

#include <sys/types.h>

/* Prints what holds in that process. Returns the exit status. */
int which_process(pid_t pid);

#endif
