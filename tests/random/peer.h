/* The other side of a random program's connections: a process without the library. It checks each
 * byte by its place, answers as it is told, and writes what does not fit, one line each. */
#ifndef RANDOM_PEER_H
#define RANDOM_PEER_H

#include <stdint.h>

#include "order.h"

struct stand {
	int listener[PEER_PORTS]; /* each on IPv6 and IPv4 */
	uint16_t port[PEER_PORTS];
};

void stand_open(struct stand *stand);
void stand_close(struct stand *stand);

/* Serves until the other ends of `orders` are closed and all connections have ended, or a deadline
 * has passed; complaints and one line a connection go to `record`. Never returns. */
_Noreturn void peer_serve(const struct stand *stand, int orders, int record);

#endif
