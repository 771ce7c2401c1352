/* turns TURNS WRITES SIZE [oneway]: a client that writes WRITES times SIZE bytes a turn, then reads
 * an answer (or never does), to a reader in a process of its own. Prints 'SECONDS SEGMENTS'. */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Answers each `turn` bytes with one; 0: never. */
static void serve(int listener, long turn)
{
	static char buf[1 << 18];
	int fd = accept(listener, NULL, NULL);
	ssize_t got;
	long have = 0;

	while ((got = read(fd, buf, sizeof(buf))) > 0)
		for (have += got; turn && have >= turn; have -= turn)
			if (write(fd, buf, 1) != 1)
				_exit(1);
	_exit(0);
}

static int connected(long turn)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;

	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1) ||
		getsockname(listener, (struct sockaddr *)&address, &length))
		abort();
	if (fork() == 0)
		serve(listener, turn);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&address, length))
		abort();
	return fd;
}

int main(int argc, char **argv)
{
	long turns = argc > 3 ? atol(argv[1]) : 0, writes = turns ? atol(argv[2]) : 0;
	size_t size = turns ? (size_t)atol(argv[3]) : 0;
	int answered = argc == 4, fd = connected(answered ? writes * (long)size : 0);
	struct timespec begin, end;
	struct tcp_info info = {0};
	socklen_t length = sizeof(info);
	char *bytes = calloc(1, size + 1);

	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (long t = 0; t < turns; t++) {
		for (long w = 0; w < writes; w++)
			if (write(fd, bytes, size) != (ssize_t)size)
				return 1;
		if (answered && read(fd, bytes, 1) != 1)
			return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length);
	printf("%.6f %u\n",
		(double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9,
		info.tcpi_data_segs_out);
	close(fd);
	wait(NULL);
	return 0;
}
