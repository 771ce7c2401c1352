/* Why another process may not be looked into, and what would work. */
#ifndef SOCKFIX_LIVE_PERMISSION_H
#define SOCKFIX_LIVE_PERMISSION_H

#include <stddef.h>
#include <sys/types.h>

/* A sentence without its end, such as "it is alice's: run this as alice or as root". */
void permission_why(pid_t pid, int error, char *out, size_t size);

#endif
