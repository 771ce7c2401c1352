/* Prints what calls beside reading and writing answer to bad arguments, and what signals do. */
#include "tests/victims/errors.h"

#include <linux/close_range.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>

static struct sockaddr *const bad_address = NULL;

static struct sockaddr *pointing_nowhere(void)
{
	return (struct sockaddr *)(void *)nowhere;
}

static void addresses(void)
{
	struct sockaddr_storage any = {.ss_family = AF_INET};
	struct sockaddr_in none = {.sin_family = AF_INET, .sin_port = htons(1)};
	struct sockaddr_in odd = {.sin_family = 77};
	struct sockaddr *address = (struct sockaddr *)&any;
	socklen_t length = sizeof(any), short_length = 3, negative = (socklen_t)-1;
	socklen_t *no_length = (socklen_t *)(void *)nowhere;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	none.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ANSWER(connect(fd, pointing_nowhere(), 16));
	ANSWER(connect(fd, bad_address, 16));
	ANSWER(connect(fd, address, 1));
	ANSWER(connect(fd, address, 1000000));
	ANSWER(connect(fd, (struct sockaddr *)&odd, sizeof(odd)));
	ANSWER(connect(fd, (struct sockaddr *)&none, sizeof(none)));
	ANSWER(bind(fd, pointing_nowhere(), 16));
	ANSWER(bind(fd, address, 1));
	ANSWER(accept(fd, NULL, NULL));
	ANSWER(accept4(fd, NULL, NULL, -1));
	ANSWER(write(fd, "a", 1) > 0);
	ANSWER(socket(AF_INET, SOCK_STREAM, 999));
	ANSWER(socket(999, SOCK_STREAM, 0));
	ANSWER(socket(AF_INET, 999, 0));
	make_pair();
	ANSWER(getpeername(near_fd, address, &short_length));
	ANSWER(getpeername(near_fd, address, &negative));
	ANSWER(getpeername(near_fd, address, no_length));
	ANSWER(getsockname(near_fd, pointing_nowhere(), &length));
	ANSWER(connect(near_fd, (struct sockaddr *)&none, sizeof(none)));
	ANSWER(sendto(near_fd, "a", 1, MSG_FASTOPEN, (struct sockaddr *)&none, sizeof(none)));
	ANSWER(sendto(fd, "a", 1, MSG_FASTOPEN, pointing_nowhere(), 16));
	ANSWER(listen(near_fd, 5));
	ANSWER(shutdown(near_fd, 77));
}

