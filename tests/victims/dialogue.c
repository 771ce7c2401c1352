/* dialogue VERB ...: both ends of connections that ask and answer lines, each a program of its own,
 * for recordings of both.
 *
 * dialogue serve HOW ADDRESS CONNECTIONS   prints its port, then serves so many connections, one
 *   after the other; each answer is "done\n". HOW: whole, by one write; parts, by two; slow, 20 ms
 *   later; works, reads what begins a request and then works for 250 ms before it reads on
 * dialogue ask ADDRESS PORT OWN-PORT CONNECTIONS TURNS WRITES   each turn a line by so many writes;
 *   OWN-PORT 0: the kernel's choice; else each connection ends by a reset, so that the port is free
 */
#include "tests/victims/victim.h"

static const char *how;

static void rest(long ms)
{
	struct timespec time = {0, ms * 1000000};

	while (nanosleep(&time, &time) != 0)
		;
}

static void answer(int fd)
{
	if (strcmp(how, "slow") == 0)
		rest(20);
	if (strcmp(how, "parts") == 0) {
		say(fd, "do");
		say(fd, "ne\n");
	} else {
		say(fd, "done\n");
	}
}

static void serve_one(int fd)
{
	char text[4096];
	ssize_t got;

	while ((got = read(fd, text, sizeof(text))) > 0) {
		if (text[got - 1] == '\n')
			answer(fd);
		else if (strcmp(how, "works") == 0)
			rest(250);
	}
	close(fd);
}

static int listen_on(const char *address)
{
	struct sockaddr_storage own;
	socklen_t length = address_of(address, 0, &own);
	int fd = socket(own.ss_family, SOCK_STREAM, 0);

	NEED(fd >= 0 && bind(fd, (struct sockaddr *)&own, length) == 0 && listen(fd, 16) == 0);
	NEED(getsockname(fd, (struct sockaddr *)&own, &length) == 0);
	mark("%d", ntohs(((struct sockaddr_in *)&own)->sin_port));
	return fd;
}

static void serve(char **argv)
{
	int fd = listen_on(argv[3]);

	how = argv[2];
	for (int i = 0; i < atoi(argv[4]); i++) {
		int one = accept(fd, NULL, NULL);

		NEED(one >= 0);
		serve_one(one);
	}
}

static int connect_from(const char *address, int port, int own_port)
{
	const struct linger at_once = {1, 0};
	const int yes = 1;
	struct sockaddr_storage peer, own;
	socklen_t length = address_of(address, port, &peer);
	int fd = socket(peer.ss_family, SOCK_STREAM, 0);

	NEED(fd >= 0);
	if (own_port) {
		length = address_of("0.0.0.0", own_port, &own);
		NEED(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0);
		NEED(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) == 0);
		NEED(bind(fd, (struct sockaddr *)&own, length) == 0);
	}
	NEED(connect(fd, (struct sockaddr *)&peer, length) == 0);
	return fd;
}

static void ask(char **argv)
{
	const int writes = atoi(argv[7]);

	for (int i = 0; i < atoi(argv[5]); i++) {
		int fd = connect_from(argv[2], atoi(argv[3]), atoi(argv[4]));

		for (int turn = 0; turn < atoi(argv[6]); turn++) {
			for (int w = 1; w < writes; w++)
				say(fd, "please ");
			say(fd, "do\n");
			NEED(hear(fd));
		}
		close(fd);
	}
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "serve") == 0)
		serve(argv);
	else if (argc == 8 && strcmp(argv[1], "ask") == 0)
		ask(argv);
	else
		return 98;
	return 0;
}
