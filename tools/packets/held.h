/* side.c asks it of each small segment that follows the one before without a gap. */
#ifndef SOCKFIX_PACKET_HELD_H
#define SOCKFIX_PACKET_HELD_H

#include "tools/packets/side.h"

/* Whether that segment, with data that `side` did not send before, was held back until then, and
 * counts what it tells of Nagle's algorithm there. around: ns from the capture to `side` and back.
 */
bool held_take(struct side *side, const struct side *other, const struct segment *segment,
	uint64_t around);

#endif
