/* What many looks at one connection come to. Pure. */
#ifndef SOCKFIX_LIVE_LOOKS_H
#define SOCKFIX_LIVE_LOOKS_H

#include "tools/live/sockets.h"

/* Whether its program has TCP_NODELAY (or TCP_CORK) on, seen while bytes were held. */
enum nagle { NAGLE_UNKNOWN, NAGLE_ON, NAGLE_OFF };
/* Whether its program has set SO_SNDBUF, asked when that was a limit. */
enum fixed { FIXED_UNKNOWN, FIXED_NOT, FIXED_YES };

struct looks {
	struct socket_state first, last;
	uint32_t looks;
	uint32_t held;	  /* less than a segment unsent though nothing but an ACK is missing */
	uint32_t still;	  /* of these: and nothing has left for longer than the way takes */
	uint32_t bulk;	  /* a segment or more unsent */
	uint32_t calling; /* its SYN is not answered */
	uint32_t again;	  /* of these: and was sent again */
	uint32_t lost;	  /* it waits for a segment that is, or was afterwards, sent again */
	uint32_t stuck;	  /* until now, in a row: nothing was acknowledged of what is under way */
	uint32_t full;	  /* a listener: more waits than it has room for */
	uint32_t fullest; /* what waited then, at most */
	enum nagle nagle;
	enum fixed send_buffer;
};

/* Returns how many looks, this one and those before, turn out to be lost. */
uint32_t looks_add(struct looks *looks, const struct socket_state *socket);

/* What was seen counts half from now on. */
void looks_fade(struct looks *looks);

/* Whether nothing came or went for five minutes, and nothing asks whether the peer is there. */
bool looks_silent(const struct socket_state *socket);

/* Whether its program may still write: it is made, and has not said its last word. */
bool looks_may_send(const struct socket_state *socket);
/* Whether bytes of this socket are held for want of an ACK alone. */
bool looks_held(const struct socket_state *socket);

#endif