static void options(void)
{
	static const int names[] = {TCP_NODELAY, TCP_CORK, TCP_KEEPIDLE, TCP_MAXSEG, TCP_QUICKACK,
		TCP_CONGESTION, TCP_INFO, TCP_ULP, 9999};
	char space[512];
	socklen_t length;
	int one = 1;

	make_pair();
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		int name = names[i];

		mark("option %d", name);
		ANSWER(setsockopt(near_fd, IPPROTO_TCP, name, nowhere, 4));
		ANSWER(setsockopt(near_fd, IPPROTO_TCP, name, NULL, 4));
		ANSWER(setsockopt(near_fd, IPPROTO_TCP, name, &one, 0));
		ANSWER(setsockopt(near_fd, IPPROTO_TCP, name, &one, 3));
		ANSWER(setsockopt(near_fd, IPPROTO_TCP, name, &one, (socklen_t)-1));
		length = sizeof(space);
		ANSWER(getsockopt(near_fd, IPPROTO_TCP, name, nowhere, &length));
		ANSWER(getsockopt(near_fd, IPPROTO_TCP, name, space, (socklen_t *)(void *)nowhere));
		length = (socklen_t)-1;
		ANSWER(getsockopt(near_fd, IPPROTO_TCP, name, space, &length));
		for (length = 0; length < 9; length++) {
			socklen_t given = length;

			memset(space, 7, sizeof(space));
			ANSWER(getsockopt(near_fd, IPPROTO_TCP, name, space, &given));
			if (name != TCP_INFO)
				mark("%u %u: %d %d %d %d %d", length, given, space[0], space[1],
					space[2], space[3], space[4]);
		}
	}
	for (int name = 1; name < 80; name++) {
		length = sizeof(space);
		mark("socket option %d: %d %d", name,
			getsockopt(near_fd, SOL_SOCKET, name, space, &length), length);
	}
	ANSWER(setsockopt(near_fd, SOL_SOCKET, SO_LINGER, &one, sizeof(one)));
	ANSWER(setsockopt(0, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
	ANSWER(setsockopt(-1, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
	ANSWER(getsockopt(0, IPPROTO_TCP, TCP_NODELAY, &one, &length));
}

static void waiting(void)
{
	struct timespec bad_time = {0, -1};
	struct timeval bad_select = {-1, 0};
	struct epoll_event event = {.events = EPOLLIN};
	fd_set set;

	make_pair();
	train_pair();
	NEED(write(near_fd, "held", 4) == 4);
	ANSWER(poll((struct pollfd *)(void *)nowhere, 1, 0));
	ANSWER(poll((struct pollfd *)(void *)nowhere, 1, -1));
	ANSWER(poll(NULL, 0, 0));
	ANSWER(poll(&(struct pollfd){-1, POLLIN, 0}, 1, 0));
	ANSWER(poll(&(struct pollfd){12345, POLLIN, 0}, 1, -1));
	ANSWER(poll(&(struct pollfd){near_fd, POLLOUT, 0}, 1, -1));
	ANSWER(poll(&(struct pollfd){near_fd, POLLOUT, 0}, BEYOND, 0));
	ANSWER(ppoll(&(struct pollfd){near_fd, POLLOUT, 0}, 1, &bad_time, NULL));
	ANSWER(select(near_fd + 1, (fd_set *)(void *)nowhere, NULL, NULL, NULL));
	ANSWER(select(near_fd + 1, NULL, (fd_set *)(void *)nowhere, NULL, NULL));
	FD_ZERO(&set);
	FD_SET(near_fd, &set);
	ANSWER(select(near_fd + 1, NULL, &set, NULL, &bad_select));
	ANSWER(select(-1, NULL, &set, NULL, NULL));
	ANSWER(select(near_fd + 1, NULL, &set, NULL, NULL));
	FD_ZERO(&set);
	FD_SET(50, &set);
	ANSWER(select(51, NULL, &set, NULL, NULL));
	ANSWER(epoll_wait(near_fd, &event, 1, 0));
	ANSWER(epoll_wait(epoll_create1(0), &event, 0, 0));
	ANSWER(epoll_wait(-1, &event, 1, -1));
	ANSWER(nanosleep(&bad_time, NULL));
	ANSWER(nanosleep((struct timespec *)(void *)nowhere, NULL));
	ANSWER(waitpid(-1, NULL, 0));
	ANSWER(fcntl(near_fd, 9999, 0));
	ANSWER(fcntl(near_fd, F_DUPFD, -1));
	ANSWER(fcntl(-1, F_GETFD));
	ANSWER(ioctl(near_fd, 0xffff, NULL));
	ANSWER(ioctl(near_fd, SIOCOUTQ, nowhere));
	ANSWER(close_range(10, 5, 0));
	ANSWER(close_range(1000, 2000, 77));
	ANSWER(syscall(SYS_close, -1));
	ANSWER(syscall(99999));
	ANSWER(syscall(SYS_write, near_fd, nowhere, 5));
	far_read(4);
}

static void on_signal(int number)
{
	(void)number;
}

/* An alarm without SA_RESTART ends whatever blocks. */
static void interrupted(void)
{
	static char big[1 << 20];
	struct timespec long_time = {1000, 0};
	char c;
	size_t sent = 0;
	ssize_t done;

	make_pair();
	train_pair();
	NEED(sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_signal}, NULL) == 0);
	NEED(write(near_fd, "held", 4) == 4);
#define BY_ALARM(...)                                                                              \
	ualarm(2000, 2000);                                                                        \
	ANSWER(__VA_ARGS__);                                                                       \
	ualarm(0, 0)
	BY_ALARM(read(near_fd, &c, 1));
	BY_ALARM(recv(near_fd, &c, 1, 0));
	BY_ALARM(poll(&(struct pollfd){near_fd, POLLIN, 0}, 1, -1));
	BY_ALARM(select(0, NULL, NULL, NULL, NULL));
	BY_ALARM(nanosleep(&long_time, NULL));
	BY_ALARM(pause());
	far_read(4);
	ualarm(2000, 2000);
	do {
		done = write(near_fd, big, sizeof(big));
		sent += done > 0 ? (size_t)done : 0;
	} while (done > 0);
	ualarm(0, 0);
	mark("%zd %s", done, strerrorname_np(errno));
	NEED(shutdown(near_fd, SHUT_WR) == 0);
	while ((done = RAW3(SYS_read, far_fd, big, sizeof(big))) > 0)
		sent -= (size_t)done;
	mark("left %zu", sent);
}

/* Descriptors that go along, in a message whose control data is not what it says. */
static void control(void)
{
	static const size_t length[] = {0, sizeof(struct cmsghdr) - 1, 1000000000, (size_t)-1};
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} rights = {.head = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	char byte = 'a';
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &rights,
		.msg_controllen = sizeof(rights)};
	int ends[2];

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	for (size_t i = 0; i < COUNT_OF(length); i++) {
		rights.head.cmsg_len = length[i];
		ANSWER(sendmsg(ends[0], &message, 0));
		ANSWER(syscall(SYS_sendmsg, ends[0], &message, 0));
	}
}

static const struct verb verbs[] = {
	{"addresses", addresses},
	{"options", options},
	{"control", control},
	{"waiting", waiting},
	{"interrupted", interrupted},
};

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
