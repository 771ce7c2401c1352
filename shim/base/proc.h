/* Files of /proc that tell a process about itself. */
#ifndef SOCKFIX_PROC_H
#define SOCKFIX_PROC_H

#include <stddef.h>

/* Reads up to `size` bytes; returns how many, 0 where there are none. No libc, errno kept. */
size_t proc_read(const char *path, char *to, size_t size);

#endif
