/* The sockets that a process has descriptors of, by /proc/PID/fd. */
#ifndef SOCKFIX_LIVE_DESCRIPTORS_H
#define SOCKFIX_LIVE_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct descriptor {
	uint32_t inode; /* first: they are sorted by it */
	int fd;
};

struct descriptors {
	struct descriptor *of; /* by inode, to be freed */
	size_t count;
};

/* What a link of /proc/PID/fd names: "socket:[123]" is a socket of that inode. */
bool descriptors_read(const char *link, uint32_t *inode);

/* Fills in those of all families, in place of what was there. 0 or -errno: -EACCES where they may
 * not be seen, -ENOENT where there is no such process, or /proc hides it. */
int descriptors_take(struct descriptors *descriptors, pid_t pid);

/* One of that inode; NULL: the process has none. */
const struct descriptor *descriptors_find(const struct descriptors *descriptors, uint32_t inode);

#endif
