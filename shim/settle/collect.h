/* Which flows may collect their writes in user space (coalesce = "buffer"). */
#ifndef SOCKFIX_SETTLE_COLLECT_H
#define SOCKFIX_SETTLE_COLLECT_H

#include <stdbool.h>
#include <stdint.h>

struct flow;

/* Makes the flow's buffer ready, for `limit` bytes. False: without memory, without a cookie to know
 * the socket by, or where the kernel does not say what it has taken. */
bool collect_begin(struct flow *flow, int fd, uint32_t limit);

/* How many bytes the socket has taken since it was connected; -1: the kernel cannot tell (before
 * Linux 4.19). */
int64_t collect_taken(int fd);

#endif
