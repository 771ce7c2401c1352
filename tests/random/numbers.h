/* Calls by the numbers of old. Where a machine has none for one, it is made by the number of the
 * call that took its place (linux: include/uapi/asm-generic/unistd.h; i386: accept is one of
 * socketcall(2)'s). */
#ifndef TEST_RANDOM_NUMBERS_H
#define TEST_RANDOM_NUMBERS_H

#include <linux/net.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* ms: 0, or below for ever. */
static inline int number_poll(struct pollfd *entry, int ms)
{
#ifdef SYS_poll
	return (int)syscall(SYS_poll, entry, 1, ms);
#else
	const struct timespec zero = {0, 0};

	return (int)syscall(SYS_ppoll, entry, 1, ms < 0 ? NULL : &zero, NULL, 8);
#endif
}

/* until: NULL, or of no length. */
static inline int number_select(int count, fd_set *in, fd_set *out, struct timeval *until)
{
#ifdef SYS_select
	return (int)syscall(SYS_select, count, in, out, NULL, until);
#else
	const struct timespec zero = {0, 0};

	return (int)syscall(SYS_pselect6, count, in, out, NULL, until ? &zero : NULL, NULL);
#endif
}

static inline int number_epoll_wait(int all, struct epoll_event *event, int ms)
{
#ifdef SYS_epoll_wait
	return (int)syscall(SYS_epoll_wait, all, event, 1, ms);
#else
	return (int)syscall(SYS_epoll_pwait, all, event, 1, ms, NULL, 8);
#endif
}

static inline int number_dup2(int fd, int to)
{
#ifdef SYS_dup2
	return (int)syscall(SYS_dup2, fd, to);
#else
	return (int)syscall(SYS_dup3, fd, to, 0);
#endif
}

static inline int number_accept(int listener)
{
#ifdef SYS_accept
	return (int)syscall(SYS_accept, listener, NULL, NULL);
#else
	const long argument[3] = {listener, 0, 0};

	return (int)syscall(SYS_socketcall, SYS_ACCEPT, argument);
#endif
}

#endif
