/* Nanoseconds a call, the least of twenty rounds: on descriptors that are not ours and on a settled
 * flow. One line a row, 'NAME NANOSECONDS'; run.sh sets bare and sockfix side by side. */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 20
#define CALLS  100000

static int file, zero, pipe_end[2], client, server;
static char byte;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void write_file(void)
{
	if (write(file, &byte, 1) != 1)
		abort();
}

static void read_file(void)
{
	if (read(zero, &byte, 1) != 1)
		abort();
}

static void write_and_read_pipe(void)
{
	if (write(pipe_end[1], &byte, 1) != 1 || read(pipe_end[0], &byte, 1) != 1)
		abort();
}

static void close_nothing(void)
{
	close(-1);
}

static void poll_nothing(void)
{
	struct pollfd none = {.fd = client, .events = POLLIN};

	poll(&none, 1, 0);
}

static void recv_nothing(void)
{
	recv(client, &byte, 1, MSG_DONTWAIT);
}

static void send_nothing(void)
{
	if (send(client, &byte, 0, 0) != 0)
		abort();
}

static void measure(const char *name, void (*call)(void))
{
	double least = 1e18;

	for (int round = 0; round < ROUNDS; round++) {
		double took = now();

		for (int i = 0; i < CALLS; i++)
			call();
		took = (now() - took) / CALLS;
		least = took < least ? took : least;
	}
	printf("%s %.1f\n", name, least);
}

static void connect_pair(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	client = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1) ||
		getsockname(listener, (struct sockaddr *)&address, &length) ||
		connect(client, (struct sockaddr *)&address, length))
		abort();
	server = accept(listener, NULL, NULL);
}

int main(void)
{
	file = open("/dev/null", O_WRONLY);
	zero = open("/dev/zero", O_RDONLY);
	if (file < 0 || zero < 0 || pipe(pipe_end) != 0)
		return 1;
	connect_pair();
	measure("write,file", write_file);
	measure("read,file", read_file);
	measure("write+read,pipe", write_and_read_pipe);
	measure("close,nothing", close_nothing);
	measure("poll,at-once", poll_nothing);
	measure("recv,flow", recv_nothing);
	measure("send,flow", send_nothing);
	return 0;
}
