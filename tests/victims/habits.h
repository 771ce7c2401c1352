/* What programs with a habit share: how they dial and ask, and their peer, which is a child of
 * their own program without the library, so that only one side is recorded. */
#ifndef VICTIM_HABITS_H
#define VICTIM_HABITS_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEED(condition)                                                                            \
	do                                                                                         \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition,         \
				strerror(errno));                                                  \
			_exit(3);                                                                  \
		}                                                                                  \
	while (0)

#define HERE "127.0.0.1"

static char buffer[1 << 16];

static inline struct sockaddr_in address_at(const char *host, int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	NEED(inet_pton(AF_INET, host, &address.sin_addr) == 1);
	return address;
}

/* With an option of SOL_SOCKET set first, unless it is 0. */
static inline int dial_with(const char *host, int port, int option, int value)
{
	struct sockaddr_in address = address_at(host, port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	NEED(fd >= 0);
	NEED(!option || setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value)) == 0);
	NEED(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

static inline int dial(int port)
{
	return dial_with(HERE, port, 0, 0);
}

static inline int listen_at(const char *host, int *port, int backlog)
{
	struct sockaddr_in address = address_at(host, 0);
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	NEED(fd >= 0 && bind(fd, (struct sockaddr *)&address, length) == 0);
	NEED(listen(fd, backlog) == 0);
	NEED(getsockname(fd, (struct sockaddr *)&address, &length) == 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static inline void say(int fd, const char *text, size_t length)
{
	NEED(send(fd, text, length, MSG_NOSIGNAL) == (ssize_t)length);
}

static inline void hear(int fd)
{
	NEED(recv(fd, buffer, sizeof(buffer), 0) > 0);
}

static inline void ask(int fd)
{
	say(fd, "question\n", 9);
	hear(fd);
}

/* "ok\n" for each line, until the client is gone. */
static inline void answer_lines(int fd)
{
	ssize_t got;

	while ((got = read(fd, buffer, sizeof(buffer))) > 0)
		for (ssize_t i = 0; i < got; i++)
			if (buffer[i] == '\n')
				say(fd, "ok\n", 3);
}

static inline void serve_one(int listener, void (*serve)(int fd))
{
	int fd = accept(listener, NULL, NULL);

	NEED(fd >= 0);
	serve(fd);
	close(fd);
}

struct peer {
	pid_t pid;
	int to, from;
};

static inline struct peer start_peer(const char *kind)
{
	int to[2], from[2];
	struct peer peer;

	NEED(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0);
	peer.pid = fork();
	if (peer.pid == 0) {
		unsetenv("LD_PRELOAD");
		unsetenv("SOCKFIX_TRACE");
		NEED(dup2(to[0], 0) == 0 && dup2(from[1], 1) == 1);
		execl("/proc/self/exe", "habits", "peer", kind, (char *)NULL);
		_exit(3);
	}
	close(to[0]);
	close(from[1]);
	peer.to = to[1];
	peer.from = from[0];
	return peer;
}

static inline int port_of(const struct peer *peer)
{
	char line[16] = "";

	NEED(read(peer->from, line, sizeof(line) - 1) > 0);
	return atoi(line);
}

static inline void stop_peer(const struct peer *peer)
{
	NEED(kill(peer->pid, SIGKILL) == 0 && waitpid(peer->pid, NULL, 0) == peer->pid);
}

#endif
