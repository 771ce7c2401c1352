/* Whose the sockets are: those that all processes have descriptors of, by /proc. */
#ifndef SOCKFIX_LIVE_OWNERS_H
#define SOCKFIX_LIVE_OWNERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A process that has some. */
struct holder {
	pid_t pid;
	uint64_t device, number; /* of its network namespace (stat(2)); 0: it may not be seen */
	void *known;		 /* the caller's; NULL at first */
};

struct owner {
	uint32_t inode;	 /* they are sorted by it */
	uint32_t holder; /* its number; of several that have the socket the smallest PID's */
	int fd;
};

struct owners {
	struct owner *of; /* sockets of all families */
	size_t count;
	struct holder *holder; /* by PID */
	size_t holders;
};

/* Fills in those of now, in place of what was there; our own process is left out. 0; -errno: there
 * is no /proc. owners_free() ends it, zeros are an empty one. */
int owners_take(struct owners *owners);
void owners_free(struct owners *owners);

/* NULL: of no process that may be seen. Valid until owners_take(). */
const struct owner *owners_find(const struct owners *owners, uint32_t inode);
/* The same by the process. */
struct holder *owners_of(const struct owners *owners, pid_t pid);

#endif
