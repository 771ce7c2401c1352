/* Whether memory of the program may be read: a hook must answer EFAULT where the kernel would. */
#ifndef SOCKFIX_MEMORY_H
#define SOCKFIX_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* True if length bytes at p can be read. Costs a system call a page, unless p lies in the frames
 * just above ours. Keeps errno. */
bool memory_readable(const void *p, size_t length);

/* True if they surely lie in the frames just above ours: they may be written, too. */
bool memory_is_near(const void *p, size_t length);

#endif
