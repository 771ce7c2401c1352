/* Programs with a habit that a finding names, and programs that nearly have it: habits CODE show,
 * habits CODE nearly. They end with status 0; what they do on their sockets is all that counts. */
#include "tests/victims/habits.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <time.h>

static int show; /* or nearly */

/* ---- peers, without the library ---- */

/* 4 kB a millisecond: an aim of the peer's, nobody waits for it to pass. */
static void read_slowly(int fd)
{
	const struct timespec pause = {0, 1000000};

	while (read(fd, buffer, 4096) > 0)
		nanosleep(&pause, NULL);
}

/* Nothing is read until the client is gone. */
static void never_read(int fd)
{
	struct pollfd end = {.fd = fd, .events = POLLRDHUP};

	poll(&end, 1, -1);
}

/* One after the other, so that no queue overflows. */
static void come_and_go(int port)
{
	for (int i = 0; i < 60; i++) {
		int fd = dial(port);
		NEED(read(fd, buffer, sizeof(buffer)) == 0);
		close(fd);
	}
}

static void be_peer(const char *kind)
{
	int port, listener, small = 8192;

	if (strcmp(kind, "crowd") == 0) {
		NEED(scanf("%d", &port) == 1);
		come_and_go(port);
		return;
	}
	listener = listen_at(HERE, &port, 128);
	if (strcmp(kind, "slow") == 0 || strcmp(kind, "deaf") == 0)
		NEED(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)) == 0);
	printf("%d\n", port);
	fflush(stdout);
	for (;;)
		serve_one(listener, strcmp(kind, "slow") == 0	? read_slowly
				    : strcmp(kind, "deaf") == 0 ? never_read
								: answer_lines);
}

/* ---- habits ---- */

static void small_writes(int port)
{
	int fd = dial(port);

	for (int i = 0; i < 200; i++) {
		say(fd, "a line of fifty bytes, as statsd and loggers send it\n", 50);
		if (!show)
			say(fd, "\n", 1), hear(fd);
	}
}

static void bytes_alone(int port)
{
	int fd = dial(port);

	for (int i = 0; i < (show ? 150 : 90); i++)
		say(fd, "ab", 2);
}

/* The last write of a line says that more comes; or the first one does, as it should. */
static void forgotten_more(int port)
{
	int fd = dial(port);

	for (int i = 0; i < 20; i++) {
		NEED(send(fd, "li", 2, show ? 0 : MSG_MORE) == 2);
		NEED(send(fd, "ne\n", 3, show ? MSG_MORE : 0) == 3);
		NEED(read(fd, buffer, sizeof(buffer)) > 0);
	}
}

static void forgotten_cork(int port)
{
	int fd = dial(port), on = 1, off = 0;

	for (int i = 0; i < 12; i++) {
		NEED(setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on)) == 0);
		say(fd, "question\n", 9);
		if (!show || i < 9)
			NEED(setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off)) == 0);
		hear(fd);
	}
}

static void short_queue(int port)
{
	struct peer crowd = start_peer("crowd");
	int listener = listen_at(HERE, &port, show ? 5 : 128);

	dprintf(crowd.to, "%d\n", port);
	for (int i = 0; i < 60; i++)
		close(accept(listener, NULL, NULL));
	NEED(waitpid(crowd.pid, NULL, 0) == crowd.pid);
}

static void connection_a_transaction(int port)
{
	int fd = dial(port);

	for (int i = 0; i < 60; i++) {
		ask(fd);
		if (show) {
			close(fd);
			fd = dial(port);
		}
	}
}

static void name_again(int port)
{
	int fd = dial(port);
	struct addrinfo *found;

	ask(fd);
	for (int i = 0; i < (show ? 12 : 9); i++) {
		NEED(getaddrinfo("localhost", "80", NULL, &found) == 0);
		freeaddrinfo(found);
	}
}

static void big_stream(int port)
{
	int fd = dial(port);

	for (int i = 0; i < 100; i++)
		say(fd, buffer, 8192);
	shutdown(fd, SHUT_WR);
	NEED(recv(fd, buffer, sizeof(buffer), 0) == 0);
}

static void ask_again_at_once(int port)
{
	struct pollfd ready = {.fd = dial(port), .events = POLLIN};

	ask(ready.fd);
	for (int i = 0; i < 150; i++) {
		NEED(recv(ready.fd, buffer, 9, MSG_DONTWAIT) == -1 && errno == EAGAIN);
		if (!show)
			poll(&ready, 1, 1);
	}
	ask(ready.fd);
}

static void set_again(int port)
{
	int fd = dial(port);

	for (int i = 0; i < 120; i++) {
		int value = show || i % 2;
		NEED(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)) == 0);
	}
	ask(fd);
}

/* Waits for leave that does not come; the one that nearly does sleeps for as long. */
static void expect_continue(int port)
{
	const struct timespec second = {1, 0};
	int fd = dial(port);
	struct pollfd leave = {.fd = fd, .events = POLLIN};

	for (int i = 0; i < 2; i++) {
		say(fd, "head", 4);
		if (show)
			NEED(poll(&leave, 1, 1000) == 0);
		else
			nanosleep(&second, NULL);
		ask(fd);
	}
}

static void poll_without_waiting(int port)
{
	struct pollfd ready = {.fd = dial(port), .events = POLLIN};

	ask(ready.fd);
	for (int i = 0; i < (show ? 900 : 400); i++)
		NEED(poll(&ready, 1, 0) == 0);
	ask(ready.fd);
}

static void close_by_reset(int port)
{
	struct linger none = {.l_onoff = show, .l_linger = 0};
	int fd = dial(port);

	NEED(setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none)) == 0);
	while (send(fd, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
		;
	NEED(errno == EAGAIN);
	close(fd);
}

static const struct habit {
	const char *code;
	void (*show)(int port);
	const char *peer, *other_peer; /* other: where it is the peer that makes the difference */
} habit_table[] = {
	{"N03", small_writes, "lines", NULL},
	{"N05", bytes_alone, "lines", NULL},
	{"N06", forgotten_cork, "lines", NULL},
	{"N07", forgotten_more, "lines", NULL},
	{"C03", short_queue, "none", NULL},
	{"C04", connection_a_transaction, "lines", NULL},
	{"D01", name_again, "lines", NULL},
	{"S02", big_stream, "slow", "lines"},
	{"S06", ask_again_at_once, "lines", NULL},
	{"S11", set_again, "lines", NULL},
	{"R05", expect_continue, "lines", NULL},
	{"E01", poll_without_waiting, "lines", NULL},
	{"L03", close_by_reset, "deaf", NULL},
};

static int have(const struct habit *habit)
{
	const char *kind = !show && habit->other_peer ? habit->other_peer : habit->peer;
	struct peer peer;

	memset(buffer, 'x', sizeof(buffer));
	if (strcmp(kind, "none") == 0) {
		habit->show(0);
		return 0;
	}
	peer = start_peer(kind);
	habit->show(port_of(&peer));
	stop_peer(&peer);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	if (strcmp(argv[1], "peer") == 0) {
		be_peer(argv[2]);
		return 0;
	}
	show = strcmp(argv[2], "show") == 0;
	for (size_t i = 0; i < sizeof(habit_table) / sizeof(*habit_table); i++)
		if (strcmp(habit_table[i].code, argv[1]) == 0)
			return have(&habit_table[i]);
	return 2;
}
