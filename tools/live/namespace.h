/* The kernel's list of sockets (sockets.h) of the network namespace that a process is in. */
#ifndef SOCKFIX_LIVE_NAMESPACE_H
#define SOCKFIX_LIVE_NAMESPACE_H

#include <sys/types.h>

/* As sockets_open(), there: a descriptor; or -errno: -EPERM where we may not enter it. */
int namespace_open(pid_t pid);

#endif
