/* What link.c, network.c and segment.c share: bytes that are looked at one layer after the other.
 */
#ifndef SOCKFIX_PACKET_PARTS_H
#define SOCKFIX_PACKET_PARTS_H

#include "tools/packets/segment.h"

struct bytes {
	const unsigned char *at;
	size_t kept;   /* that may be read */
	size_t length; /* that were there */
};

static inline unsigned byte16(const unsigned char *at)
{
	return (unsigned)at[0] << 8 | at[1];
}
static inline uint32_t byte32(const unsigned char *at)
{
	return (uint32_t)byte16(at) << 16 | byte16(at + 2);
}

/* Goes past so many; false: there are not so many to be read. */
static inline bool bytes_pass(struct bytes *bytes, size_t count)
{
	if (count > bytes->kept)
		return false;
	bytes->at += count;
	bytes->kept -= count;
	bytes->length -= count;
	return true;
}

/* Of a packet the part from its network header on. As packet_segment(). */
int link_pass(const struct packet *packet, struct bytes *bytes);
/* From there to the TCP header: family and addresses are filled in, and bytes->length is what IP
 * says. As packet_segment(). */
int network_pass(struct bytes *bytes, struct segment *segment);

#endif
