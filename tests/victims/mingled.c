/* mingled STALLED IDLE BULK SLOW: ports, and on each a habit, all in one program at once, until it
 * is told to go on: one connection that writes twice and reads; a thousand that do nothing; ten
 * that send as much as they can, in large writes and in small ones; some whose server thinks.
 * mingled listen: a queue of one, which is full. mingled none: no socket at all. mingled
 * many COUNT: so many sockets, connected to each other. */
#include "tests/victims/victim.h"

#include <pthread.h>
#include <sys/resource.h>

enum { IDLE = 100, OWN = 450 /* both ends */, BULK = 10, SLOW = 5, WAITING = 4 };

static int dial_port(const char *port)
{
	NEED(setenv("VICTIM_PORT", port, 1) == 0);
	return dial();
}

static void *stall(void *fd)
{
	char text[100];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	for (unsigned turn = 0; write(*(int *)fd, text, 50) == 50; turn++) {
		NEED(write(*(int *)fd, text + 50, 50) == 50);
		NEED(hear(*(int *)fd));
		if (turn == 3) /* the first two a peer acknowledges at once */
			mark("stalls");
	}
	return NULL;
}

/* A pause now and then, for others want the processor, too. */
static void *send_much(void *fd)
{
	static const char text[100000];

	while (write(*(int *)fd, text, sizeof(text)) > 0)
		usleep(20000);
	return NULL;
}

static void *send_little(void *fd)
{
	static const char text[50];

	while (write(*(int *)fd, text, sizeof(text)) > 0)
		usleep(1000);
	return NULL;
}

static void *ask(void *fd)
{
	do
		say(*(int *)fd, "a question\n");
	while (hear(*(int *)fd));
	return NULL;
}

static void begin(void *(*habit)(void *), const char *port)
{
	int *fd = malloc(sizeof(*fd));
	pthread_t thread;

	NEED(fd);
	*fd = dial_port(port);
	if (habit)
		NEED(pthread_create(&thread, NULL, habit, fd) == 0);
}

/* Returns a listener, of loopback. */
static int hear_at(struct sockaddr_in *at, int backlog)
{
	socklen_t length = sizeof(*at);
	const int listener = socket(AF_INET, SOCK_STREAM, 0);

	*at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	NEED(bind(listener, (struct sockaddr *)at, length) == 0 && listen(listener, backlog) == 0);
	NEED(getsockname(listener, (struct sockaddr *)at, &length) == 0);
	return listener;
}

static void connect_to_itself(int count)
{
	struct sockaddr_in at;
	const int listener = hear_at(&at, 8);

	for (int i = 0; i < count; i++) {
		const int fd = socket(AF_INET, SOCK_STREAM, 0);

		NEED(connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
		NEED(accept(listener, NULL, NULL) >= 0);
	}
	close(listener);
}

static void take_all_descriptors(void)
{
	struct rlimit limit;

	NEED(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = limit.rlim_max;
	NEED(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

static void mingle(char **port)
{
	take_all_descriptors();
	connect_to_itself(OWN);
	for (int i = 0; i < IDLE; i++)
		begin(NULL, port[1]);
	for (int i = 0; i < BULK; i++)
		begin(i % 2 ? send_much : send_little, port[2]);
	for (int i = 0; i < SLOW; i++)
		begin(ask, port[3]);
	begin(stall, port[0]);
}

/* Connections that wait are its own, and asked for without waiting. */
static void fill_queue(void)
{
	struct sockaddr_in at;

	(void)hear_at(&at, 1);
	for (int i = 0; i < WAITING; i++) {
		const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

		NEED(connect(fd, (struct sockaddr *)&at, sizeof(at)) == -1 && errno == EINPROGRESS);
	}
	mark("port %d", ntohs(at.sin_port));
}

int main(int argc, char **argv)
{
	char byte;

	signal(SIGPIPE, SIG_IGN);
	if (argc == 5)
		mingle(argv + 1);
	else if (argc == 2 && strcmp(argv[1], "listen") == 0)
		fill_queue();
	else if (argc == 3) {
		take_all_descriptors();
		connect_to_itself(atoi(argv[2]) / 2);
		mark("there");
	} else
		mark("thread %d", (int)getpid());
	(void)!read(0, &byte, 1);
	_exit(0);
}
