/* Small habits that once broke: probes for an answer, an end of a stream in memory, functions of
 * libc that the program brings itself, sockets that come with a linger of 0 seconds. */
#include <sched.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <threads.h>

#include "tests/victims/unseen.h"

static char *self;

/* Overtakes libc's send() for every library in the process. */
ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	return sendto(fd, buf, n, flags, NULL, 0);
}

/* And recv(), in the same way. */
ssize_t recv(int fd, void *buf, size_t n, int flags)
{
	return recvfrom(fd, buf, n, flags, NULL, NULL);
}

static void own_send(void)
{
	int fd = dial_trained();
	char text[3];

	mark("%zd", send(fd, "hello,", 6, 0));
	mark("#held %d", unsent(fd) > 0);
	mark("%zd", send(fd, "world\n", 6, 0));
	mark("%zd", recv(fd, text, sizeof(text), MSG_WAITALL));
}

/* ---- probes for an answer: they find nothing, and are no wait ---- */

static long look_flag(int fd)
{
	char c;

	return recvfrom(fd, &c, 1, MSG_DONTWAIT, NULL, NULL);
}

static long look_peek(int fd)
{
	char c;

	return recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK);
}

static long look_nonblocking(int fd)
{
	char c;

	NEED(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	return read(fd, &c, 1);
}

static long look_poll(int fd)
{
	return poll(&(struct pollfd){fd, POLLIN, 0}, 1, 0);
}

static long look_ppoll(int fd)
{
	return ppoll(&(struct pollfd){fd, POLLIN, 0}, 1, &(struct timespec){0, 0}, NULL);
}

static long look_select(int fd)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	return select(fd + 1, &set, NULL, NULL, &(struct timeval){0, 0});
}

static long look_pselect(int fd)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	return pselect(fd + 1, &set, NULL, NULL, &(struct timespec){0, 0}, NULL);
}

static long look_epoll(int fd)
{
	struct epoll_event event = {.events = EPOLLIN};
	const int all = epoll_create1(0);

	NEED(all >= 0 && epoll_ctl(all, EPOLL_CTL_ADD, fd, &event) == 0);
	return epoll_wait(all, &event, 1, 0);
}

static long look_fionread(int fd)
{
	int bytes = -1;

	NEED(ioctl(fd, FIONREAD, &bytes) == 0);
	return bytes;
}

static long look_outq(int fd)
{
	int bytes = -1;

	return ioctl(fd, SIOCOUTQ, &bytes);
}

static long look_yield(int fd)
{
	(void)fd;
	return sched_yield();
}

static long look_thrd_yield(int fd)
{
	(void)fd;
	thrd_yield();
	return 0;
}

/* An answer cannot come to what the peer does not have: the first probe that finds nothing must
 * have let it go. */
static void probe_once(long (*look)(int fd))
{
	int fd = dial_trained();

	say_half(fd, "no line yet");
	errno = 0;
	mark("%ld", look(fd));
	mark("%s, unsent %d", strerrorname_np(errno), unsent(fd));
	wrote(fd, 11);
	wait_go();
	say(fd, "\n");
	NEED(hear(fd));
}

#define PROBE(name)                                                                                \
	static void probe_##name(void)                                                             \
	{                                                                                          \
		probe_once(look_##name);                                                           \
	}
PROBE(flag)
PROBE(peek)
PROBE(nonblocking)
PROBE(poll)
PROBE(ppoll)
PROBE(select)
PROBE(pselect)
PROBE(epoll)
PROBE(fionread)
PROBE(outq)
PROBE(yield)
PROBE(thrd_yield)

static void mark_fclose(FILE *stream)
{
	int result;

	NEED(stream);
	errno = 1234;
	result = fclose(stream);
	mark("%d, errno %d", result, errno);
}

static void close_memory(void)
{
	char text[16], *grown;
	size_t length;

	mark_fclose(fmemopen(text, sizeof(text), "w"));
	mark_fclose(open_memstream(&grown, &length));
	free(grown);
}

/* What comes by exec with a linger of 0 seconds throws held bytes away when it is closed. */
static void inherit_linger(void)
{
	struct linger none = {1, 0};
	char number[16];
	int fd = dial();

	NEED(raw(SYS_setsockopt, fd, SOL_SOCKET, SO_LINGER, (long)&none, sizeof(none), 0) == 0);
	snprintf(number, sizeof(number), "%d", fd);
	execl(self, self, "inherited", number, (char *)NULL);
	die("execl");
}

static void inherited(int fd)
{
	int held = 0;

	for (int i = 0; i < 20; i++) {
		say(fd, "a");
		held |= unsent(fd) > 0;
		say(fd, "b\n");
		NEED(hear(fd));
	}
	mark("#held %d", held);
}

static const struct verb verbs[] = {
	{"own-send", own_send},
	{"probe-flag", probe_flag},
	{"probe-peek", probe_peek},
	{"probe-nonblocking", probe_nonblocking},
	{"probe-poll", probe_poll},
	{"probe-ppoll", probe_ppoll},
	{"probe-select", probe_select},
	{"probe-pselect", probe_pselect},
	{"probe-epoll", probe_epoll},
	{"probe-fionread", probe_fionread},
	{"probe-outq", probe_outq},
	{"probe-yield", probe_yield},
	{"probe-thrd_yield", probe_thrd_yield},
	{"close-memory", close_memory},
	{"inherit-linger", inherit_linger},
};

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc == 3 && strcmp(argv[1], "inherited") == 0) {
		inherited(atoi(argv[2]));
		return 0;
	}
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
