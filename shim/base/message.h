/* The lengths in a message that the program hands over (struct msghdr, struct cmsghdr).
 *
 * musl has them in 32 bits where the kernel has 64, and beside each what the program left there
 * (its struct msghdr, __pad1): its sendmsg() clears that in a copy of its own, of which nobody
 * outside sees anything. */
#ifndef SOCKFIX_MESSAGE_H
#define SOCKFIX_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* Whether this process's libc has them in 32 bits. Until somebody says so, it has not. */
void message_are_short(bool are);

/* struct iovec, in msg_iov. */
size_t message_pieces(const struct msghdr *message);

/* Bytes, in msg_control. */
size_t message_room(const struct msghdr *message);

/* The control data's parts, as CMSG_FIRSTHDR() and CMSG_NXTHDR() have them, but one that ends
 * outside is none (the kernel takes no other: include/linux/socket.h, CMSG_OK). NULL: no more. */
const struct cmsghdr *message_part(const struct msghdr *message);
const struct cmsghdr *message_next_part(const struct msghdr *message, const struct cmsghdr *part);

/* Bytes of data, at CMSG_DATA(part). */
size_t message_part_length(const struct cmsghdr *part);

#endif
