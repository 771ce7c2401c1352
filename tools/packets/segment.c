/* TCP's header and those of its options that tell of segments: the largest size, the window's
 * scale, timestamps. A header that was cut off behind its window is good enough (`tcpdump -s 64`).
 */
#include "tools/packets/segment.h"

#include <errno.h>

#include "tools/packets/parts.h"

enum { END, NOP, MSS, SCALE, STAMPS = 8 };
enum { SCALE_MOST = 14 }; /* RFC 7323, 2.3 */
/* More than any kernel makes before it cuts it into segments (512 KB). */
enum { LENGTH_MOST = 1 << 20 };

static void take_stamp(struct segment *segment, const unsigned char *at)
{
	segment->stamped = true;
	segment->stamp = byte32(at + 2);
}

static void take_option(struct segment *segment, const unsigned char *at, size_t size)
{
	if (at[0] == MSS && size == 4)
		segment->mss = (uint16_t)byte16(at + 2);
	else if (at[0] == SCALE && size == 3)
		segment->scale = (int8_t)(at[2] < SCALE_MOST ? at[2] : SCALE_MOST);
	else if (at[0] == STAMPS && size == 10)
		take_stamp(segment, at);
}

static void take_options(struct segment *segment, const unsigned char *at, size_t left)
{
	while (left && *at != END) {
		size_t size = 1;

		if (*at != NOP) {
			size = left < 2 ? 2 : at[1];
			if (size < 2 || size > left)
				break;
			take_option(segment, at, size);
		}
		at += size;
		left -= size;
	}
	/* the one that is cut off: what a timestamp echoes is not needed */
	if (left >= 6 && at[0] == STAMPS && at[1] == 10)
		take_stamp(segment, at);
}

static int take_tcp(struct bytes *bytes, struct segment *segment)
{
	const unsigned char *at = bytes->at;
	size_t size;

	if (bytes->kept < 16)
		return -EBADMSG;
	size = (at[12] >> 4) * 4u;
	if (size < 20 || size > bytes->length)
		return -EBADMSG;
	segment->from_port = (uint16_t)byte16(at);
	segment->to_port = (uint16_t)byte16(at + 2);
	segment->seq = byte32(at + 4);
	segment->ack = byte32(at + 8);
	segment->flags =
		at[13] & (SEGMENT_FIN | SEGMENT_SYN | SEGMENT_RST | SEGMENT_PSH | SEGMENT_ACK);
	segment->window = (uint16_t)byte16(at + 14);
	if (bytes->length - size > LENGTH_MOST)
		return -EBADMSG;
	segment->length = (uint32_t)(bytes->length - size);
	segment->cut = size > bytes->kept;
	if (bytes->kept > 20)
		take_options(segment, at + 20, (size < bytes->kept ? size : bytes->kept) - 20);
	return 0;
}

int packet_segment(const struct packet *packet, struct segment *segment)
{
	struct bytes bytes;
	int error = link_pass(packet, &bytes);

	*segment = (struct segment){.time = packet->time, .scale = -1};
	if (!error)
		error = network_pass(&bytes, segment);
	return error ? error : take_tcp(&bytes, segment);
}
