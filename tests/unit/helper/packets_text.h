/* Packets of one connection out of a text, as a capture would have them: bare IPv4, 10.0.0.1:50000
 * (c) to 10.0.0.2:80 (s). Sequence numbers and ACKs are those of two ends that got all before.
 *
 *	"c:S +0.1s:S c:A c:27 +40s:A c:2 +0.2s:6 c:F s:F c:A"
 *
 * [+MS]WHO:WHAT, MS the milliseconds since the packet before (else 10 us):
 *   S A F R     SYN, bare ACK, FIN, RST    Z   bare ACK with a window of 0
 *   27          so many bytes, with PSH    27- without it    27! those bytes again
 *   27~         bytes that were sent, and not captured       K   keepalive
 *   W           bare ACK with a window of 100
 *   X Y         RST, FIN of a sequence number that is far away
 *	S! F!       the same again
 * { ... }xN     so often */
#ifndef TEST_PACKETS_TEXT_H
#define TEST_PACKETS_TEXT_H

#include "tools/packets/segment.h"

void packets_text(
	const char *text, void (*take)(void *context, const struct packet *packet), void *context);

/* A packet of the link (DLT_), with `tags` VLAN tags where it has Ethernet, of that family, with a
 * header of TCP that has MSS, scale and timestamp, and `data` bytes that are not kept. Returns how
 * many bytes it put: all up to the data. */
size_t packet_make(unsigned char bytes[256], int link, int family, int tags, unsigned data);

#endif
