/* Segments of TCP out of the packets of a capture: what stands in their headers, and nothing of
 * what they carry. Pure: nothing is kept, allocated or believed.
 *
 * Layouts: https://www.tcpdump.org/linktypes.html; RFC 791, 8200, 9293, 7323. */
#ifndef SOCKFIX_SEGMENT_H
#define SOCKFIX_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As it was captured; the bytes stay the reader's. */
struct packet {
	uint64_t time; /* ns since 1970 */
	const unsigned char *bytes;
	size_t kept;   /* of these there are so many ... */
	size_t length; /* ... of those that it had */
	int link;      /* DLT_ of libpcap */
};

enum segment_flag {
	SEGMENT_FIN = 1,
	SEGMENT_SYN = 2,
	SEGMENT_RST = 4,
	SEGMENT_PSH = 8,
	SEGMENT_ACK = 16
};

struct segment {
	uint64_t time;
	uint8_t family;		  /* 4, 6 */
	uint8_t flags;		  /* enum segment_flag */
	uint16_t id;		  /* of IPv4; 0: none */
	uint8_t from[16], to[16]; /* as rules/ip.h says */
	uint16_t from_port, to_port;
	uint32_t seq, ack;
	uint32_t length; /* bytes that it carries, whether they were kept or not */
	uint16_t window; /* as it stands there */
	uint16_t mss;	 /* of its option; 0: none */
	int8_t scale;	 /* of its option; -1: none */
	bool cut;	 /* options were cut off */
	bool stamped;	 /* it has a timestamp: */
	uint32_t stamp;
};

/* 0; -ENOMSG: no segment of TCP, or a fragment behind the first; -EBADMSG: cut off in front of what
 * is needed, or damaged; -EPROTONOSUPPORT: that link is not known. */
int packet_segment(const struct packet *packet, struct segment *segment);

#endif
