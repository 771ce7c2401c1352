/* The connections of a process that were looked at, found by their cookies. */
#ifndef SOCKFIX_LIVE_CONNECTIONS_H
#define SOCKFIX_LIVE_CONNECTIONS_H

#include <stddef.h>

#include "tools/live/looks.h"
#include "tools/live/when.h"

struct connection {
	struct looks looks;
	/* looks at the process (observed.h) at which it was held; its SYN was not answered; it
	 * waited for a segment that was sent again */
	struct when waited, called, lost;
	int fd;		 /* the process's, when it was last seen */
	uint64_t listed; /* which list of all it was in, last: observed.c's, everyone.c's */
	bool gone;	 /* there is nothing more to look at */
	/* nothing moved between the last two lists of all, nor wants to; and what had moved */
	bool idle;
	uint64_t moved;
	/* of those of everybody (everyone.h): the walk before which it was found, and whether it is
	 * not to be judged */
	uint32_t since;
	bool left_out;
	bool asked, asked_nagle; /* whether its buffer is fixed; whether TCP_NODELAY is on */
};

/* Zeros are an empty one; connections_free() ends it. */
struct connections {
	struct connection *of; /* in the order in which they were found */
	size_t count;
	uint32_t *slot; /* number + 1; 0: free */
	size_t slots;	/* a power of 2, more than twice the count */
};

/* The one of that cookie, which is made where there is none. Valid until the next call. */
struct connection *connections_find(struct connections *connections, uint64_t cookie);

/* It stands in a list of all: says whether it is idle. Before its looks_add(). */
void connection_listed(struct connection *connection, const struct socket_state *socket);

/* So many looks are no longer counted: those after them have their numbers from 0 on. */
void connection_forget_looks(struct connection *connection, uint32_t looks);

/* Moves one that is there: `to` has none of its cookie. What is left of it is left out. */
void connections_move(struct connections *to, struct connections *from, size_t number);

/* For connections_keep(): it is not gone. */
bool connection_is_there(const struct connection *connection, const void *unused);

/* Takes out those that are not wanted, and keeps the order of the others: was[] has the number that
 * each of them had, room for all; or NULL. */
void connections_keep(struct connections *connections,
	bool (*wanted)(const struct connection *connection, const void *context),
	const void *context, uint32_t *was);
void connections_free(struct connections *connections);

#endif
