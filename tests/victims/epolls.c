/* epolls DATA WAY: turns of two small writes, and a wait by epoll before each read. What it keeps
 * in the event's data: the descriptor (fd), a pointer (ptr) or a handle of its own (handle); told
 * by libc or by the raw number (raw). */
#include "tests/victims/victim.h"

#include <sys/epoll.h>

static char state[64]; /* a program's own, which a pointer is to */

static epoll_data_t data_of(const char *kind, int fd)
{
	epoll_data_t data = {.u64 = 0};

	if (strcmp(kind, "fd") == 0)
		data.fd = fd;
	else if (strcmp(kind, "ptr") == 0)
		data.ptr = state;
	else
		data.u64 = UINT64_C(0x700000007);
	return data;
}

static int tell(const char *way, int set, int fd, struct epoll_event *event)
{
	if (strcmp(way, "raw") == 0)
		return (int)syscall(SYS_epoll_ctl, set, EPOLL_CTL_ADD, fd, event);
	return epoll_ctl(set, EPOLL_CTL_ADD, fd, event);
}

int main(int argc, char **argv)
{
	int fd = dial(), set = epoll_create1(0);
	struct epoll_event event = {.events = EPOLLIN};
	char answer[64];

	NEED(argc == 3 && set >= 0);
	event.data = data_of(argv[1], fd);
	NEED(tell(argv[2], set, fd, &event) == 0);
	for (int i = 0; i < 20; i++) {
		say(fd, "a part, ");
		say(fd, "and the rest\n");
		NEED(epoll_wait(set, &event, 1, -1) == 1);
		NEED(read(fd, answer, sizeof(answer)) > 0);
	}
	mark("done");
	return 0;
}
