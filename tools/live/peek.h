/* Memory of another process, copied or written while it goes on. Wants the permission of ptrace(2).
 */
#ifndef SOCKFIX_LIVE_PEEK_H
#define SOCKFIX_LIVE_PEEK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* 0, or -errno; -EFAULT where not all of it is there. */
int peek(pid_t pid, uint64_t at, void *to, size_t length);

/* The other way round. */
int poke(pid_t pid, uint64_t at, const void *from, size_t length);

/* An address, which has `size` bytes there: 4, else 8. */
int peek_address(pid_t pid, uint64_t at, uint32_t size, uint64_t *address);

/* A text that ends in NUL, of at most `most` bytes with it. 0, or -errno; -EFAULT also where it
 * does not end there. */
int peek_text(pid_t pid, uint64_t at, char *to, size_t most);

#endif
