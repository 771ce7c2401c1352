/* What victims ask of libc that musl has not: the compiler reads this before a victim that is built
 * for musl. A number in syscall() where glibc has a name, which is what programs of musl do; the
 * plain call where glibc has one that checks sizes, as fortify-headers has it. */
#ifndef TEST_MUSL_LACKS_H
#define TEST_MUSL_LACKS_H

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#ifndef __GLIBC__

#define ERROR_NAME(name) [name] = #name
__attribute__((unused)) static const char *strerrorname_np(int error)
{
	static const char *const names[] = {
		ERROR_NAME(EPERM),
		ERROR_NAME(ENOENT),
		ERROR_NAME(ESRCH),
		ERROR_NAME(EINTR),
		ERROR_NAME(EIO),
		ERROR_NAME(ENXIO),
		ERROR_NAME(E2BIG),
		ERROR_NAME(ENOEXEC),
		ERROR_NAME(EBADF),
		ERROR_NAME(ECHILD),
		ERROR_NAME(EAGAIN),
		ERROR_NAME(ENOMEM),
		ERROR_NAME(EACCES),
		ERROR_NAME(EFAULT),
		ERROR_NAME(ENOTBLK),
		ERROR_NAME(EBUSY),
		ERROR_NAME(EEXIST),
		ERROR_NAME(EXDEV),
		ERROR_NAME(ENODEV),
		ERROR_NAME(ENOTDIR),
		ERROR_NAME(EISDIR),
		ERROR_NAME(EINVAL),
		ERROR_NAME(ENFILE),
		ERROR_NAME(EMFILE),
		ERROR_NAME(ENOTTY),
		ERROR_NAME(ETXTBSY),
		ERROR_NAME(EFBIG),
		ERROR_NAME(ENOSPC),
		ERROR_NAME(ESPIPE),
		ERROR_NAME(EROFS),
		ERROR_NAME(EMLINK),
		ERROR_NAME(EPIPE),
		ERROR_NAME(EDOM),
		ERROR_NAME(ERANGE),
		ERROR_NAME(EDEADLK),
		ERROR_NAME(ENAMETOOLONG),
		ERROR_NAME(ENOLCK),
		ERROR_NAME(ENOSYS),
		ERROR_NAME(ENOTEMPTY),
		ERROR_NAME(ELOOP),
		ERROR_NAME(ENOMSG),
		ERROR_NAME(EIDRM),
		ERROR_NAME(ENODATA),
		ERROR_NAME(ENOLINK),
		ERROR_NAME(EPROTO),
		ERROR_NAME(EMULTIHOP),
		ERROR_NAME(EBADMSG),
		ERROR_NAME(EOVERFLOW),
		ERROR_NAME(EBADFD),
		ERROR_NAME(EILSEQ),
		ERROR_NAME(ENOTSOCK),
		ERROR_NAME(EDESTADDRREQ),
		ERROR_NAME(EMSGSIZE),
		ERROR_NAME(EPROTOTYPE),
		ERROR_NAME(ENOPROTOOPT),
		ERROR_NAME(EPROTONOSUPPORT),
		ERROR_NAME(ESOCKTNOSUPPORT),
		ERROR_NAME(EOPNOTSUPP),
		ERROR_NAME(EPFNOSUPPORT),
		ERROR_NAME(EAFNOSUPPORT),
		ERROR_NAME(EADDRINUSE),
		ERROR_NAME(EADDRNOTAVAIL),
		ERROR_NAME(ENETDOWN),
		ERROR_NAME(ENETUNREACH),
		ERROR_NAME(ENETRESET),
		ERROR_NAME(ECONNABORTED),
		ERROR_NAME(ECONNRESET),
		ERROR_NAME(ENOBUFS),
		ERROR_NAME(EISCONN),
		ERROR_NAME(ENOTCONN),
		ERROR_NAME(ESHUTDOWN),
		ERROR_NAME(ETOOMANYREFS),
		ERROR_NAME(ETIMEDOUT),
		ERROR_NAME(ECONNREFUSED),
		ERROR_NAME(EHOSTDOWN),
		ERROR_NAME(EHOSTUNREACH),
		ERROR_NAME(EALREADY),
		ERROR_NAME(EINPROGRESS),
		ERROR_NAME(ESTALE),
		ERROR_NAME(EDQUOT),
		ERROR_NAME(ENOMEDIUM),
		ERROR_NAME(EMEDIUMTYPE),
		ERROR_NAME(ECANCELED),
	};

	if (error < 0 || (size_t)error >= sizeof(names) / sizeof(*names))
		return NULL;
	return error ? names[error] : "0";
}
#undef ERROR_NAME

