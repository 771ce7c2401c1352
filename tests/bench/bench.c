/* Sockets and time for the programs of the benchmark. What fails ends the program: a figure that
 * was got otherwise than meant is worse than none. */
#include "bench.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/helper/must.h"

static const struct via seen = {
	connect, write, read, send, recv, poll, epoll_wait, nanosleep, shutdown, close};

const struct via *via = &seen;

/* In the order of struct via, which is of pointers to functions only. */
static const char *const names[] = {"connect", "write", "read", "send", "recv", "poll",
	"epoll_wait", "nanosleep", "shutdown", "close"};

#define NAMES (sizeof(names) / sizeof(*names))

_Static_assert(sizeof(struct via) == NAMES * sizeof(void *), "a name for each");

static const struct via *libc_own(void)
{
	static union {
		void *at[NAMES];
		struct via via;
	} own;
	void *libc;

	if (own.at[0])
		return &own.via;
	MUST(libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD));
	for (size_t i = NAMES; i-- > 0;)
		MUST(own.at[i] = dlsym(libc, names[i]));
	return &own.via;
}

void via_choose(int as_seen)
{
	via = as_seen ? &seen : libc_own();
}

uint64_t time_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct sockaddr_in address_of(const char *address, uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};

	MUST(inet_pton(AF_INET, address, &at.sin_addr) == 1);
	return at;
}

int listen_at(const char *address, uint16_t *port)
{
	struct sockaddr_in at = address_of(address, 0);
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	MUST(fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0 && listen(fd, 4096) == 0);
	MUST(getsockname(fd, (struct sockaddr *)&at, &size) == 0);
	*port = ntohs(at.sin_port);
	return fd;
}

int connect_to(const char *address, uint16_t port)
{
	struct sockaddr_in at = address_of(address, port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	MUST(fd >= 0 && via->connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	return fd;
}

static void *end_with_input(void *unused)
{
	char byte;

	(void)unused;
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	_exit(0);
}

void serve_as(uint16_t port)
{
	go(end_with_input, NULL);
	printf("%u\n", port);
	fflush(stdout);
}

void go(void *(*run)(void *), void *argument)
{
	pthread_t thread;

	MUST(pthread_create(&thread, NULL, run, argument) == 0);
	pthread_detach(thread);
}

void set_option(int fd, int level, int name, int value)
{
	MUST(setsockopt(fd, level, name, &value, sizeof(value)) == 0);
}
