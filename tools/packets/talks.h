/* All conversations of a capture, packet after packet. Memory is bounded, whatever comes: of more
 * conversations than TALKS_OPEN at a time those end that were silent for longest, and no more than
 * TALKS_MOST are told of. */
#ifndef SOCKFIX_TALKS_H
#define SOCKFIX_TALKS_H

#include "tools/packets/talk.h"

enum { TALKS_OPEN = 16384, TALKS_MOST = 200000 };

struct talks;

/* What was seen, for sentences about the capture. */
struct talks_sums {
	uint64_t packets, segments; /* segments: of TCP */
	uint64_t cut;		 /* packets that end before the window of TCP, or make no sense */
	uint64_t strange;	 /* of a link that is not known */
	int strange_link;	 /* that of the first */
	uint64_t talks, refused; /* refused: of segments beyond TALKS_MOST */
	uint64_t began, ended;	 /* ns since 1970, of segments; 0: there are none */
	uint64_t dropped;	 /* ACKs of handshakes for which a listener had no room */
	uint64_t syns_again,
		again;	       /* SYNs and segments of clients and servers that were sent again */
	uint64_t bytes;	       /* that were carried and captured */
	uint64_t missed;       /* bytes that were acknowledged and not captured */
	uint64_t one_sided;    /* conversations of which only one end's segments came */
	uint64_t without_acks; /* and of which no ACK by itself came, in mid-run */
	uint64_t steps;	       /* of the clock, more than a second back or years on */
	uint64_t to_client, to_server; /* ns there and back, the median-like: of a handshake half of
					  all were shorter; 0: there was none */
};

/* end: 0 the clients', 1 the servers'. NULL: no memory. taker stays the caller's. */
struct talks *talks_begin(const struct talk_taker *taker, int end);
void talks_take(struct talks *talks, const struct packet *packet);
/* Ends those that are open, and frees. */
struct talks_sums talks_end(struct talks *talks);

#endif
