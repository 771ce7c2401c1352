/* interleaved TURNS BUSY: two connections to a child of its own, a request of two bytes to each,
 * written in turns, then both answers; before these, in the last BUSY turns, 4 ms of work. */
#include "tests/victims/victim.h"

#include <stdbool.h>

static void answer_each(int listener)
{
	const int fd[] = {accept(listener, NULL, NULL), accept(listener, NULL, NULL)};
	char request[2];

	for (int i = 0;; i = !i) {
		for (size_t got = 0; got < sizeof(request);) {
			ssize_t n = read(fd[i], request, sizeof(request) - got);

			if (n <= 0)
				_exit(0);
			got += (size_t)n;
		}
		NEED(write(fd[i], "x", 1) == 1);
	}
}

static int connected(const struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	NEED(fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0);
	return fd;
}

static void work(void)
{
	struct timespec began, now;

	clock_gettime(CLOCK_MONOTONIC, &began);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - began.tv_sec) * 1000000000 + now.tv_nsec - began.tv_nsec < 4000000);
}

static void turn(const int fd[2], bool busy)
{
	char answer;

	for (int i = 0; i < 4; i++)
		NEED(write(fd[i % 2], "a", 1) == 1);
	if (busy)
		work();
	for (int i = 0; i < 2; i++)
		NEED(read(fd[i], &answer, 1) == 1);
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t length = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd[2];

	NEED(argc == 3);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	NEED(bind(listener, (struct sockaddr *)&at, length) == 0 && listen(listener, 2) == 0);
	NEED(getsockname(listener, (struct sockaddr *)&at, &length) == 0);
	if (fork() == 0)
		answer_each(listener);
	for (int i = 0; i < 2; i++)
		fd[i] = connected(&at);
	for (int turns = atoi(argv[1]), busy = atoi(argv[2]); turns > 0; turns--)
		turn(fd, turns <= busy);
	return 0;
}
