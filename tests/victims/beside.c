/* beside ADDRESS PORT WHAT: a program that no library reaches, for test_beside.c. WHAT is
 * traces: prints what a parent could have left in it.
 * stalls: a connection stalls and another does not, until an option comes to one; says to which.
 * idle: waits until SO_KEEPALIVE comes to its connection.
 * connects: connections of one turn each, for a tenth of a second; any call that fails ends it. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <netinet/tcp.h>

static struct sockaddr_in peer = {.sin_family = AF_INET};

static int need(int answer, const char *call)
{
	if (answer >= 0)
		return answer;
	printf("%s: %s\n", call, strerror(errno));
	exit(1);
}

static int dial(void)
{
	const int fd = need(socket(AF_INET, SOCK_STREAM, 0), "socket");

	need(connect(fd, (const struct sockaddr *)&peer, sizeof(peer)), "connect");
	return fd;
}

/* A turn of two writes, or of one. */
static void turn(int fd, int writes)
{
	char text[200] = {0};

	for (int i = 0; i < writes; i++)
		need((int)write(fd, text, sizeof(text) / (size_t)writes), "write");
	for (int got = 0; got < 3;)
		got += need((int)read(fd, text, 3), "read");
}

static int has(int fd, int level, int option)
{
	int value = 0;
	socklen_t size = sizeof(value);

	need(getsockopt(fd, level, option, &value, &size), "getsockopt");
	return value;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void stalls(void)
{
	const int stalled = dial(), fine = dial();
	const double end = seconds() + 60;

	while (!has(stalled, IPPROTO_TCP, TCP_NODELAY) && seconds() < end) {
		turn(stalled, 2);
		turn(fine, 1);
	}
	for (int i = 0; i < 50; i++)
		turn(stalled, 2);
	printf("stalled %d fine %d\n", has(stalled, IPPROTO_TCP, TCP_NODELAY),
		has(fine, IPPROTO_TCP, TCP_NODELAY));
}

static void idle(void)
{
	const int fd = dial();
	const double end = seconds() + 60;

	while (!has(fd, SOL_SOCKET, SO_KEEPALIVE) && seconds() < end)
		usleep(1000);
	printf("keepalive %d nodelay %d\n", has(fd, SOL_SOCKET, SO_KEEPALIVE),
		has(fd, IPPROTO_TCP, TCP_NODELAY));
}

static void connects(void)
{
	const double end = seconds() + 0.1;
	int count = 0;

	for (; seconds() < end || !count; count++) {
		const int fd = dial();

		turn(fd, 1);
		need(close(fd), "close");
	}
	printf("fine\n");
}

static void traces(void)
{
	struct dirent *entry;
	sigset_t pending;
	char line[256];
	FILE *status = fopen("/proc/self/status", "r");
	DIR *fds = opendir("/proc/self/fd");
	int open = 0;

	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, "Sig", 3) == 0 || strncmp(line, "Shd", 3) == 0 ||
			strncmp(line, "TracerPid", 9) == 0)
			fputs(line, stdout);
	while (fds && (entry = readdir(fds)))
		open++;
	sigpending(&pending);
	printf("%d descriptors, child ended %d, wait %d", open, sigismember(&pending, SIGCHLD),
		(int)waitpid(-1, NULL, __WALL));
	printf(" %s, group %d session %d\n", strerror(errno), getpgrp() == getpid(),
		getsid(0) == getpid());
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*what)(void);
	} table[] = {
		{"stalls", stalls}, {"idle", idle}, {"connects", connects}, {"traces", traces}};

	if (argc != 4)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	peer.sin_port = htons((uint16_t)atoi(argv[2]));
	inet_pton(AF_INET, argv[1], &peer.sin_addr);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (strcmp(argv[3], table[i].name) == 0)
			table[i].what();
	return 0;
}
