/* Pushes one socket after the other. */
#include "tools/live/push.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/live/borrow.h"
#include "tools/live/descriptors.h"
#include "tools/live/take.h"

static int number_of(int fd, int level, int name)
{
	socklen_t length = sizeof(int);
	int number = 0;

	return getsockopt(fd, level, name, &number, &length) == 0 ? number : -1;
}

/* 1: it had unsent bytes. What is held by MSG_MORE is marked nowhere: that the program has no cork
 * on is reason enough to take it off, which pushes (net/ipv4/tcp.c, __tcp_sock_set_cork). */
static int push(int fd, void *unused)
{
	const int off = 0;
	int unsent = 0;

	(void)unused;
	return number_of(fd, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP &&
	       ioctl(fd, SIOCOUTQNSD, &unsent) == 0 && unsent > 0 &&
	       number_of(fd, IPPROTO_TCP, TCP_CORK) == 0 &&
	       setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off)) == 0;
}

static int push_all(int process, const struct descriptors *descriptors)
{
	int pushed = 0;

	for (size_t i = 0; i < descriptors->count; i++) {
		const int result = take_socket(process, descriptors->of[i].fd, push, NULL);

		if (result < 0 && result != -EBADF)
			return result;
		pushed += result > 0;
	}
	return pushed;
}

int push_sockets(pid_t pid)
{
	struct descriptors descriptors = {.of = NULL};
	const int process = borrow_open(pid);
	int result;

	if (process < 0)
		return process;
	result = descriptors_take(&descriptors, pid);
	if (!result)
		result = push_all(process, &descriptors);
	free(descriptors.of);
	close(process);
	return result;
}
