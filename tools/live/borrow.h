/* A socket of another process, for the time that it takes to ask it something: pidfd_getfd(2),
 * which wants the permission of ptrace(2). While somebody else has the descriptor, too, the
 * program's own close() sends no FIN, so it is given back at once. */
#ifndef SOCKFIX_LIVE_BORROW_H
#define SOCKFIX_LIVE_BORROW_H

#include <stdbool.h>
#include <sys/types.h>

#include "tools/live/sockets.h"

/* A descriptor that stands for the process; -errno: -ESRCH, there is none; -EINVAL: it is a thread;
 * -ENOSYS: the kernel is older than 5.3. */
int borrow_open(pid_t pid);
/* Whether that process has ended. */
bool borrow_has_ended(int process);

struct borrowed {
	struct socket_state socket; /* all but its inode and its interface */
	bool nodelay, cork;	    /* TCP_NODELAY, TCP_CORK */
	bool fixed_send;	    /* its program has set SO_SNDBUF; false on an older kernel */
};

/* Asks what `fd` of that process is. 0; -ENOTSOCK: no TCP; -EPERM, -ENOSYS, -EBADF: as
 * pidfd_getfd(2) says. */
int borrow_ask(int process, int fd, struct borrowed *borrowed);

#endif
