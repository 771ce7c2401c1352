/* The TCP sockets of a process that has the library, each with what the library does with it. */
#ifndef SOCKFIX_LIVE_HOLDING_H
#define SOCKFIX_LIVE_HOLDING_H

#include "tools/live/library.h"
#include "tools/live/sockets.h"

struct holding {
	struct socket_state socket;
	int fd;
	bool server, listens;
	bool known;	  /* to the library; else what follows is 0 */
	bool waits;	  /* new rules do not hold on it yet */
	uint8_t mode;	  /* enum coalesce */
	uint8_t given_up; /* enum trace_given_up */
	uint64_t held, late;
	uint64_t ours; /* OPTION_BIT of what a rule has set */
};

struct holdings {
	struct holding *of; /* in the order of their descriptors, to be freed */
	size_t count;
};

/* 0, or -errno: of library.h; of sockets.h; or of descriptors.h. */
int holdings_take(pid_t pid, const struct library *library, struct holdings *holdings);

#endif
