/* Programs that go on while the library in them is switched off and on. */
#define _NETINET_TCP_H	/* it cannot stand beside linux/tcp.h, which knows all of struct tcp_info  \
			 */
#include <linux/tcp.h>

#include "tests/helper/peer.h"
#include "tests/victims/victim.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#define TURN 64 /* bytes; the peer answers each so many */

static uint64_t bytes; /* written so far */
static unsigned held, late;

static uint64_t given(int fd)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof(info);

	NEED(raw(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, (long)&info, (long)&length, 0) == 0);
	return info.tcpi_bytes_sent - info.tcpi_bytes_retrans;
}

static void write_some(int fd, size_t n)
{
	const uint64_t off = atomic_load(&page_of_harness()->told);
	unsigned char part[TURN];

	for (size_t i = 0; i < n; i++)
		part[i] = pattern_byte(bytes + i);
	NEED(write(fd, part, n) == (ssize_t)n);
	bytes += n;
	if (given(fd) == bytes)
		return;
	held++;
	/* it was off before this write and is so still */
	late += off && atomic_load(&page_of_harness()->told) == off;
}

/* The last one leaves nothing to hold. One read takes the answer, as mostly: the hot way. */
static void turn_of(int fd, unsigned writes, unsigned *random)
{
	size_t left = TURN;
	char answer[8];

	for (; writes > 1; writes--) {
		size_t n = 1 + (size_t)rand_r(random) % (left / writes);

		write_some(fd, n);
		left -= n;
	}
	write_some(fd, left);
	NEED(read(fd, answer, sizeof(answer)) == 3);
}

/* Mostly two writes, of which one learns. */
static void turn(int fd, unsigned *random)
{
	turn_of(fd, rand_r(random) % 16 ? 2 : 1 + (unsigned)rand_r(random) % 4, random);
}

static bool told_to_end(void)
{
	int waiting = 0;

	RAW3(SYS_ioctl, 0, FIONREAD, &waiting);
	return waiting > 0;
}

static void flips(void)
{
	unsigned random = 7, turns = 0;
	int fd = dial();

	mark("running");
	do
		turn(fd, &random);
	while (++turns % 16 || !told_to_end());
	mark("#turns %u", turns);
	mark("#held %u", held);
	mark("late %u", late);
	mark("#bytes %lu", (unsigned long)bytes);
}

/* Says how many writes were seen held so far, whenever it is told to, until it is told twice. */
static void counts(void)
{
	const struct sockaddr_in own = {.sin_family = AF_INET};
	unsigned random = 7;
	int fd = dial(), corked = dial(), closed = dial(), on = 1;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	NEED(bind(listener, (const struct sockaddr *)&own, sizeof(own)) == 0);
	NEED(listen(listener, 1) == 0);
	NEED(setsockopt(corked, IPPROTO_TCP, TCP_CORK, &on, sizeof(on)) == 0);
	NEED(close(closed) == 0);
	for (int times = 0; times < 2; times++) {
		for (int i = 0; i < 200; i++)
			if (times)
				turn(fd, &random);
			else
				turn_of(fd, 2, &random);
		mark("held %u", held);
		wait_go();
	}
}

/* A hold that nothing ends for 20 ms, but a wait. In the child of a fork there is a count, too. */
static void lates(void)
{
	int fd = dial_trained();
	long began = microseconds();
	pid_t child;

	say_half(fd, "a");
	while (microseconds() - began < 20000)
		;
	NEED(poll(&(struct pollfd){fd, POLLIN, 0}, 1, 1) == 0);
	mark("late %ld", microseconds() - began);
	wait_go();
	child = fork();
	if (child == 0) {
		say(fd, "b\n");
		NEED(hear(fd));
		mark("child %d", (int)getpid());
		wait_go();
		_exit(0);
	}
	NEED(waitpid(child, NULL, 0) == child);
	wait_go();
}

static void half(void)
{
	int fd = dial_trained();

	say_half(fd, "a");
	mark("half %d", fd);
	while (!atomic_load(&page_of_harness()->told))
		;
	say(fd, "b\n");
	NEED(hear(fd));
	wait_go();
}

/* Holds when it is told to, however long others need until they are there; it sleeps by a call that
 * nobody sees, so that the processors are free for them. */
static void half_later(void)
{
	const struct timespec moment = {.tv_nsec = 1000000};
	int fd = dial_trained();

	mark("trained %d", fd);
	wait_go();
	say(fd, "a");
	mark("half");
	while (!atomic_load(&page_of_harness()->told))
		RAW3(SYS_nanosleep, &moment, NULL, 0);
	say(fd, "b\n");
	NEED(hear(fd));
	wait_go();
}

static int kernel_nodelay(int fd)
{
	socklen_t length = sizeof(int);
	int on = 0;

	NEED(raw(SYS_getsockopt, fd, IPPROTO_TCP, TCP_NODELAY, (long)&on, (long)&length, 0) == 0);
	return on;
}

/* Three times: a connection is made and accepted, used and closed, by the same descriptors. */
static void serves(void)
{
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(own);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	NEED(bind(listener, (struct sockaddr *)&own, length) == 0 && listen(listener, 8) == 0);
	NEED(getsockname(listener, (struct sockaddr *)&own, &length) == 0);
	for (int i = 0; i < 3; i++) {
		int client = socket(AF_INET, SOCK_STREAM, 0), server;

		NEED(connect(client, (struct sockaddr *)&own, length) == 0);
		NEED((server = accept(listener, NULL, NULL)) >= 0);
		say(client, "a");
		say(client, "b\n");
		NEED(hear(server));
		mark("#nodelay %d %d", kernel_nodelay(client), kernel_nodelay(server));
		wait_go();
		NEED(close(client) == 0 && close(server) == 0);
	}
}

static void idle(void)
{
	mark("idle");
	wait_go();
}

static void undumpable(void)
{
	NEED(prctl(PR_SET_DUMPABLE, 0) == 0);
	idle();
}

/* The kernel refuses that one, but who asks for it goes on with a sandbox. */
static void sandboxed(void)
{
	prctl(PR_SET_SECCOMP, 2, nowhere);
	idle();
}

static const struct verb verbs[] = {
	{"flips", flips},
	{"counts", counts},
	{"lates", lates},
	{"half", half},
	{"half-later", half_later},
	{"serves", serves},
	{"idle", idle},
	{"undumpable", undumpable},
	{"sandboxed", sandboxed},
};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
