/* Which descriptor an epoll's data stands for: programs keep a number, a pointer or a handle of
 * theirs there, and epoll_wait() gives nothing else back. */
#ifndef SOCKFIX_TRACE_EPOLL_H
#define SOCKFIX_TRACE_EPOLL_H

#include <sys/epoll.h>

/* After epoll_ctl() succeeded; of EPOLL_CTL_DEL nothing is learnt. Async-signal-safe; keeps errno.
 */
void trace_epoll_learn(int epfd, int operation, int fd, const struct epoll_event *event);

/* The descriptor behind what epoll_wait() said; where it was not learnt, data taken as one. */
int trace_epoll_fd(int epfd, const struct epoll_event *event);

#endif
