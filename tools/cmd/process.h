/* A process as a word of the command line. */
#ifndef SOCKFIX_CMD_PROCESS_H
#define SOCKFIX_CMD_PROCESS_H

#include <sys/types.h>

/* 0: it is no number of a process. */
pid_t process_number(const char *word);

#endif