#define STATIC_INLINE __attribute__((unused)) static inline
STATIC_INLINE ssize_t preadv2(int fd, const struct iovec *list, int count, off_t at, int flags)
{
	return syscall(SYS_preadv2, fd, list, count, at, 0L, flags);
}
STATIC_INLINE ssize_t pwritev2(int fd, const struct iovec *list, int count, off_t at, int flags)
{
	return syscall(SYS_pwritev2, fd, list, count, at, 0L, flags);
}
STATIC_INLINE int close_range(unsigned first, unsigned last, int flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}
STATIC_INLINE void closefrom(int first)
{
	close_range((unsigned)first, ~0U, 0);
}
STATIC_INLINE int epoll_pwait2(int fd, struct epoll_event *list, int room,
	const struct timespec *time, const sigset_t *mask)
{
	return (int)syscall(SYS_epoll_pwait2, fd, list, room, time, mask, (long)_NSIG / 8);
}
STATIC_INLINE int pidfd_open(pid_t pid, unsigned flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}
STATIC_INLINE int pidfd_getfd(int process, int fd, unsigned flags)
{
	return (int)syscall(SYS_pidfd_getfd, process, fd, flags);
}
STATIC_INLINE ssize_t __read_chk(int fd, void *to, size_t count, size_t room)
{
	return room < count ? -1 : read(fd, to, count);
}
STATIC_INLINE ssize_t __recv_chk(int fd, void *to, size_t count, size_t room, int flags)
{
	return room < count ? -1 : recv(fd, to, count, flags);
}
STATIC_INLINE ssize_t __recvfrom_chk(int fd, void *restrict to, size_t count, size_t room,
	int flags, struct sockaddr *restrict from, socklen_t *restrict length)
{
	return room < count ? -1 : recvfrom(fd, to, count, flags, from, length);
}
STATIC_INLINE int pthread_cond_clockwait(
	pthread_cond_t *cond, pthread_mutex_t *lock, clockid_t clock, const struct timespec *end)
{
	struct timespec real, now, until;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(clock, &now);
	until.tv_sec = end->tv_sec - now.tv_sec + real.tv_sec;
	until.tv_nsec = end->tv_nsec - now.tv_nsec + real.tv_nsec;
	for (; until.tv_nsec < 0; until.tv_sec--)
		until.tv_nsec += 1000000000;
	for (; until.tv_nsec >= 1000000000; until.tv_sec++)
		until.tv_nsec -= 1000000000;
	return pthread_cond_timedwait(cond, lock, &until);
}
STATIC_INLINE int __poll(struct pollfd *list, nfds_t count, int time)
{
	return poll(list, count, time);
}
STATIC_INLINE int __poll_chk(struct pollfd *list, nfds_t count, int time, size_t room)
{
	return room < count ? -1 : poll(list, count, time);
}
STATIC_INLINE int __ppoll_chk(struct pollfd *list, nfds_t count, const struct timespec *time,
	const sigset_t *mask, size_t room)
{
	return room < count ? -1 : ppoll(list, count, time, mask);
}
STATIC_INLINE int fcloseall(void)
{
	return fflush(NULL);
}
#undef STATIC_INLINE
#endif
#endif
