/* One message of inet_diag, as bytes; no system call. */
#ifndef SOCKFIX_LIVE_DIAG_H
#define SOCKFIX_LIVE_DIAG_H

#include <stddef.h>

#include "tools/live/sockets.h"

/* Reads a struct inet_diag_msg and the attributes behind it. False: it is cut off. */
bool diag_read(struct socket_state *socket, const void *bytes, size_t length);

#endif
