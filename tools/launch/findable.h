/* Whether COMMAND is there at all, told before it is started: for `run -n`, which starts nothing.
 */
#ifndef SOCKFIX_FINDABLE_H
#define SOCKFIX_FINDABLE_H

/* 0: the kernel will find a file to execute for argv[0], and for what stands behind nice, timeout
 * and their like. Else it has said what is missing and where it was looked for, and returns what
 * `run` would: 127 where it is not there, 126 where it cannot be executed. */
int findable_not(char *const argv[]);

#endif
