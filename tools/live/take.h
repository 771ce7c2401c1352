/* A socket of another process, for as long as a few system calls: pidfd_getfd(2), which wants the
 * permission of ptrace(2). While two have it the program's own close() sends no FIN. */
#ifndef SOCKFIX_LIVE_TAKE_H
#define SOCKFIX_LIVE_TAKE_H

/* Takes `fd` of the process (borrow_open()), has `what` done with it, and closes it: never more
 * than one at a time, and signals wait meanwhile, Ctrl-Z, too, for who is stopped gives nothing
 * back. One that kills us closes it. Returns what `what` did; or -errno of pidfd_getfd(2): -EBADF:
 * the process has no such descriptor; -EPERM; -ESRCH: it has ended; -ENOSYS: before Linux 5.6. */
int take_socket(int process, int fd, int (*what)(int fd, void *context), void *context);

#endif
