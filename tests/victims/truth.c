/* truth TURNS WRITES NODELAY: turns of so many small writes and an answer, and what they lost by
 * the kernel's own clock: what stood unsent as it began to wait was held until the kernel last sent
 * data (tcpi_last_data_sent), which it is asked right after the answer. "#lost" is in microseconds.
 */
#include "tests/victims/victim.h"

#include <time.h>

static long microseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static long silent(int fd)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof(info);

	NEED(raw(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, (long)&info, (long)&length, 0) == 0);
	return (long)info.tcpi_last_data_sent * 1000;
}

static long turn(int fd, int writes)
{
	char answer[64];
	long written, left;
	int held;

	while (writes-- > 1)
		say(fd, "a part, ");
	say(fd, "and the rest\n");
	written = microseconds();
	held = unsent(fd) > 0;
	NEED(read(fd, answer, sizeof(answer)) > 0);
	left = microseconds() - silent(fd);
	return held && left > written ? left - written : 0;
}

int main(int argc, char **argv)
{
	long lost = 0;
	int fd, yes = 1;

	NEED(argc == 4);
	fd = dial();
	if (atoi(argv[3]))
		NEED(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) == 0);
	for (int i = atoi(argv[1]); i > 0; i--)
		lost += turn(fd, atoi(argv[2]));
	mark("#lost %ld", lost);
	return 0;
}
