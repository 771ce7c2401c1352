/* A process, what it started and what they started, as /proc has them now. */
#ifndef SOCKFIX_LIVE_FAMILY_H
#define SOCKFIX_LIVE_FAMILY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Fills in the processes below `root` and itself, parents first, `most` at most; those whose parent
 * has ended are not found any more. Returns how many. */
size_t family_of(pid_t root, pid_t *pid, size_t most);

/* The inodes of the sockets that the process holds, of any family. Returns how many, `most` at
 * most; 0 also where they may not be seen (another user's). */
size_t family_sockets(pid_t pid, uint32_t *inode, size_t most);

#endif
