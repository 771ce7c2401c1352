/* What many looks at one connection come to. Pure. */
#ifndef SOCKFIX_LIVE_LOOKS_H
#define SOCKFIX_LIVE_LOOKS_H

#include "tools/live/sockets.h"

/* Whether its program has TCP_NODELAY (or TCP_CORK) on, seen while bytes were held. */
enum nagle { NAGLE_UNKNOWN, NAGLE_ON, NAGLE_OFF };

struct looks {
	struct socket_state first, last;
	uint32_t looks;
	uint32_t held;	  /* less than a segment unsent though nothing but an ACK is missing */
	uint32_t still;	  /* of these: and nothing has left for a millisecond or more */
	uint32_t bulk;	  /* a segment or more unsent */
	uint32_t calling; /* its SYN is not answered */
	uint32_t again;	  /* of these: and was sent again */
	uint32_t full;	  /* a listener: more waits than it has room for */
	uint32_t fullest; /* what waited then, at most */
	enum nagle nagle;
};

void looks_add(struct looks *looks, const struct socket_state *socket);

/* Whether bytes of this socket are held for want of an ACK alone. */
bool looks_held(const struct socket_state *socket);

#endif
