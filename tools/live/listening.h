/* Which ports somebody listens on: a bit for each. Pure. */
#ifndef SOCKFIX_LIVE_LISTENING_H
#define SOCKFIX_LIVE_LISTENING_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/live/sockets.h"

enum { LISTENING_BYTES = 65536 / 8 };

/* Of any socket: what is no listener says nothing. */
static inline void listening_take(
	uint8_t listening[LISTENING_BYTES], const struct socket_state *socket)
{
	if (socket->state == TCP_IS_LISTENING)
		listening[socket->local_port / 8] |= (uint8_t)(1 << socket->local_port % 8);
}

static inline bool listening_has(const uint8_t listening[LISTENING_BYTES], uint16_t port)
{
	return listening[port / 8] >> port % 8 & 1;
}

#endif
