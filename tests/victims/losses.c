/* losses ROLE KIND TURNS PORT [nodelay]: messages that are written well or badly, and what they
 * lost by the kernel's own clock. A client dials the peer; a server prints the port that it listens
 * on (PORT, 0: any), and its client speaks first. What stood unsent after the last write of a
 * message was held until the kernel last sent data (tcpi_last_data_sent), which it is asked right
 * after the next word of the peer. "#lost" is in microseconds. */
#include "tests/victims/victim.h"

#include <pthread.h>

static int fd;

/* When the kernel last sent data. */
static long last_sent(void)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof(info);

	NEED(raw(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, (long)&info, (long)&length, 0) == 0);
	return microseconds() - (long)info.tcpi_last_data_sent * 1000;
}

/* ---- kinds of messages ---- */

static void set_cork(int on)
{
	NEED(setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on)) == 0);
}

static void say_more(const char *text)
{
	NEED(send(fd, text, strlen(text), MSG_MORE) == (ssize_t)strlen(text));
}

static void joined(void)
{
	say(fd, "a message of one write\n");
}

static void parts(void)
{
	say(fd, "a message ");
	say(fd, "of two writes\n");
}

static void many(void)
{
	say(fd, "a message ");
	say(fd, "of ");
	say(fd, "more ");
	say(fd, "writes\n");
}

static void *rest_of_message(void *unused)
{
	say(fd, "by two threads\n");
	return unused;
}

static void threads(void)
{
	pthread_t thread;

	say(fd, "a message ");
	NEED(pthread_create(&thread, NULL, rest_of_message, NULL) == 0);
	NEED(pthread_join(thread, NULL) == 0);
}

/* The cork stays on: what follows is kept as well. */
static void corked(void)
{
	set_cork(1);
	parts();
}

static void uncorked(void)
{
	corked();
	set_cork(0);
}

/* It works meanwhile, and waits for nobody. */
static void uncorked_late(void)
{
	corked();
	usleep(50000);
	set_cork(0);
}

static void more(void)
{
	say(fd, "a message ");
	say_more("that goes on, it says\n");
}

static void more_well(void)
{
	say_more("a message ");
	say(fd, "that went on\n");
}

/* Through stdio, whose calls nobody sees. */
static void say_by_stdio(const char *text)
{
	static FILE *stream;

	if (!stream)
		stream = fdopen(fd, "w");
	NEED(stream && fputs(text, stream) >= 0 && fflush(stream) == 0);
}

static void stdio(void)
{
	say_by_stdio("a message of one write\n");
}

static void stdio_parts(void)
{
	say_by_stdio("a message ");
	say_by_stdio("of two writes\n");
}

static const struct {
	const char *name;
	void (*say)(void);
} kind_table[] = {
	{"joined", joined},
	{"stdio", stdio},
	{"stdio-parts", stdio_parts},
	{"parts", parts},
	{"many", many},
	{"threads", threads},
	{"corked", corked},
	{"uncorked", uncorked},
	{"uncorked-late", uncorked_late},
	{"more", more},
	{"more-well", more_well},
};

static void (*kind_of(const char *name))(void)
{
	for (size_t i = 0; i < COUNT_OF(kind_table); i++)
		if (strcmp(kind_table[i].name, name) == 0)
			return kind_table[i].say;
	die("no such kind");
	return NULL;
}

/* ---- roles ---- */

static int accept_one(int port)
{
	struct sockaddr_storage address;
	socklen_t length = address_of("127.0.0.1", port, &address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

	NEED(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0);
	NEED(bind(listener, (struct sockaddr *)&address, length) == 0);
	NEED(listen(listener, 8) == 0);
	NEED(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
	mark("%d", ntohs(((struct sockaddr_in *)&address)->sin_port));
	return accept(listener, NULL, NULL);
}

/* A word of the peer's may come in parts. Returns when data was last sent before the first. */
static long listen_to_peer(void)
{
	char word[64];
	ssize_t got = read(fd, word, sizeof(word));
	const long sent = last_sent();

	NEED(got > 0);
	if (word[got - 1] != '\n')
		NEED(hear(fd));
	return sent;
}

static void begin(const char *role, int port)
{
	if (strcmp(role, "client") == 0) {
		fd = dial();
		return;
	}
	fd = accept_one(port);
	NEED(fd >= 0);
	listen_to_peer();
}

int main(int argc, char **argv)
{
	long lost = 0;
	const int yes = 1;
	void (*message)(void);

	NEED(argc == 5 || argc == 6);
	message = kind_of(argv[2]);
	begin(argv[1], atoi(argv[4]));
	if (argc == 6)
		NEED(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) == 0);
	for (int i = atoi(argv[3]); i > 0; i--) {
		long written, left;
		int held;

		message();
		written = microseconds();
		held = unsent(fd) > 0;
		left = listen_to_peer();
		lost += held && left > written ? left - written : 0;
	}
	mark("#lost %ld", lost);
	return 0;
}
