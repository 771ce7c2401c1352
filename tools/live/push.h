/* Lets go what a running process holds back in its sockets. Changes no option of them. */
#ifndef SOCKFIX_LIVE_PUSH_H
#define SOCKFIX_LIVE_PUSH_H

#include <sys/types.h>

/* Lets the unsent bytes of each TCP socket of the process go, as far as its own options let them:
 * what it corks itself stays, and so does what its own Nagle keeps back. Returns how many sockets
 * had some; or -errno: its sockets cannot be taken (permission, a kernel before 5.6). */
int push_sockets(pid_t pid);

#endif
