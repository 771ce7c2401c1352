/* A library of a program, whose constructor runs before those of preloaded libraries: it already
 * talks to the peer, duplicates, closes and waits. The connection is left for main() to go on. */
#include "tests/victims/victim.h"

int early_fd(void);

static int fd;

__attribute__((constructor)) static void talk_early(void)
{
	int copy;

	page_of_harness();
	fd = dial();
	copy = dup(fd);
	NEED(poll(&(struct pollfd){fd, POLLOUT, 0}, 1, 1000) == 1);
	say(fd, "ear");
	say(copy, "ly\n");
	NEED(hear(fd) && close(copy) == 0);
}

int early_fd(void)
{
	return fd;
}
