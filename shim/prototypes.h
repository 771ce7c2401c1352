/* The headers that declare what calls.h lists, and the few names that no public header declares. */
#ifndef SOCKFIX_PROTOTYPES_H
#define SOCKFIX_PROTOTYPES_H

#include <aio.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netdb.h>
#include <poll.h>
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

/* What -D_FORTIFY_SOURCE makes of the plain names (glibc's bits/ headers). */
ssize_t __read_chk(int fd, void *buf, size_t n, size_t room);
ssize_t __recv_chk(int fd, void *buf, size_t n, size_t room, int flags);
ssize_t __recvfrom_chk(int fd, void *buf, size_t n, size_t room, int flags, struct sockaddr *from,
	socklen_t *length);
int __poll(struct pollfd *fds, nfds_t n, int timeout);
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room);
int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask,
	size_t room);
int __dprintf_chk(int fd, int flag, const char *format, ...);
int __vdprintf_chk(int fd, int flag, const char *format, va_list args);

/* Newer than the oldest headers that we build with: glibc 2.34, 2.35, 2.36; capset(2) never had
 * one. */
int close_range(unsigned int first, unsigned int last, int flags);
void closefrom(int first);
int epoll_pwait2(int epfd, struct epoll_event *events, int max, const struct timespec *timeout,
	const sigset_t *mask);
int pidfd_getfd(int pidfd, int fd, unsigned int flags);
pid_t _Fork(void);
int capset(void *header, const void *data);
/* gcc's start files call it, if there is one, as the first thing of each object (glibc: crti.S). */
void __gmon_start__(void);
int execveat(int dir, const char *path, char *const argv[], char *const envp[], int flags);

#ifdef __i386__
/* What -D_TIME_BITS=64 makes of the plain names (glibc's headers, __REDIRECT). Times are void here:
 * they are passed on. */
#define WAIT(type, name, parameters, arguments) type name parameters;
#include "shim/hook/waits64.h"
#undef WAIT
int __fcntl_time64(int fd, int command, ...);
int __ioctl_time64(int fd, unsigned long request, ...);
ssize_t __recvmsg64(int fd, struct msghdr *message, int flags);
ssize_t __sendmsg64(int fd, const struct msghdr *message, int flags);
int __recvmmsg64(int fd, struct mmsghdr *message, unsigned int messages, int flags, void *timeout);
int __sendmmsg64(int fd, struct mmsghdr *message, unsigned int messages, int flags);
int __setsockopt64(int fd, int level, int name, const void *value, socklen_t length);
int __getsockopt64(int fd, int level, int name, void *value, socklen_t *length);
int __prctl_time64(int option, ...);
#endif

#endif
