/* A recording while it is made: what came since the last look, added up. What run_read() keeps and
 * checks is not kept here: memory and the work of a look are bounded, whatever the folder holds. */
#ifndef SOCKFIX_READ_TAIL_H
#define SOCKFIX_READ_TAIL_H

#include <stdbool.h>
#include <stdint.h>

struct tail_sums {
	uint64_t connections; /* begun, listeners not counted; those without a place as well */
	uint64_t calls;	      /* on sockets, and waits: as the threads count them */
	uint64_t stalled;     /* ns, see stall.h */
	bool full;	      /* a process has no room for events: `stalled` lacks what is later */
	bool more;	      /* there are more processes or threads than a look follows */
};

struct tail;

/* Of the run in that folder, which need not hold anything yet. NULL: it cannot be opened, or there
 * is no memory. To be freed. */
struct tail *tail_new(const char *folder);
void tail_free(struct tail *tail);

/* Reads on, some blocks at most: what is left over is read the next time. `sums` are of all looks
 * together. */
void tail_look(struct tail *tail, struct tail_sums *sums);

#endif
