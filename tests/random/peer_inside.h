/* What the two halves of the peer share, and nobody else: peer_orders.c does what the program says,
 * peer.c moves and checks bytes. */
#ifndef RANDOM_PEER_INSIDE_H
#define RANDOM_PEER_INSIDE_H

#include <stdbool.h>

#include "peer.h"

#define CONNECTIONS 1024
#define ANSWERS	    64

struct answer {
	uint64_t after, count;
};

struct connection {
	int fd; /* -1: not there yet, or closed */
	uint64_t came, sent, wrong_at;
	struct answer answer[ANSWERS]; /* a queue; those due are sent in order */
	unsigned answers;
	int64_t paused_until;
	uint64_t sync_at;
	bool syncing, wrong, told, any, eof;
	uint64_t last; /* what the program said that comes in all */
	const char *end;
};

extern struct connection connection[CONNECTIONS];
extern unsigned connections; /* numbers below this one may be in use */

/* The end of a connection, and how it came. */
void peer_finish(struct connection *c, const char *how);
/* Who shuts his writing side may still read: the connection is kept until he says it is over. */
void peer_finish_if_done(struct connection *c);
void peer_reply_if_synced(struct connection *c);

/* The next connection at a port, or the next order; false at the orders' end. */
void peer_accept(const struct stand *stand, unsigned port);
bool peer_obey(const struct stand *stand, int orders);
/* Whether connections that the program dialled are still to be accepted. */
bool peer_awaits(void);

int64_t peer_now(void); /* ms */

#endif
