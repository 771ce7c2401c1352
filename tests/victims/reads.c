/* Holds the last write of a request, then reads the answer by every call that reads. */
#include "tests/victims/victim.h"

#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/uio.h>

/* What programs built with _FORTIFY_SOURCE call; declared by glibc in headers of its own only. */
ssize_t __read_chk(int fd, void *buffer, size_t count, size_t room);
ssize_t __recv_chk(int fd, void *buffer, size_t count, size_t room, int flags);
ssize_t __recvfrom_chk(int fd, void *restrict buffer, size_t count, size_t room, int flags,
	struct sockaddr *restrict address, socklen_t *restrict length);
int __poll_chk(struct pollfd *entries, nfds_t count, int timeout, size_t room);

static int fd;
static char text[8];
static volatile size_t an_error = (size_t)-1; /* the compiler must not know */

#define ASK(...)                                                                                   \
	do {                                                                                       \
		fd = dial_trained();                                                               \
		say_half(fd, "line\n");                                                            \
		wrote(fd, 5);                                                                      \
		NEED(__VA_ARGS__);                                                                 \
	} while (0)

static void by_read(void)
{
	ASK(read(fd, text, 8) == 3);
}

static void by_readv(void)
{
	ASK(readv(fd, &(struct iovec){text, 8}, 1) == 3);
}

static void by_preadv2(void)
{
	ASK(preadv2(fd, &(struct iovec){text, 8}, 1, -1, 0) == 3);
}

static void by_recv(void)
{
	ASK(recv(fd, text, 3, MSG_WAITALL) == 3);
}

static void by_peek(void)
{
	ASK(recv(fd, text, 3, MSG_PEEK) == 3);
	NEED(read(fd, text, 8) == 3);
}

static void by_recvfrom(void)
{
	ASK(recvfrom(fd, text, 8, 0, NULL, NULL) == 3);
}

static void by_recvmsg(void)
{
	struct iovec part = {text, 8};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	ASK(recvmsg(fd, &message, 0) == 3);
}

static void by_recvmmsg(void)
{
	struct iovec part = {text, 8};
	struct mmsghdr message = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};

	ASK(recvmmsg(fd, &message, 1, 0, NULL) == 1);
}

static void by_read_chk(void)
{
	ASK(__read_chk(fd, text, 8, 8) == 3);
}

static void by_recv_chk(void)
{
	ASK(__recv_chk(fd, text, 8, 8, 0) == 3);
}

static void by_recvfrom_chk(void)
{
	ASK(__recvfrom_chk(fd, text, 8, 8, 0, NULL, NULL) == 3);
}

static void by_poll_chk(void)
{
	struct pollfd entry = {.events = POLLIN};

	ASK(__poll_chk((entry.fd = fd, &entry), 1, -1, sizeof(entry)) == 1);
	NEED(read(fd, text, 8) == 3);
}

/* A poll for both is ready at once, as the socket is writable: the answer is not there yet. */
static void by_poll_both(void)
{
	struct pollfd entry = {.events = POLLIN | POLLOUT};

	fd = dial_trained();
	entry.fd = fd;
	say_half(fd, "line\n");
	do {
		NEED(poll(&entry, 1, -1) == 1);
	} while (!(entry.revents & POLLIN));
	NEED(read(fd, text, 8) == 3);
	wrote(fd, 5);
	wait_go();
}

/* A second write, at once, that takes nothing along: it has nothing, or a length that is the error
 * of a read. */
#define ASK_WITH(...)                                                                              \
	do {                                                                                       \
		fd = dial_trained();                                                               \
		say(fd, "line\n");                                                                 \
		NEED(__VA_ARGS__);                                                                 \
		mark("#held %d", unsent(fd) > 0);                                                  \
		wrote(fd, 5);                                                                      \
		NEED(read(fd, text, 8) == 3);                                                      \
	} while (0)

static void by_write_of_nothing(void)
{
	ASK_WITH(write(fd, text, 0) == 0);
}

static void by_send_of_nothing(void)
{
	ASK_WITH(send(fd, text, 0, 0) == 0);
}

static void by_write_of_an_error(void)
{
	ASK_WITH(write(fd, text, an_error) == -1);
}

static void by_send_of_an_error(void)
{
	ASK_WITH(send(fd, nowhere, an_error, 0) == -1);
}

/* stdio reads by calls of its own that nobody sees. */
static void by_stdio(void)
{
	FILE *stream;

	fd = dial_trained();
	stream = fdopen(fd, "r");
	say_half(fd, "line\n");
	NEED(fgets(text, sizeof(text), stream));
	wrote(fd, 5);
	wait_go();
}

static void by_raw_read(void)
{
	fd = dial_trained();
	say_half(fd, "line\n");
	NEED(RAW3(SYS_read, fd, text, 8) == 3);
	wrote(fd, 5);
	wait_go();
}

static void by_syscall(void)
{
	ASK(syscall(SYS_read, fd, text, 8) == 3);
}

static void by_syscall_preadv2(void)
{
	struct iovec part = {text, 8};

	ASK(syscall(SYS_preadv2, fd, &part, 1, -1L, -1L, 0) == 3);
}

/* Does not block, so it is asked again and again, with epoll in between. */
static void by_epoll(void)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	int set = epoll_create1(0);

	fd = dial_trained();
	NEED(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0);
	NEED(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	say_half(fd, "line\n");
	wrote(fd, 5);
	while (read(fd, text, 8) != 3)
		NEED(errno == EAGAIN && epoll_wait(set, &event, 1, -1) == 1);
}

static const struct verb verbs[] = {
	{"read", by_read},
	{"readv", by_readv},
	{"preadv2", by_preadv2},
	{"recv", by_recv},
	{"peek", by_peek},
	{"recvfrom", by_recvfrom},
	{"recvmsg", by_recvmsg},
	{"recvmmsg", by_recvmmsg},
	{"__read_chk", by_read_chk},
	{"__recv_chk", by_recv_chk},
	{"__recvfrom_chk", by_recvfrom_chk},
	{"__poll_chk", by_poll_chk},
	{"poll-both", by_poll_both},
	{"write-of-nothing", by_write_of_nothing},
	{"send-of-nothing", by_send_of_nothing},
	{"write-of-an-error", by_write_of_an_error},
	{"send-of-an-error", by_send_of_an_error},
	{"stdio", by_stdio},
	{"raw-read", by_raw_read},
	{"syscall-read", by_syscall},
	{"syscall-preadv2", by_syscall_preadv2},
	{"epoll", by_epoll},
};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
