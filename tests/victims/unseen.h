/* What a victim does or looks at by raw system calls alone: listeners and far ends that no library
 * knows, options as the kernel has them, the number of threads. */
#ifndef VICTIM_UNSEEN_H
#define VICTIM_UNSEEN_H

#include "tests/victims/victim.h"

/* One of the ports whose writes are never joined; unlike 502 it needs no privilege. */
#define LEFT_ALONE_PORT 20000

/* Listens on port (0: any) of an address of 127.0.0.0/8 that no other process of this test uses. */
static inline int listen_unseen(int port, struct sockaddr_in *at)
{
	socklen_t length = sizeof(*at);
	int fd = (int)RAW3(SYS_socket, AF_INET, SOCK_STREAM, 0), on = 1;

	memset(at, 0, sizeof(*at));
	at->sin_family = AF_INET;
	at->sin_port = htons((uint16_t)port);
	at->sin_addr.s_addr = htonl(0x7f000000u | ((uint32_t)getpid() & 0x3fffffu) << 2 | 2u);
	NEED(raw(SYS_setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, (long)&on, sizeof(on), 0) == 0);
	NEED(RAW3(SYS_bind, fd, at, length) == 0);
	NEED(RAW3(SYS_listen, fd, 64, 0) == 0);
	NEED(RAW3(SYS_getsockname, fd, at, &length) == 0);
	return fd;
}

static inline int dial_to(const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	NEED(fd >= 0 && connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0);
	return fd;
}

static inline int accept_unseen(int listener)
{
	int fd = raw_accept(listener);

	NEED(fd >= 0);
	return fd;
}

/* Reads until `bytes` have come. */
static inline void take_unseen(int fd, size_t bytes)
{
	char text[64];

	while (bytes > 0) {
		long got = RAW3(SYS_read, fd, text, bytes < sizeof(text) ? bytes : sizeof(text));

		NEED(got > 0);
		bytes -= (size_t)got;
	}
}

static inline void answer_unseen(int fd)
{
	NEED(RAW3(SYS_write, fd, "ok\n", 3) == 3);
}

static inline int kernel_nodelay(int fd)
{
	int value = -1;
	socklen_t length = sizeof(value);

	NEED(raw(SYS_getsockopt, fd, IPPROTO_TCP, TCP_NODELAY, (long)&value, (long)&length, 0) ==
		0);
	return value;
}

static inline int asked_nodelay(int fd)
{
	int value = -1;
	socklen_t length = sizeof(value);

	NEED(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &length) == 0);
	return value;
}

/* TCP_NODELAY as the program is told and as it is. */
static inline void mark_nodelay(const char *when, int fd)
{
	mark("%s: reads %d, is %d", when, asked_nodelay(fd), kernel_nodelay(fd));
}

/* proc(5): num_threads is the 20th field of stat, the 18th after the name. */
static inline int threads_now(void)
{
	char text[512], *state;
	int file = (int)RAW3(SYS_openat, AT_FDCWD, "/proc/self/stat", O_RDONLY), count = -1;
	long got = RAW3(SYS_read, file, text, sizeof(text) - 1);

	NEED(got > 0 && RAW3(SYS_close, file, 0, 0) == 0);
	text[got] = 0;
	state = strrchr(text, ')');
	NEED(state &&
		sscanf(state + 1,
			" %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d",
			&count) == 1);
	return count;
}

#endif
