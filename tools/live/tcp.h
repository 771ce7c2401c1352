/* struct tcp_info as the kernel has it: glibc's ends before the counters of bytes, and its header
 * cannot stand beside the kernel's. */
#ifndef SOCKFIX_LIVE_TCP_H
#define SOCKFIX_LIVE_TCP_H

#include <stddef.h>

#include "tools/live/sockets.h"

/* Takes what is there of INET_DIAG_INFO; an older kernel gives less, which stays 0. */
void tcp_take(struct socket_state *socket, const void *info, size_t length);
/* The same of getsockopt(TCP_INFO): and the state, and a listener's queue. */
void tcp_take_own(struct socket_state *socket, const void *info, size_t length);

#endif
