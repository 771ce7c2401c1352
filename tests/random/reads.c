/* Every way to read what the peer was asked for, and to wait for it, in both spellings. */
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/uio.h>

#include "numbers.h"
#include "world.h"

ssize_t __read_chk(int fd, void *bytes, size_t length, size_t room);
ssize_t __recv_chk(int fd, void *bytes, size_t length, size_t room, int flags);
ssize_t __recvfrom_chk(int fd, void *bytes, size_t length, size_t room, int flags,
	struct sockaddr *from, socklen_t *from_length);
int __poll_chk(struct pollfd *entries, nfds_t count, int timeout, size_t room);

/* ---- waiting ---- */

static const struct timespec *soon(const struct timespec *none, int timeout)
{
	return timeout < 0 ? NULL : none;
}

static int poll_of(unsigned way, int fd, bool writable, int timeout)
{
	struct pollfd entry = {fd, writable ? POLLOUT : POLLIN, 0};
	const struct timespec zero = {0, 0};

	switch (way) {
	case 0:
		return poll(&entry, 1, timeout);
	case 1:
		return ppoll(&entry, 1, soon(&zero, timeout), NULL);
	case 2:
		return __poll_chk(&entry, 1, timeout, sizeof(entry));
	case 3:
		return number_poll(&entry, timeout);
	default:
		return (int)syscall(SYS_ppoll, &entry, 1, soon(&zero, timeout), NULL, 0);
	}
}

static int select_of(unsigned way, int fd, bool writable, int timeout)
{
	struct timeval none = {0, 0}, *until = timeout < 0 ? NULL : &none;
	const struct timespec zero = {0, 0};
	fd_set set, *in = writable ? NULL : &set, *out = writable ? &set : NULL;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	if (way == 0)
		return select(fd + 1, in, out, NULL, until);
	if (way == 1)
		return pselect(fd + 1, in, out, NULL, soon(&zero, timeout), NULL);
	return number_select(fd + 1, in, out, until);
}

static int epoll_of(unsigned way, int fd, bool writable, int timeout)
{
	struct epoll_event event = {.events = writable ? EPOLLOUT : EPOLLIN};
	const struct timespec zero = {0, 0};
	int all = epoll_create1(EPOLL_CLOEXEC), got;

	NEED(all >= 0 && epoll_ctl(all, EPOLL_CTL_ADD, fd, &event) == 0);
	if (way == 0)
		got = epoll_wait(all, &event, 1, timeout);
	else if (way == 1)
		got = epoll_pwait(all, &event, 1, timeout, NULL);
	else if (way == 2)
		got = epoll_pwait2(all, &event, 1, soon(&zero, timeout), NULL);
	else
		got = number_epoll_wait(all, &event, timeout);
	close(all);
	return got;
}

static int ready_of(struct step *step, int fd, bool writable, int timeout)
{
	unsigned way = step_draw(step, 12);

	if (way < 5)
		return poll_of(way, fd, writable, timeout);
	if (way < 8)
		return select_of(way - 5, fd, writable, timeout);
	return epoll_of(way - 8, fd, writable, timeout);
}

int wait_ready(struct step *step, int fd, bool writable)
{
	return ready_of(step, fd, writable, -1);
}

int look_ready(struct step *step, int fd)
{
	return ready_of(step, fd, false, 0);
}

/* ---- reading ---- */

static ssize_t read_vectors(unsigned way, int fd, char *bytes, size_t length)
{
	struct iovec vector[3] = {
		{bytes, length / 2}, {bytes, 0}, {bytes + length / 2, length - length / 2}};
	struct msghdr message = {.msg_iov = vector, .msg_iovlen = 3};

	switch (way) {
	case 0:
		return readv(fd, vector, 3);
	case 1:
		return preadv2(fd, vector, 3, -1, 0);
	case 2:
		return preadv64v2(fd, vector, 3, -1, 0);
	case 3:
		return syscall(SYS_readv, fd, vector, 3);
	case 4:
		return recvmsg(fd, &message, 0);
	default:
		return syscall(SYS_recvmsg, fd, &message, 0);
	}
}

static ssize_t read_messages(unsigned way, int fd, char *bytes, size_t length)
{
	struct iovec vector = {bytes, length};
	struct mmsghdr message = {.msg_hdr = {.msg_iov = &vector, .msg_iovlen = 1}};
	int got = way == 0 ? recvmmsg(fd, &message, 1, 0, NULL)
			   : (int)syscall(SYS_recvmmsg, fd, &message, 1, 0, NULL);

	return got == 1 ? (ssize_t)message.msg_len : got;
}

static ssize_t read_once(unsigned way, int fd, char *bytes, size_t length)
{
	switch (way) {
	case 0:
		return read(fd, bytes, length);
	case 1:
		return syscall(SYS_read, fd, bytes, length);
	case 2:
		return recv(fd, bytes, length, 0);
	case 3:
		return recvfrom(fd, bytes, length, 0, NULL, NULL);
	case 4:
		return syscall(SYS_recvfrom, fd, bytes, length, 0, NULL, NULL);
	case 5:
		return __read_chk(fd, bytes, length, length);
	case 6:
		return __recv_chk(fd, bytes, length, length, 0);
	case 7:
		return __recvfrom_chk(fd, bytes, length, length, 0, NULL, NULL);
	case 8:
		return recv(fd, bytes, length, MSG_WAITALL);
	case 9:
		return recv(fd, bytes, length, MSG_DONTWAIT);
	}
	if (way < 16)
		return read_vectors(way - 10, fd, bytes, length);
	return read_messages(way - 16, fd, bytes, length);
}

/* Looks at what a read would take, and takes nothing. */
static void peek(struct link *link, int fd)
{
	char c;

	if (link->nonblocking)
		return;
	NEED(recv(fd, &c, 1, MSG_PEEK) == 1);
	if (!fits_down(link, link->read, &c, 1))
		note("  WRONG BYTE peeked at %llu", (unsigned long long)link->read);
}

void link_ask(struct link *link, size_t size)
{
	size = size < link->limit ? size : link->limit;
	if (size == 0 || link->finished || link->any)
		return;
	order(ORDER_ANSWER, link, link->written, size);
	link->asked += size;
}

static void read_all(struct link *link, struct step *step, char *bytes, size_t size)
{
	int fd = link_name(link, step);
	unsigned way = step_draw(step, 18);
	struct step waits = *step; /* how often one waits must not change what follows */

	if (step_draw(step, 3) == 0)
		note("  ready %d", wait_ready(step, fd, false));
	if (step_draw(step, 6) == 0)
		peek(link, fd);
	while (link->read < link->asked) {
		size_t left = link->asked - link->read;
		ssize_t got = read_once(way, fd, bytes, left < size ? left : size);

		if (got < 0 && errno == EAGAIN) {
			wait_ready(&waits, fd, false);
			continue;
		}
		if (got <= 0) {
			note("  READ %zd %s", got, errno_text(errno));
			return;
		}
		if (!fits_down(link, link->read, bytes, (size_t)got))
			note("  WRONG BYTE in %zd at %llu", got, (unsigned long long)link->read);
		link->read += (uint64_t)got;
	}
}

void link_read(struct link *link, struct step *step)
{
	char few[SMALL], *bytes = few;
	size_t size = link->asked - link->read;

	if (size == 0)
		return;
	size = size < 65536 ? size : 65536;
	if (size > sizeof(few))
		NEED((bytes = malloc(size)) != NULL);
	read_all(link, step, bytes, size);
	if (bytes != few)
		free(bytes);
	note("  read to %llu", (unsigned long long)link->read);
}
