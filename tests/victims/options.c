/* Prints options as the program sees them and, by raw calls, as the kernel has them.
 * options client|server|nonblocking [set] [server]: "set" sets some by itself before connecting. */
#include "tests/victims/victim.h"

static const struct {
	const char *name;
	int level, option;
} shown[] = {
	{"tcp_nodelay", IPPROTO_TCP, TCP_NODELAY},
	{"so_keepalive", SOL_SOCKET, SO_KEEPALIVE},
	{"tcp_keepidle", IPPROTO_TCP, TCP_KEEPIDLE},
	{"tcp_keepintvl", IPPROTO_TCP, TCP_KEEPINTVL},
	{"tcp_user_timeout", IPPROTO_TCP, TCP_USER_TIMEOUT},
	{"so_priority", SOL_SOCKET, SO_PRIORITY},
	{"ip_tos", IPPROTO_IP, IP_TOS},
	{"so_rcvbuf", SOL_SOCKET, SO_RCVBUF},
	{"so_sndbuf", SOL_SOCKET, SO_SNDBUF},
};

/* "program:" lines are compared with the bare run, "#kernel:" lines are not. */
static void show(int fd, const char *when)
{
	for (size_t i = 0; i < COUNT_OF(shown); i++) {
		int program = -1, kernel = -1;
		socklen_t length = sizeof(program);

		NEED(getsockopt(fd, shown[i].level, shown[i].option, &program, &length) == 0);
		NEED(raw(SYS_getsockopt, fd, shown[i].level, shown[i].option, (long)&kernel,
			     (long)&length, 0) == 0);
		/* The kernel tunes these two by itself: no two runs need agree. */
		if (shown[i].option == SO_RCVBUF || shown[i].option == SO_SNDBUF)
			mark("#program: %s %s %d", when, shown[i].name, program);
		else
			mark("program: %s %s %d", when, shown[i].name, program);
		mark("#kernel: %s %s %d", when, shown[i].name, kernel);
	}
}

static void set(int fd, int level, int option, int value)
{
	mark("set %d", setsockopt(fd, level, option, &value, sizeof(value)));
}

static void set_some(int fd)
{
	struct linger now = {1, 0};

	set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 50);
	set(fd, SOL_SOCKET, SO_RCVBUF, 5000);
	NEED(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)) == 0);
}

static void talk(int fd)
{
	char text[4];

	show(fd, "connected");
	for (int i = 0; i < 3; i++) {
		say(fd, "line\n");
		NEED(recv(fd, text, 3, MSG_WAITALL) == 3);
	}
	show(fd, "used");
	NEED(close(fd) == 0);
}

static void serve(int ask)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	socklen_t length = sizeof(here);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (ask)
		set_some(listener);
	NEED(bind(listener, (struct sockaddr *)&here, length) == 0 && listen(listener, 5) == 0);
	NEED(getsockname(listener, (struct sockaddr *)&here, &length) == 0);
	mark("#listens %d", ntohs(here.sin_port));
	talk(accept(listener, NULL, NULL));
}

static void call(int type, int ask)
{
	struct sockaddr_storage address;
	socklen_t length = peer_address(&address);
	int fd = socket(address.ss_family, SOCK_STREAM | type, 0);

	if (ask)
		set_some(fd);
	show(fd, "new");
	if (connect(fd, (struct sockaddr *)&address, length) != 0)
		NEED(errno == EINPROGRESS && poll(&(struct pollfd){fd, POLLOUT, 0}, 1, -1) == 1);
	NEED(fcntl(fd, F_SETFL, 0) == 0);
	talk(fd);
}

int main(int argc, char **argv)
{
	int ask = argc > 2 && strcmp(argv[2], "set") == 0;

	NEED(argc > 1);
	if (strcmp(argv[1], "server") == 0)
		serve(ask);
	else
		call(strcmp(argv[1], "nonblocking") == 0 ? SOCK_NONBLOCK : 0, ask);
	return 0;
}
