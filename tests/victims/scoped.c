/* scoped VERB [WORDS]: a program that no library reaches. The tests compile it statically, with
 * more than one libc, so it needs nothing of ours.
 *
 * scoped turns ADDRESS PORT TURNS: each turn two small writes, then an answer's line is read;
 * prints how many turns began to wait with something unsent scoped own 4|6 [early|late]: connects
 * to itself and prints the options of all three sockets; early: sets some of its own before, late:
 * after scoped stay: leaves a process behind that waits for its death, prints its number, exits
 * with 3 scoped look: prints what it was started with that it did not ask for scoped dies: by
 * SIGKILL scoped exec COMMAND...: becomes it */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNSENT 0x894B /* SIOCOUTQNSD */

#define NEED(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			printf("%s, errno %d\n", #condition, errno);                               \
			exit(9);                                                                   \
		}                                                                                  \
	} while (0)

static int option(int fd, int level, int name)
{
	int value = 0;
	socklen_t length = sizeof(value);

	NEED(getsockopt(fd, level, name, &value, &length) == 0);
	return value;
}

/* ---- turns ---- */

static void turns(const char *address, int port, int count)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), kept = 0;

	NEED(inet_pton(AF_INET, address, &to.sin_addr) == 1);
	NEED(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	for (int i = 0; i < count; i++) {
		char answer[8] = "";
		int unsent = 0;

		NEED(write(fd, "a question", 10) == 10);
		NEED(write(fd, " in two\n", 8) == 8);
		NEED(ioctl(fd, UNSENT, &unsent) == 0);
		kept += unsent > 0;
		NEED(read(fd, answer, 3) == 3);
	}
	printf("nodelay %d, kept %d of %d\n", option(fd, IPPROTO_TCP, TCP_NODELAY), kept, count);
	close(fd);
}

/* ---- options ---- */

static void print(const char *what, int fd, int v6)
{
	char word[16] = "";
	socklen_t length = sizeof(word);

	NEED(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, word, &length) == 0);
	printf("%s: nodelay %d keepalive %d keepcnt %d keepidle %d user_timeout %d lowat %d "
	       "priority %d mark %d tos %d rcvbuf %d congestion %s\n",
		what, option(fd, IPPROTO_TCP, TCP_NODELAY), option(fd, SOL_SOCKET, SO_KEEPALIVE),
		option(fd, IPPROTO_TCP, TCP_KEEPCNT), option(fd, IPPROTO_TCP, TCP_KEEPIDLE),
		option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT),
		option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT), option(fd, SOL_SOCKET, SO_PRIORITY),
		option(fd, SOL_SOCKET, SO_MARK),
		v6 ? option(fd, IPPROTO_IPV6, IPV6_TCLASS) : option(fd, IPPROTO_IP, IP_TOS),
		option(fd, SOL_SOCKET, SO_RCVBUF), word);
}

/* Some of what rules set, too. */
static void set_ours(int fd)
{
	int yes = 1, count = 7;

	NEED(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) == 0);
	NEED(setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count)) == 0);
}

static void own(int v6, const char *when)
{
	struct sockaddr_in6 at6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in at4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr *at = v6 ? (struct sockaddr *)&at6 : (struct sockaddr *)&at4;
	socklen_t length = v6 ? sizeof(at6) : sizeof(at4);
	const int family = v6 ? AF_INET6 : AF_INET;
	int listener = socket(family, SOCK_STREAM, 0), client = socket(family, SOCK_STREAM, 0), fd;

	NEED(bind(listener, at, length) == 0);
	if (strcmp(when, "early") == 0) {
		set_ours(listener);
		set_ours(client);
	}
	NEED(listen(listener, 4) == 0 && getsockname(listener, at, &length) == 0);
	NEED(connect(client, at, length) == 0);
	fd = accept(listener, NULL, NULL);
	NEED(fd >= 0);
	if (strcmp(when, "late") == 0) {
		set_ours(client);
		set_ours(fd);
	}
	print("listener", listener, v6);
	print("client", client, v6);
	print("accepted", fd, v6);
}

/* ---- life ---- */

static void stay(void)
{
	const pid_t child = fork();

	NEED(child >= 0);
	if (child == 0) {
		setsid();
		for (int fd = 0; fd < 3; fd++)
			close(fd);
		for (;;)
			pause();
	}
	printf("%d\n", (int)child);
	exit(3);
}

static void look(void)
{
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;
	int count = 0, status;

	NEED(folder);
	while ((entry = readdir(folder)))
		count += entry->d_name[0] != '.';
	printf("%d descriptors", count);
	NEED(waitpid(-1, &status, 0) == -1);
	printf(", %s", errno == ECHILD ? "no child" : "a child");
	printf(", %s, %s\n", getenv("LD_PRELOAD") ? "LD_PRELOAD" : "no LD_PRELOAD",
		getenv("SOCKFIX_RULES") ? "SOCKFIX_RULES" : "no SOCKFIX_RULES");
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (strcmp(verb, "turns") == 0 && argc == 5)
		turns(argv[2], atoi(argv[3]), atoi(argv[4]));
	else if (strcmp(verb, "own") == 0 && argc > 2)
		own(atoi(argv[2]) == 6, argc > 3 ? argv[3] : "");
	else if (strcmp(verb, "stay") == 0)
		stay();
	else if (strcmp(verb, "look") == 0)
		look();
	else if (strcmp(verb, "dies") == 0)
		raise(SIGKILL);
	else if (strcmp(verb, "exec") == 0)
		execv(argv[2], argv + 2);
	else
		return 8;
	return 0;
}
