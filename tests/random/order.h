/* What a random program says to its peer beside the connections: by raw calls, on a socket of whole
 * messages, so that no library sees it. And the bytes that both expect on each connection. */
#ifndef RANDOM_ORDER_H
#define RANDOM_ORDER_H

#include <stddef.h>
#include <stdint.h>

#define ORDER_FD 99 /* the program's end of it */

/* Ports that the peer listens on: what is learnt, and what is given up, is so by port. */
#define PEER_PORTS 3

enum order_verb {
	ORDER_EXPECT, /* the next connection that is accepted has this number */
	ORDER_DIAL,   /* connects to port `count` of the program, by IPv6 where `flags` says 1 */
	ORDER_ANSWER, /* once `after` bytes have come, sends `count` */
	ORDER_PAUSE,  /* reads nothing for `count` milliseconds */
	ORDER_SYNC,   /* once `after` bytes have come, says so */
	ORDER_FINISH, /* shuts its writing side down and says so */
	ORDER_RESET,  /* resets the connection and says so */
	ORDER_LAST,   /* `after` bytes come in all, then the end; END_ANY: or fewer, or a reset */
};

enum { END_ANY = 1 };

struct order {
	uint32_t verb, connection;
	uint64_t after, count;
	uint32_t flags, unused;
};

/* Byte `at` of what the program sends on a connection, and of what the peer does. A byte that is
 * lost, doubled or in the wrong place, or on the wrong connection, does not fit. */
static inline unsigned char byte_up(uint32_t connection, uint64_t at)
{
	return (unsigned char)(at ^ (at >> 7) ^ (at >> 15) ^ (connection * 61));
}

static inline unsigned char byte_down(uint32_t connection, uint64_t at)
{
	return (unsigned char)(~byte_up(connection, at));
}

#endif
