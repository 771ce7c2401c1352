/* A recv() that answers at once what the kernel would of an empty connection. In front of libc, it
 * takes the kernel out of a row: what is left is what the library's own instructions cost. */
#include <errno.h>
#include <sys/socket.h>

ssize_t recv(int fd, void *buf, size_t n, int flags)
{
	(void)fd, (void)buf, (void)n, (void)flags;
	errno = EAGAIN;
	return -1;
}
