/* mingled STALLED IDLE BULK SLOW: ports, and on each a habit, all in one program at once, until it
 * is told to go on: one connection that writes twice and reads; a hundred that do nothing; some
 * that send as much as they can, in large writes and in small ones; some whose server thinks.
 * mingled listen: a queue of one, which is full. mingled none: no socket at all. */
#include "tests/victims/victim.h"

#include <pthread.h>

enum { IDLE = 100, BULK = 4, SLOW = 5, WAITING = 4 };

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
		usleep(2000);
	return NULL;
}

static void *send_little(void *fd)
{
	static const char text[50];

	while (write(*(int *)fd, text, sizeof(text)) > 0)
		usleep(200);
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

static void mingle(char **port)
{
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
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof(at);
	const int listener = socket(AF_INET, SOCK_STREAM, 0);

	NEED(bind(listener, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(listener, 1) == 0);
	NEED(getsockname(listener, (struct sockaddr *)&at, &length) == 0);
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
	else
		mark("thread %d", (int)getpid());
	(void)!read(0, &byte, 1);
	_exit(0);
}
