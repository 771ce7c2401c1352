/* A file whose name somebody else chose: read if it is a plain one, else refused. */
#ifndef SOCKFIX_SHIM_REGULAR_H
#define SOCKFIX_SHIM_REGULAR_H

#include <stddef.h>

/* Reads the whole of a regular file that has at most `size` bytes. Returns how many; -EFBIG;
 * -EMEDIUMTYPE where it is a FIFO, a device or a link; or another -errno. No libc, errno kept. */
long regular_read(const char *path, char *to, size_t size);

#endif
