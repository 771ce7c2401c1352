/* What stands in front of IP: each kind of link has its own header, and VLANs theirs. Reads lengths
 * and types alone; whether IP follows, network.c sees by its version. */
#include <errno.h>

#include "tools/packets/parts.h"

#define TYPE_IPV4  0x0800u
#define TYPE_IPV6  0x86ddu
#define TYPE_PPPOE 0x8864u
#define PPP_IPV4   0x0021u
#define PPP_IPV6   0x0057u

enum { NO_TYPE = -1, TAGS_MOST = 4 };

/* Bytes of its header, and where the type of what follows stands. The numbers are DLT_ as files
 * have them: libpcap's own headers need not be there. */
static const struct kind {
	int link, size, type;
} kind_table[] = {
	{0, 4, NO_TYPE},   /* NULL: BSD's loopback, its family in the writer's byte order */
	{108, 4, NO_TYPE}, /* LOOP: the same, big-endian */
	{1, 14, 12},	   /* EN10MB */
	{113, 16, 14},	   /* LINUX_SLL */
	{276, 20, 0},	   /* LINUX_SLL2 */
	{12, 0, NO_TYPE},  /* RAW, and its numbers of other systems and of files */
	{14, 0, NO_TYPE}, {101, 0, NO_TYPE}, {228, 0, NO_TYPE}, /* IPV4 */
	{229, 0, NO_TYPE},					/* IPV6 */
};

static const struct kind *kind_of(int link)
{
	for (size_t i = 0; i < sizeof(kind_table) / sizeof(*kind_table); i++)
		if (kind_table[i].link == link)
			return &kind_table[i];
	return NULL;
}

static bool is_tag(unsigned type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

/* A session's header is 6 bytes, and PPP's own type follows. */
static int pass_pppoe(struct bytes *bytes)
{
	unsigned type;

	if (bytes->kept < 8)
		return -EBADMSG;
	type = byte16(bytes->at + 6);
	bytes_pass(bytes, 8);
	return type == PPP_IPV4 || type == PPP_IPV6 ? 0 : -ENOMSG;
}

static int pass_tags(struct bytes *bytes, unsigned type)
{
	for (int i = 0; i < TAGS_MOST && is_tag(type); i++) {
		if (bytes->kept < 4)
			return -EBADMSG;
		type = byte16(bytes->at + 2);
		bytes_pass(bytes, 4);
	}
	if (type == TYPE_PPPOE)
		return pass_pppoe(bytes);
	return type == TYPE_IPV4 || type == TYPE_IPV6 ? 0 : -ENOMSG;
}

int link_pass(const struct packet *packet, struct bytes *bytes)
{
	const struct kind *kind = kind_of(packet->link);
	const size_t length = packet->length > packet->kept ? packet->length : packet->kept;

	*bytes = (struct bytes){packet->bytes, packet->kept, length};
	if (!kind)
		return -EPROTONOSUPPORT;
	if (!bytes_pass(bytes, (size_t)kind->size))
		return -EBADMSG;
	return kind->type == NO_TYPE ? 0 : pass_tags(bytes, byte16(packet->bytes + kind->type));
}
