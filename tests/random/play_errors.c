/* Steps that must fail: each row is one call, which answers as without anything loaded. */
#include <sys/uio.h>

#include "world.h"

static long to_nowhere(int fd)
{
	return write(fd, nowhere, 10);
}

static long to_nowhere_sent(int fd)
{
	return send(fd, nowhere, 10, MSG_NOSIGNAL);
}

static long to_nowhere_number(int fd)
{
	return syscall(SYS_write, fd, nowhere, 10);
}

static long vector_nowhere(int fd)
{
	return writev(fd, (const struct iovec *)(const void *)nowhere, 2);
}

static long vectors_many(int fd)
{
	static struct iovec vector[1025];

	return writev(fd, vector, 1025);
}

static long vectors_negative(int fd)
{
	struct iovec vector = {NULL, 0};
	volatile int count = -1;

	return writev(fd, &vector, count);
}

static long vectors_empty(int fd)
{
	struct iovec vector[2] = {{NULL, 0}, {NULL, 0}};

	return writev(fd, vector, 2);
}

static long message_nowhere(int fd)
{
	return sendmsg(fd, (const struct msghdr *)(const void *)nowhere, 0);
}

static long messages_nowhere(int fd)
{
	return sendmmsg(fd, (struct mmsghdr *)(void *)nowhere, 2, 0);
}

static long read_nowhere(int fd)
{
	return recv(fd, nowhere, 0, MSG_DONTWAIT);
}

static long poll_nowhere(int fd)
{
	(void)fd;
	return poll((struct pollfd *)(void *)nowhere, 1, 0);
}

static long option_nowhere(int fd)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, nowhere, sizeof(int));
}

static long option_short(int fd)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, "x", 1);
}

static long option_get_nowhere(int fd)
{
	return getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, nowhere, NULL);
}

static long closed(int fd)
{
	(void)fd;
	return write(97, "x", 1);
}

static long closed_twice(int fd)
{
	(void)fd;
	return close(97);
}

static long dup_closed(int fd)
{
	return dup2(97, fd);
}

static long dup_far(int fd)
{
	return dup2(fd, 1 << 30);
}

static long dup_itself(int fd)
{
	return dup3(fd, fd, 0);
}

static long range_backwards(int fd)
{
	return close_range((unsigned)fd, 0, 0);
}

static long range_flags(int fd)
{
	return close_range((unsigned)fd, (unsigned)fd, 128);
}

static long shut_wrongly(int fd)
{
	return shutdown(fd, 9);
}

static long connect_again(int fd)
{
	struct sockaddr_storage at;
	socklen_t length = address_of("127.0.0.1", world.port[0], &at);

	return connect(fd, (struct sockaddr *)&at, length);
}

static long accept_here(int fd)
{
	return accept(fd, NULL, NULL);
}

static long seek(int fd)
{
	return lseek(fd, 0, SEEK_CUR);
}

static long at_place(int fd)
{
	return pwrite(fd, "x", 1, 0);
}

static const struct {
	const char *name;
	long (*play)(int fd);
} failing[] = {
#define FAILING(name)                                                                              \
	{                                                                                          \
#name, name                                                                        \
	}
	FAILING(to_nowhere),
	FAILING(to_nowhere_sent),
	FAILING(to_nowhere_number),
	FAILING(vector_nowhere),
	FAILING(vectors_many),
	FAILING(vectors_negative),
	FAILING(vectors_empty),
	FAILING(vectors_empty),
	FAILING(message_nowhere),
	FAILING(messages_nowhere),
	FAILING(read_nowhere),
	FAILING(poll_nowhere),
	FAILING(option_nowhere),
	FAILING(option_short),
	FAILING(option_get_nowhere),
	FAILING(closed),
	FAILING(closed_twice),
	FAILING(dup_closed),
	FAILING(dup_far),
	FAILING(dup_itself),
	FAILING(range_backwards),
	FAILING(range_flags),
	FAILING(shut_wrongly),
	FAILING(connect_again),
	FAILING(accept_here),
	FAILING(seek),
	FAILING(at_place),
};

PLAY(error)
{
	struct link *link = link_of(step);
	unsigned which = step_draw(step, COUNT_OF(failing));
	int fd = link_name(link, step);

	if (link->any)
		return;
	if (!link->shut)
		link_put(link, fd, step_draw(step, 20));
	/* Whether there is room decides what a bad pointer is told. */
	link_sync(link);
	NOTE_CALL(failing[which].name, failing[which].play(fd));
}
