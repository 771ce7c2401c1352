/* Bytes in pieces, as writev(2) has them. */
#ifndef SOCKFIX_PIECES_H
#define SOCKFIX_PIECES_H

#include <stddef.h>
#include <sys/uio.h>

/* All of them together. They must be readable: the program's are once the kernel has read them. */
static inline size_t pieces_length(const struct iovec *piece, size_t pieces)
{
	size_t length = 0;

	for (size_t i = 0; i < pieces; i++)
		length += piece[i].iov_len;
	return length;
}

#endif
