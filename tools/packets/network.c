/* IPv4 and IPv6, up to TCP. Of a packet in fragments the first has TCP's header, and is taken for
 * all of it; what the others carry is missing then, and their sequence numbers say so. */
#include <errno.h>
#include <string.h>

#include "rules/ip.h"
#include "tools/packets/parts.h"

enum { IS_TCP = 6, HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, AUTHENTICATION = 51, OPTIONS = 60 };
/* A chain of headers is no longer in any honest packet. */
enum { HEADERS_MOST = 8 };

/* What IP says is what was sent: behind it may stand padding. 0: a packet that the kernel had not
 * cut into segments yet (TSO), longer than that field can tell. */
static void take_length(struct bytes *bytes, size_t said)
{
	if (said && said < bytes->length)
		bytes->length = said;
	if (bytes->kept > bytes->length)
		bytes->kept = bytes->length;
}

static int pass_v4(struct bytes *bytes, struct segment *segment)
{
	const unsigned char *at = bytes->at;
	size_t size, said;

	if (bytes->kept < 20)
		return -EBADMSG;
	size = (at[0] & 15u) * 4;
	said = byte16(at + 2);
	if (size < 20 || (said && said < size))
		return -EBADMSG;
	if (at[9] != IS_TCP || byte16(at + 6) & 0x1fff)
		return -ENOMSG;
	segment->family = 4;
	segment->id = (uint16_t)byte16(at + 4);
	ip_from_v4(segment->from, at + 12);
	ip_from_v4(segment->to, at + 16);
	take_length(bytes, said);
	return bytes_pass(bytes, size) ? 0 : -EBADMSG;
}

/* One header in front of TCP; *next is the kind of what follows it. */
static int pass_header(struct bytes *bytes, unsigned *next)
{
	const unsigned char *at = bytes->at;
	const unsigned kind = *next;
	size_t size;

	if (bytes->kept < 8)
		return -EBADMSG;
	*next = at[0];
	size = kind == FRAGMENT ? 8 : kind == AUTHENTICATION ? (at[1] + 2u) * 4 : (at[1] + 1u) * 8;
	if (kind == FRAGMENT && byte16(at + 2) & 0xfff8)
		return -ENOMSG;
	return bytes_pass(bytes, size) ? 0 : -EBADMSG;
}

static bool is_header(unsigned kind)
{
	return kind == HOP_BY_HOP || kind == ROUTING || kind == FRAGMENT ||
	       kind == AUTHENTICATION || kind == OPTIONS;
}

static int pass_v6(struct bytes *bytes, struct segment *segment)
{
	const unsigned char *at = bytes->at;
	unsigned next;
	size_t said;

	if (bytes->kept < 40)
		return -EBADMSG;
	next = at[6];
	said = byte16(at + 4); /* 0: a jumbogram, or TSO */
	segment->family = 6;
	memcpy(segment->from, at + 8, 16);
	memcpy(segment->to, at + 24, 16);
	take_length(bytes, said ? said + 40 : 0);
	if (!bytes_pass(bytes, 40))
		return -EBADMSG;
	for (int i = 0; i < HEADERS_MOST && is_header(next); i++) {
		const int error = pass_header(bytes, &next);
		if (error)
			return error;
	}
	return next == IS_TCP ? 0 : -ENOMSG;
}

int network_pass(struct bytes *bytes, struct segment *segment)
{
	if (!bytes->kept)
		return -EBADMSG;
	switch (bytes->at[0] >> 4) {
	case 4:
		return pass_v4(bytes, segment);
	case 6:
		return pass_v6(bytes, segment);
	default:
		return -ENOMSG;
	}
}
