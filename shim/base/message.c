/* The lengths in a message, in whatever width this process's libc has them. Must not write into a
 * message: it is the program's.
 */
#include "shim/base/message.h"

#include <stdint.h>

static size_t bits = SIZE_MAX;

void message_are_short(bool are)
{
	bits = are ? UINT32_MAX : SIZE_MAX;
}

size_t message_pieces(const struct msghdr *message)
{
	return message->msg_iovlen & bits;
}

size_t message_room(const struct msghdr *message)
{
	return message->msg_controllen & bits;
}

static size_t part_whole(const struct cmsghdr *part)
{
	return part->cmsg_len & bits;
}

static const struct cmsghdr *part_at(const struct msghdr *message, size_t at)
{
	const size_t room = message_room(message);
	const struct cmsghdr *part =
		(const struct cmsghdr *)((const char *)message->msg_control + at);

	if (at > room || room - at < sizeof(*part))
		return NULL;
	return part_whole(part) < CMSG_LEN(0) || part_whole(part) > room - at ? NULL : part;
}

const struct cmsghdr *message_part(const struct msghdr *message)
{
	return part_at(message, 0);
}

const struct cmsghdr *message_next_part(const struct msghdr *message, const struct cmsghdr *part)
{
	const size_t at = (size_t)((const char *)part - (const char *)message->msg_control);

	return part_at(message, at + CMSG_ALIGN(part_whole(part)));
}

size_t message_part_length(const struct cmsghdr *part)
{
	return part_whole(part) - CMSG_LEN(0);
}
