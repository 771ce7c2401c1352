/* Connections that are over: how many ended lately, to each peer. The kernel keeps those that this
 * side closed first for a minute (TIME_WAIT); whose they were it does not say any more. */
#ifndef SOCKFIX_LIVE_OVER_H
#define SOCKFIX_LIVE_OVER_H

#include <stddef.h>
#include <stdint.h>

#include "tools/live/listening.h"

struct over {
	uint8_t peer[16]; /* IPv4 as ::ffff:a.b.c.d */
	uint16_t port;
	uint32_t count;
};

struct overs {
	struct over *of; /* those of OVER_LEAST and more */
	size_t count;
};

enum { OVER_LEAST = 50 }; /* connections to one peer, as codes.c has it for C04 */

/* Fills in those that ended within the last `ms`, made by this side: nobody listens on their port.
 * listening: a bit for each port. In place of what was there; zeros are an empty one. 0 or -errno.
 */
int overs_take(struct overs *overs, int kernel, const uint8_t listening[LISTENING_BYTES],
	uint64_t within_ms);
void overs_free(struct overs *overs);

#endif
